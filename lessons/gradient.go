package lessons

// CheckGradient checks Gradient(logits, label), the derivatives of the
// cross-entropy from logits: softmax(logits) minus the one-hot label.
func CheckGradient(gradient func(logits []float64, label int) []float64) error {
	return checkGradient(gradient,
		logitsCase{[]float64{1, 2, 3}, 0},
		logitsCase{[]float64{0, 0}, 1},
	)
}

// CheckGradientFurther checks Gradient on large logits and on random ones, whose
// derivatives must sum to 0.
func CheckGradientFurther(gradient func(logits []float64, label int) []float64) error {
	cases := []logitsCase{
		{[]float64{1000, 1001, 999}, 2},
		{[]float64{-1000, 0, 1000}, 0},
		{[]float64{3}, 0},
		{make([]float64, 10), 9},
	}
	random := newRandom(13)
	for range 20 {
		z := make([]float64, 10)
		for i := range z {
			z[i] = 4 * random.NormFloat64()
		}
		cases = append(cases, logitsCase{z, random.IntN(10)})
	}
	return checkGradient(gradient, cases...)
}

func checkGradient(gradient func(logits []float64, label int) []float64, cases ...logitsCase) error {
	for _, k := range cases {
		z, label := k.logits, k.label
		call := callOf("Gradient", z, label)
		var got []float64
		if err := call.run(func() { got = gradient(z, label) }); err != nil {
			return err
		}
		want := lossGradient(z, label)
		if alikeAll(got, want) {
			continue
		}
		if len(got) != len(z) {
			return call.wrong(got, want, "there is a derivative for each of the %d logits, not %d", len(z), len(got))
		}
		p := softmaxOf(z)
		negative, mean := make([]float64, len(z)), make([]float64, len(z))
		sigmoid, logarithm := make([]float64, len(z)), make([]float64, len(z))
		raw, onlyLabel, added := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
		predicted, one := make([]float64, len(z)), make([]float64, len(z))
		for i := range z {
			negative[i] = -want[i]
			mean[i] = want[i] / float64(len(z))
			sigmoid[i] = p[i] * (1 - p[i])
			added[i] = p[i] - (want[i] - p[i])
			raw[i] = z[i] + want[i] - p[i]
			predicted[i] = p[i]
			one[i] = p[i] - 1
		}
		predicted[largest(z)]--
		onlyLabel[label] = want[label]
		logarithm[label] = -1 / p[label]
		cause := likelyCause(got, alikeAll, "the derivative is the probability of each class, less 1 for the right one",
			mistake[[]float64]{negative, "the sign is wrong: softmax minus one-hot. A gradient points to where the loss grows, and the loss shrinks when the right logit grows"},
			mistake[[]float64]{p, "these are the probabilities; subtract 1 from that of the right class"},
			mistake[[]float64]{predicted, "the 1 is subtracted from the most probable class; subtract it from the class of the label"},
			mistake[[]float64]{one, "1 is subtracted from every class; subtract it from the right one only"},
			mistake[[]float64]{added, "1 is added to the right class; subtract it"},
			mistake[[]float64]{onlyLabel, "only the right class has a derivative here; the other logits change the loss, too, through the sum below the fraction line"},
			mistake[[]float64]{logarithm, "this is the derivative by the probability, -1/p; the one by the logit goes on through softmax, and comes to p - 1"},
			mistake[[]float64]{sigmoid, "p(1-p) is the derivative of the sigmoid; the loss has a logarithm around it, and the derivative becomes p - y"},
			mistake[[]float64]{mean, "divided by the number of classes; leave that out"},
			mistake[[]float64]{raw, "the logits are used as they are; put them through softmax first"},
		)
		if countNaN(got) > 0 {
			cause = "an exponential became +Inf; use your stable softmax, which subtracts the largest logit first"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// lossGradient is the reference: ∂/∂z of logitLoss.
func lossGradient(z []float64, label int) []float64 {
	g := softmaxOf(z)
	g[label]--
	return g
}
