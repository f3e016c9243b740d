//go:build !goexperiment.simd

package engine

// VectorInstructions describes how the Go backend was built.
const VectorInstructions = "without vector instructions (GOEXPERIMENT=simd adds them)"
