package answers

import "fashionlab/lessons"

// A costCase describes a network by few numbers.
type costCase struct {
	channels       []int
	kernel, hidden int
}

// costSlip is a typical mistake in counting what a network costs.
type costSlip int

const (
	countsRight costSlip = iota
	forgetsBiases
	forgetsNorms
	neverPools
	countsAfterPooling
	countsLinearBeforePooling
	forgetsLast
	forgetsHidden
	countsBiasesAsProducts
	countsRunning
	forgetsLinearProducts
)

// networkCost counts the parameters and multiplications of a network.
func networkCost(k costCase, slip costSlip) (parameters, multiplications int) {
	size, in := 28, 1
	bias, norm := 1, 2
	switch slip {
	case forgetsBiases:
		bias = 0
	case forgetsNorms:
		norm = 0
	case countsRunning:
		norm = 4
	}
	before := size
	for _, out := range k.channels {
		pooled := size / 2
		if slip == neverPools {
			pooled = size
		}
		places := size * size
		if slip == countsAfterPooling {
			places = pooled * pooled
		}
		products := in * k.kernel * k.kernel
		parameters += out*(products+bias) + norm*out
		multiplications += out * products * places
		if slip == countsBiasesAsProducts {
			multiplications += out * places
		}
		before, size, in = size, pooled, out
	}
	if slip == countsLinearBeforePooling {
		size = before
	}
	linear := func(in, out int) {
		parameters += out * (in + bias)
		if slip != forgetsLinearProducts {
			multiplications += in * out
		}
		if slip == countsBiasesAsProducts {
			multiplications += out
		}
	}
	values := in * size * size
	if k.hidden > 0 && slip != forgetsHidden {
		linear(values, k.hidden)
		parameters += norm * k.hidden
		values = k.hidden
	}
	if slip != forgetsLast {
		linear(values, 10)
	}
	return parameters, multiplications
}

var costCauses = []struct {
	slip  costSlip
	cause string
}{
	{forgetsBiases, "the biases are missing: one for each output channel, and one for each output of a linear layer"},
	{forgetsNorms, "batch norm is missing: it has two parameters for each channel or hidden unit"},
	{countsRunning, "batch norm's running mean and variance are counted; they are not learnt, so it has two parameters for each channel"},
	{neverPools, "the images never get smaller: after each convolution the pooling halves the size, 28, 14, 7, 3"},
	{countsAfterPooling, "the convolution works on the image before the pooling, so it has size·size places with the larger size"},
	{countsLinearBeforePooling, "the linear layer comes after the last pooling, so it takes channels·size·size values with the smaller size"},
	{forgetsLast, "the last linear layer, to 10 logits, is missing"},
	{forgetsHidden, "the hidden layer is missing: if `hidden` is not 0, there is a linear layer to that many units, with batch norm, before the last one"},
	{countsBiasesAsProducts, "the biases are counted as multiplications; they are added"},
	{forgetsLinearProducts, "the multiplications of the linear layers are missing: one for each weight"},
}

func visibleNetworkCost() []lessons.Case {
	return each(networkCostCaseOf,
		costCase{[]int{4, 7}, 3, 0},
		costCase{[]int{4, 8, 10}, 3, 0},
		costCase{[]int{5, 7}, 5, 20})
}

// CheckNetworkCostFurther checks four blocks, one block with a hidden layer, and kernels of one pixel.
func CheckNetworkCostFurther(f func(channels []int, kernel, hidden int) (parameters, multiplications int)) error {
	return check("NetworkCost", f, networkCostCaseOf,
		costCase{[]int{8, 12, 16, 20}, 3, 0},
		costCase{[]int{9}, 5, 33},
		costCase{[]int{3, 2, 5}, 1, 0},
		costCase{[]int{24, 48, 96}, 3, 200})
}

// networkCostCaseOf is a call, with the right results and those of typical mistakes.
func networkCostCaseOf(k costCase) lessons.Case {
	parameters, multiplications := networkCost(k, countsRight)
	var ofParameters, ofMultiplications []lessons.Cause
	for _, known := range costCauses {
		p, m := networkCost(k, known.slip)
		if p != parameters {
			ofParameters = append(ofParameters, lessons.Gives(p, "%s", known.cause))
		}
		if p == parameters && m != multiplications {
			ofMultiplications = append(ofMultiplications, lessons.Gives(m, "%s", known.cause))
		}
	}
	return lessons.Case{
		Arguments: []any{k.channels, k.kernel, k.hidden},
		Results: []lessons.Result{
			{Verb: "gives {got} parameters", Want: parameters, Causes: append(ofParameters,
				lessons.Otherwise("each block has out·(in·kernel² + 1) parameters and 2·out of batch norm, and the linear layers follow"))},
			{Verb: "gives {got} multiplications", Want: multiplications, Causes: append(ofMultiplications,
				lessons.Otherwise("each convolution has out·size·size·in·kernel² multiplications with the size before its pooling, and each linear layer in·out"))},
		},
	}
}
