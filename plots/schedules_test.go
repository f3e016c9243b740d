package plots

import (
	"testing"

	"fashionlab/fashion"
)

func TestSchedulesLookAsBefore(t *testing.T) {
	figure, err := Schedules("Schedules", 0.008, 1000, fashion.OneCycleLR(), fashion.CosineAnnealingLR().WithWarmUp(50, 0.1),
		fashion.StepLR(300, 0.1), fashion.TriangularLR(0.2))
	checkGolden(t, "schedules", figure, err)
}

func TestSchedulesRejectsInvalidArguments(t *testing.T) {
	for what, plot := range map[string]func() (*Figure, error){
		"no schedule":         func() (*Figure, error) { return Schedules("", 0.1, 10) },
		"a rate of 0":         func() (*Figure, error) { return Schedules("", 0, 10, fashion.OneCycleLR()) },
		"one step":            func() (*Figure, error) { return Schedules("", 0.1, 1, fashion.OneCycleLR()) },
		"an invalid schedule": func() (*Figure, error) { return Schedules("", 0.1, 10, fashion.TriangularLR(2)) },
	} {
		figure, err := plot()
		wantError(t, what, figure, err, nil)
	}
}
