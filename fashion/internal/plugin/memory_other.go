//go:build !(cgo && linux)

package plugin

func keepMemory() {}
