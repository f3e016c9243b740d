package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleRateAt() []lessons.Case {
	return each(rateAtCaseOf,
		rateCase{4, 10, 110, 0.5}, rateCase{0, 10, 110, 0.5}, rateCase{9, 10, 110, 0.5},
		rateCase{35, 10, 110, 0.5}, rateCase{10, 10, 110, 0.5}, rateCase{109, 10, 110, 0.5})
}

// CheckRateAtFurther checks RateAt without a warm-up, with one of a single step, and in the
// first and the last step of a short training.
func CheckRateAtFurther(rateAt func(step, warmup, steps int, peak float64) float64) error {
	return check("RateAt", rateAt, rateAtCaseOf,
		rateCase{0, 0, 50, 0.25}, rateCase{30, 0, 50, 0.25},
		rateCase{0, 1, 4, 3}, rateCase{1, 1, 4, 3}, rateCase{3, 1, 4, 3},
		rateCase{777, 100, 1000, 0.001}, rateCase{0, 3, 4, 1}, rateCase{2, 3, 4, 1})
}

type rateCase struct {
	step, warmup, steps int
	peak                float64
}

// rateAtCaseOf is a call, with the right result and those of typical mistakes.
func rateAtCaseOf(k rateCase) lessons.Case {
	step, warmup, steps := float64(k.step), float64(k.warmup), float64(k.steps)
	cosine := func(progress float64) float64 { return k.peak * (1 + math.Cos(math.Pi*progress)) / 2 }
	progress := (step - warmup) / (steps - warmup)
	want := rateAtOf(k.step, k.warmup, k.steps, k.peak)
	var causes []lessons.Cause
	if k.step < k.warmup {
		causes = []lessons.Cause{
			lessons.Gives(k.peak*step/warmup, "steps are counted from 0, so the rate of the warm-up is peak · (step + 1)/warmup; it is not 0 in the first step, and reaches peak in the last one"),
			lessons.Gives(cosine(step/steps), "the warm-up is missing: the rate rises in the first warmup steps"),
			lessons.Gives(cosine(progress), "the cosine begins after the warm-up; before, the rate rises"),
			lessons.Gives(0.0, "the rate is 0: probably (step + 1)/warmup is a division of whole numbers; convert both with float64 first"),
			lessons.Gives(k.peak, "the rate is peak during the warm-up; it rises in a straight line to peak"),
			lessons.Otherwise("in the warm-up the rate is peak · (step + 1)/warmup"),
		}
	} else {
		causes = []lessons.Cause{
			lessons.If(lessons.HasNaN, "the rate is not a number: probably 0 was divided by 0; without a warm-up the cosine begins in step 0"),
			lessons.Gives(cosine(step/steps), "the cosine runs over all steps; it begins after the warm-up: its progress is (step − warmup)/(steps − warmup)"),
			lessons.Gives(cosine((step-warmup)/steps), "the progress is (step − warmup)/(steps − warmup); the divisor here is steps"),
			lessons.Gives(2*want, "this is twice as much: divide 1 + cos by 2"),
			lessons.Gives(k.peak-want, "the rate rises after the warm-up; it falls with 1 + cos, and not with 1 − cos"),
			lessons.Gives(k.peak*(1-progress), "the rate falls in a straight line; take half a cosine"),
			lessons.Gives(k.peak*(1+math.Cos(progress))/2, "π is missing in the cosine: cos(π · progress)"),
			lessons.Gives(k.peak*(1+math.Cos(2*math.Pi*progress))/2, "the cosine is whole, so that the rate rises again; take half of it, cos(π · progress)"),
			lessons.Gives(k.peak*math.Cos(math.Pi*progress), "this becomes negative: peak · (1 + cos(π · progress))/2 stays above 0"),
			lessons.Gives(k.peak*math.Cos(math.Pi/2*progress), "this is a quarter of a cosine; take peak · (1 + cos(π · progress))/2"),
			lessons.Gives(k.peak, "the rate stays at peak after the warm-up: probably the progress is a division of whole numbers, which is 0; convert both with float64 first"),
			lessons.Gives(0.0, "the rate is 0 after the warm-up"),
			lessons.Otherwise("after the warm-up the rate is peak · (1 + cos(π · (step − warmup)/(steps − warmup)))/2"),
		}
	}
	return lessons.One(want, causes, k.step, k.warmup, k.steps, k.peak)
}

// rateAtOf is the reference.
func rateAtOf(step, warmup, steps int, peak float64) float64 {
	if step < warmup {
		return peak * float64(step+1) / float64(warmup)
	}
	return peak * (1 + math.Cos(math.Pi*float64(step-warmup)/float64(steps-warmup))) / 2
}
