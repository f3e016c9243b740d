package fashion

import (
	"os"
	"os/signal"
	"syscall"
)

// StopSignals are the signals that end a training with what it learnt saved: Ctrl-C and a
// notebook's stop button, the request of a scheduler or of the system to end, and a
// terminal that was closed, unless nohup has it ignored.
func StopSignals() []os.Signal {
	// A shell that is no terminal's has its background jobs ignore the interrupt, and
	// what they start inherits that: a notebook's stop button must work there too.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
