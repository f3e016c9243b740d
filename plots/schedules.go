package plots

import "fmt"

// schedulePoints is the largest number of points in the curve of a schedule. More would not be
// visible.
const schedulePoints = 240

// Schedule is a learning rate that changes from step to step, such as a fashion.Schedule. (A type of
// package fashion would link its engine into each cell that shows a picture.)
type Schedule interface {
	// Rate returns the rate of a step, from 0, in a training of total steps with an optimizer of
	// rate base.
	Rate(base float64, step, total int) float64
	// Check returns an error for settings that are out of their ranges.
	Check() error
	// String returns the name in the legend.
	String() string
}

// Schedules plots the learning rate of one or several schedules over the steps of a training with
// the given number of steps, at least 2, and an optimizer of rate base, greater than 0.
func Schedules(title string, base float64, steps int, schedules ...Schedule) (*Figure, error) {
	if !(base > 0) || steps < 2 {
		return nil, fmt.Errorf("plot schedules: rate %v and %d steps, want a rate above 0 and at least 2 steps", base, steps)
	}
	chart := Chart{Title: title, XLabel: "step", YLabel: "learning rate"}
	for _, s := range schedules {
		if err := s.Check(); err != nil {
			return nil, fmt.Errorf("plot schedules: %w", err)
		}
		c := Curve{Name: s.String()}
		points := min(steps, schedulePoints)
		for i := range points {
			step := i * (steps - 1) / (points - 1)
			c.X, c.Y = append(c.X, float64(step)), append(c.Y, s.Rate(base, step, steps))
		}
		chart.Curves = append(chart.Curves, c)
	}
	return Curves("", chart)
}
