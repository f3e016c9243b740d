package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckDescend(t *testing.T) {
	type function = func(float64) float64
	type answer = func(start float64, slope func(float64) float64, rate float64, steps int) []float64
	stepping := func(next func(x, start float64, slope function, rate float64) float64) answer {
		return func(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
			path := []float64{start}
			for range steps {
				path = append(path, next(path[len(path)-1], start, slope, rate))
			}
			return path
		}
	}
	testCheck(t, descent, lessons.CheckDescend, CheckDescendFurther, []wrongCase[answer]{
		{"the stub", func(float64, func(float64) float64, float64, int) []float64 { panic("not implemented") }, "Descend is not written yet"},
		{"uphill", stepping(func(x, _ float64, slope function, rate float64) float64 { return x + rate*slope(x) }), "this goes uphill"},
		{"no rate", stepping(func(x, _ float64, slope function, _ float64) float64 { return x - slope(x) }), "the learning rate is missing"},
		{"slope at the start", stepping(func(x, start float64, slope function, rate float64) float64 { return x - rate*slope(start) }), "the slope is that at the start"},
		{"from the start", stepping(func(_, start float64, slope function, rate float64) float64 { return start - rate*slope(start) }), "begins at the start again"},
		{"no slope", stepping(func(x, _ float64, _ function, rate float64) float64 { return x - rate*x }), "the position was taken for the slope"},
		{"without the start", func(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
			return descent(start, slope, rate, steps)[1:]
		}, "the start is missing"},
		{"the last only", func(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
			return descent(start, slope, rate, steps)[steps:]
		}, "this is the last position only"},
		{"too few", func(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
			return descent(start, slope, rate, steps-1)
		}, "the last position is missing"},
		{"too many", func(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
			return descent(start, slope, rate, steps+1)
		}, "one step too many"},
		{"the slopes", func(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
			path := descent(start, slope, rate, steps)
			for i, x := range path {
				path[i] = slope(x)
			}
			return path
		}, "these are the slopes on the way"},
		{"another formula", func(float64, func(float64) float64, float64, int) []float64 { return nil }, "begin with start"},
	})
}
