//go:build goexperiment.simd

package engine

// VectorInstructions describes how the Go backend was built.
const VectorInstructions = "with vector instructions"
