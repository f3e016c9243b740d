package fashion

import "syscall"

// processorName returns the name that macOS gives the processor, or "".
func processorName() string {
	name, err := syscall.Sysctl("machdep.cpu.brand_string")
	if err != nil {
		return ""
	}
	return name
}
