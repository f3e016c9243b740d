package main

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fashionlab/fashion"
)

func TestBenchMeasuresAllStepsOfARoundHoweverOftenFitReports(t *testing.T) {
	const perRound, perStep = 4, 10 * time.Millisecond
	for _, every := range []int{1, 2, perRound} {
		synctest.Test(t, func(t *testing.T) {
			w := &stopwatch{start: time.Now(), perRound: perRound}
			w.Watch(fashion.TrainingStatus{})
			for step := every; step <= 3*perRound; step += every {
				time.Sleep(time.Duration(every) * perStep)
				w.Watch(fashion.TrainingStatus{Step: step})
				if step%perRound == 0 { // the end of an epoch, after its result
					time.Sleep(time.Second)
					w.Watch(fashion.TrainingStatus{Step: step})
				}
			}
			if want := []float64{10, 10}; !slices.Equal(w.rounds, want) {
				t.Errorf("reports after every %d steps: %v ms for a step, want %v", every, w.rounds, want)
			}
		})
	}
}
