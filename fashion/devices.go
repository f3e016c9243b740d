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

// chooseDevices returns the number of devices that $FASHION_DEVICES asks for. Without it, XLA on
// the CPU has one device for each core that this process may use (its affinity and the quota of
// its cgroup count), and any other backend uses one device: the homework's networks are too
// small to gain from a second GPU. GoMLX's Go backend has one device, which uses all cores.
func chooseDevices(config string) (int, error) {
	asked := os.Getenv(devicesVariable)
	switch {
	case config == "go":
		return 1, nil
	case asked != "":
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("%s=%q, want a whole number of at least 1", devicesVariable, asked)
		}
		return n, nil
	case plugin.OnCPU(config):
		return min(runtime.GOMAXPROCS(0), mostDevices), nil
	}
	return 1, nil
}

// checkDevices returns an error if a started backend has fewer devices than were chosen.
func checkDevices(has, chosen int) error {
	if has < chosen {
		return fmt.Errorf("%d devices for a backend that has %d; set %s to at most %d", chosen, has, devicesVariable, has)
	}
	return nil
}

// devices returns the number of devices for the model, of those that the backend has. Linear
// models use one: a step takes less time than its division, and many steps run in one call.
func (m *Model) devices(has int) int {
	if m.linearOnly() {
		return 1
	}
	return max(has, 1)
}
