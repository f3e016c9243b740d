package fashion

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"fashionlab/fashion/internal/plugin"
)

// devicesVariable is the environment variable that sets the number of devices.
const devicesVariable = "FASHION_DEVICES"

// mostDevices is the largest number of devices that is chosen without FASHION_DEVICES. With more,
// each has fewer than 16 images of a batch of 128.
const mostDevices = 8

// This file is the only place that decides on how many devices a batch is divided. The
// measurements are in PERFORMANCE.md.

// startDevices starts a backend with the devices that $FASHION_DEVICES asks for. Without it,
// XLA on the CPU has one device for each core that this process may use (its affinity and the
// quota of its cgroup count), and any other backend uses one device: the homework's networks are
// too small to gain from a second GPU. GoMLX's Go backend has one device, which uses all cores.
func startDevices(config string) (openedBackend, error) {
	devices, asked := 1, os.Getenv(devicesVariable)
	switch onCPU := plugin.OnCPU(config); {
	case config == "go":
		asked = ""
	case asked != "":
		var err error
		if devices, err = strconv.Atoi(asked); err != nil || devices < 1 {
			return openedBackend{}, fmt.Errorf("%s=%q, want a whole number of at least 1", devicesVariable, asked)
		}
	case onCPU:
		devices = min(runtime.GOMAXPROCS(0), mostDevices)
	}
	backend, err := plugin.Start(config, devices)
	if err != nil {
		return openedBackend{}, err
	}
	if has := backend.NumDevices(); has < devices {
		if asked != "" {
			return openedBackend{}, fmt.Errorf("%s=%d, but there are %d devices", devicesVariable, devices, has)
		}
		devices = has
	}
	return openedBackend{backend, devices}, nil
}

// devices returns the number of devices for the model, of those that the backend has. Linear
// models use one: a step takes less time than its division, and many steps run in one call.
func (m *Model) devices(has int) int {
	if m.linearOnly() {
		return 1
	}
	return max(has, 1)
}
