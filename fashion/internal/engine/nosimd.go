//go:build !goexperiment.simd

package fashion

const vectorInstructions = "without vector instructions (GOEXPERIMENT=simd adds them)"
