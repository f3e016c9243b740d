//go:build !goexperiment.simd

package fashion

const vectorInstructions = "built without vector instructions (GOEXPERIMENT=simd)"
