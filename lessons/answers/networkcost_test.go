package answers

import (
	"fmt"
	"testing"

	. "fashionlab/fashion"
	"fashionlab/lessons"
)

func TestNetworkCostChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(channels []int, kernel, hidden int) (parameters, multiplications int)
	with := func(slip costSlip) f {
		return func(channels []int, kernel, hidden int) (int, int) {
			return networkCost(costCase{channels, kernel, hidden}, slip)
		}
	}
	testChecks(t, []func(f) error{lessons.CheckNetworkCost, CheckNetworkCostFurther}, with(countsRight),
		wrongAnswer[f]{"no biases", with(forgetsBiases), "the biases are missing"},
		wrongAnswer[f]{"no batch norm", with(forgetsNorms), "batch norm is missing"},
		wrongAnswer[f]{"running averages", with(countsRunning), "running mean and variance"},
		wrongAnswer[f]{"no pooling", with(neverPools), "never get smaller"},
		wrongAnswer[f]{"after the pooling", with(countsAfterPooling), "works on the image before the pooling"},
		wrongAnswer[f]{"linear before the pooling", with(countsLinearBeforePooling), "comes after the last pooling"},
		wrongAnswer[f]{"no last layer", with(forgetsLast), "the last linear layer"},
		wrongAnswer[f]{"no hidden layer", with(forgetsHidden), "the hidden layer is missing"},
		wrongAnswer[f]{"biases as products", with(countsBiasesAsProducts), "counted as multiplications"},
		wrongAnswer[f]{"no products of the linear layers", with(forgetsLinearProducts), "of the linear layers are missing"},
		wrongAnswer[f]{"nothing", func([]int, int, int) (int, int) { return 0, 0 }, "each block has"},
		wrongAnswer[f]{"exchanged", func(c []int, k, h int) (int, int) {
			p, m := networkCost(costCase{c, k, h}, countsRight)
			return p, m + 1
		}, "each convolution has"},
		wrongAnswer[f]{"stub", func([]int, int, int) (int, int) { panic(stubPanic) }, "not written yet"},
	)
}

func TestTheReferenceCountsTheParametersThatTheLibraryHas(t *testing.T) {
	for _, k := range []costCase{{[]int{24, 48, 96}, 3, 0}, {[]int{24, 48, 96}, 3, 200}, {[]int{5, 7}, 5, 0}} {
		var parts []Part
		in, size := 1, 28
		for i, out := range k.channels {
			parts = append(parts, Block(fmt.Sprintf("conv%d", i+1), Conv2D(in, out, k.kernel, Padding((k.kernel-1)/2)), BatchNorm2D(out), ReLU(), MaxPool2D(2)))
			in, size = out, size/2
		}
		parts = append(parts, Flatten())
		values := in * size * size
		if k.hidden > 0 {
			parts = append(parts, Block("fc", Linear(values, k.hidden), BatchNorm1D(k.hidden), ReLU()))
			values = k.hidden
		}
		model := NewModel("predicted", append(parts, Named("out", Linear(values, 10)))...)
		if got, _ := networkCost(k, countsRight); got != model.NumParameters() {
			t.Errorf("%v: %d parameters, the library has %d", k, got, model.NumParameters())
		}
	}
}
