//go:build goexperiment.simd

package fashion

// vectorInstructions says how the Go backend was built.
const vectorInstructions = "with vector instructions"
