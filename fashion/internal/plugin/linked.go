//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64))

package plugin

import _ "github.com/gomlx/go-xla/compute/xla/autoinstall" // registers XLA, which is C++

// Linked reports whether this program can load an XLA plugin.
const Linked = true
