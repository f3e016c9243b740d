//go:build !race

package fashion

const raceDetector = false
