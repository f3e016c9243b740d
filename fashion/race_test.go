//go:build race

package fashion

// raceDetector says whether the race detector watches. It sees nothing of XLA, which is C++ and
// compiles slowly beside it: tests then run on the Go backend alone.
const raceDetector = true
