package answers

import (
	"math"

	"fashionlab/lessons"
)

// choose is the number of ways to choose k of n.
func choose(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways = ways * float64(n-i) / float64(i+1)
	}
	return ways
}

// falseAlarms is the bound: that of a pair, times the number of pairs, and no more than 1.
func falseAlarms(seeds, pairs int) float64 {
	return min(1, float64(pairs)*2/choose(2*seeds, seeds))
}

func visibleFalseAlarms() []lessons.Case {
	return each(falseAlarmsCaseOf, [2]int{3, 1}, [2]int{2, 1}, [2]int{4, 3}, [2]int{2, 6})
}

// CheckFalseAlarmsFurther checks one seed, many seeds and many pairs.
func CheckFalseAlarmsFurther(f func(seeds, pairs int) float64) error {
	return check("FalseAlarms", f, falseAlarmsCaseOf, [2]int{5, 6}, [2]int{1, 1}, [2]int{10, 15}, [2]int{3, 28})
}

// falseAlarmsCaseOf is a call, with the right result and those of typical mistakes.
func falseAlarmsCaseOf(k [2]int) lessons.Case {
	seeds, pairs := k[0], k[1]
	n := float64(pairs)
	want := falseAlarms(seeds, pairs)
	factorial := 1.0
	for i := 2; i <= 2*seeds; i++ {
		factorial *= float64(i)
	}
	var causes []lessons.Cause
	add := func(result float64, cause string) {
		if math.Abs(result-want) > 1e-12 {
			causes = append(causes, lessons.Gives(result, "%s", cause))
		}
	}
	add(n*2/choose(2*seeds, seeds), "a probability is at most 1: take the smaller of both")
	add(min(1, n/choose(2*seeds, seeds)), "this is half of it: either model can be the one whose results are all higher, so two orders are false alarms")
	add(min(1, 2/choose(2*seeds, seeds)), "this is the rate of one pair; multiply by the number of pairs")
	add(min(1, n*2/factorial), "this counts the orders of all results; the results of one model may be in any order, so count the ways to choose which `seeds` of the 2·`seeds` places are its own")
	add(0, "0 means that whole numbers were divided: turn them into float64 first")
	return lessons.One(want, append(causes, lessons.Otherwise("it is pairs·2/C(2·seeds, seeds), and at most 1")), seeds, pairs)
}
