package lessons

// CheckBestEpoch checks BestEpoch(validationLosses): the epoch, counted from 1, after
// which the validation loss was lowest; the first of equal ones.
func CheckBestEpoch(best func(validationLosses []float64) int) error {
	return checkBestEpoch(best, []float64{0.9, 0.7, 0.75, 0.6, 0.64, 0.8})
}

// CheckBestEpochFurther checks BestEpoch where the loss falls to the end, rises
// from the start, or is lowest twice.
func CheckBestEpochFurther(best func(validationLosses []float64) int) error {
	return checkBestEpoch(best,
		[]float64{2, 1.5, 1.2, 1.1, 1},
		[]float64{0.5, 0.6, 0.7},
		[]float64{0.8, 0.4, 0.6, 0.4, 0.5},
		[]float64{1.5},
		[]float64{900, 800, 850, 950},
	)
}

func checkBestEpoch(best func(validationLosses []float64) int, cases ...[]float64) error {
	for _, losses := range cases {
		call := callOf("BestEpoch", losses)
		var got int
		if err := call.run(func() { got = best(losses) }); err != nil {
			return err
		}
		want := bestEpochOf(losses)
		if got == want {
			continue
		}
		last, firstRise := want, len(losses)
		for i, loss := range losses {
			if loss == losses[want-1] {
				last = i + 1
			}
			if firstRise == len(losses) && i+1 < len(losses) && losses[i+1] > loss {
				firstRise = i + 1
			}
		}
		cause := "look for the smallest loss; its epoch is its position plus 1"
		switch got {
		case last:
			cause = "the loss is equally low there, but it was so before; the first of equal ones counts, since it took less training"
		case want - 1:
			cause = "that is its position, counted from 0; epochs are counted from 1"
		case largest(losses) + 1:
			cause = "the loss is largest there; the smallest one is best"
		case firstRise:
			cause = "the loss rises for the first time behind it, but falls below it later; look at all epochs"
		case len(losses):
			cause = "that is the last epoch; a model may get worse again"
		case want + 1:
			cause = "that is one epoch too late"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// bestEpochOf is the reference.
func bestEpochOf(losses []float64) int {
	best := 0
	for i, loss := range losses {
		if loss < losses[best] {
			best = i
		}
	}
	return best + 1
}
