//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)))

package plugin

// Linked reports whether this program can load an XLA plugin.
const Linked = false
