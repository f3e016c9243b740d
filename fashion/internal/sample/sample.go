// Package sample computes the statistics of a sample, such as the accuracies of several seeds.
package sample

// Moments returns the mean and the variance of a sample: the sum of the squared differences from the mean,
// divided by one less than their number. The variance of one value is NaN.
func Moments(values []float64) (mean, variance float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, variance
}
