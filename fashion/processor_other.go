//go:build !darwin

package fashion

import (
	"os"
	"strings"
)

// processorName returns the name that Linux gives the processor, or "" if it gives none.
func processorName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "" // no Linux
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
