package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// epochTicks puts ticks only on whole epochs, with at most about ten numbers.
type epochTicks struct{}

// Ticks returns the ticks between two epochs.
func (epochTicks) Ticks(low, high float64) []plot.Tick {
	first, last := int(math.Ceil(low-1e-9)), int(math.Floor(high+1e-9))
	step := 1
	for _, s := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000} {
		step = s
		if (last-first)/s <= 11 {
			break
		}
	}
	var ticks []plot.Tick
	for i := (first + step - 1) / step * step; i <= last; i += step {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(i)})
	}
	return ticks
}

// roundTicks puts four to eight ticks at multiples of 1, 2 or 5 times a power
// of ten, all with the same number of decimals.
type roundTicks struct{}

// Ticks returns the ticks between two values.
func (roundTicks) Ticks(low, high float64) []plot.Tick {
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', 4, 64)}}
	}
	power := math.Floor(math.Log10((high - low) / 4))
	step := math.Pow(10, power)
	for _, factor := range []float64{1, 2, 5, 10} {
		step = factor * math.Pow(10, power)
		if (high-low)/step <= 7 {
			break
		}
	}
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		if i == 0 {
			i = 0 // Ceil returns -0 for small negative numbers, which would be printed
		}
		label := strconv.FormatFloat(i*step, 'f', decimals, 64)
		if decimals > 6 || math.Abs(high) >= 1e6 {
			label = strconv.FormatFloat(i*step, 'g', 4, 64)
		}
		ticks = append(ticks, plot.Tick{Value: i * step, Label: strings.Replace(label, "-", "−", 1)})
	}
	return ticks
}

// powerTicks puts numbered ticks on the powers of ten of a logarithmic axis and small ticks
// between them. If there is at most one power of ten, the small ticks have numbers, too.
type powerTicks struct{}

// Ticks returns the ticks between two positive values.
func (powerTicks) Ticks(low, high float64) []plot.Tick {
	const slack = 1e-9
	var ticks []plot.Tick
	powers := 0
	first, last := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
	for e := first; e <= last; e++ {
		for factor := 1; factor < 10; factor++ {
			value := float64(factor) * math.Pow10(e)
			if value < low*(1-slack) || value > high*(1+slack) {
				continue
			}
			tick := plot.Tick{Value: value}
			if factor == 1 {
				tick.Label = strconv.FormatFloat(value, 'g', 4, 64)
				powers++
			}
			ticks = append(ticks, tick)
		}
	}
	if powers <= 1 {
		for i, tick := range ticks {
			ticks[i].Label = strconv.FormatFloat(tick.Value, 'g', 2, 64)
		}
	}
	return ticks
}
