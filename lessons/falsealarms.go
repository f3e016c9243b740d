package lessons

// CheckFalseAlarms checks FalseAlarms(seeds, pairs): how probable it is at most that the rule of the
// ranges finds a difference between models that are equal.
func CheckFalseAlarms(rate func(seeds, pairs int) float64) error {
	return checkTable("FalseAlarms", rate)
}
