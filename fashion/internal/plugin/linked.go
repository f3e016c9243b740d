//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64))

package plugin

import (
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	_ "github.com/gomlx/go-xla/compute/xla/autoinstall" // installs a plugin that is named without a path
	"github.com/gomlx/go-xla/pjrt"
)

// Linked reports whether this program can load an XLA plugin, which is C++.
const Linked = true

// newXLA starts XLA, on the CPU with the given number of devices. Without this option the plugin
// that set-up installs makes four, whatever the machine has. 0 leaves the choice to the plugin.
func newXLA(config string, devices int) (compute.Backend, error) {
	_, rest, _ := strings.Cut(config, ":")
	options := pjrt.NamedValuesMap{}
	if devices > 0 {
		options["cpu_device_count"] = int64(devices)
	}
	return xla.NewWithOptions(rest, options)
}
