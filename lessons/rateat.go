package lessons

// CheckRateAt checks RateAt(step, warmup, steps, peak): the learning rate of a step, with a
// linear warm-up and half a cosine after it.
func CheckRateAt(rateAt func(step, warmup, steps int, peak float64) float64) error {
	return checkTable("RateAt", rateAt)
}
