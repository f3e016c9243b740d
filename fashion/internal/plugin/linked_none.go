//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)))

package plugin

import (
	"errors"

	"github.com/gomlx/compute"
)

// Linked reports whether this program can load an XLA plugin.
const Linked = false

func newXLA(string, int) (compute.Backend, error) {
	return nil, errors.New("this program was built without a C compiler, so it cannot load XLA's plugin")
}
