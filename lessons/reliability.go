package lessons

// CheckReliability checks Reliability(confidences, right, bins): for each bin of confidences how many
// predictions are in it, their mean confidence, and their accuracy.
func CheckReliability(reliability func(confidences []float64, right []bool, bins int) (counts []int, confidence, accuracy []float64)) error {
	return checkTable("Reliability", reliability)
}
