package fashion

import (
	"os"
	"os/signal"
	"syscall"
)

// StopSignals returns the signals that interrupt a training, which then saves its state:
// SIGINT (Ctrl-C and a notebook's stop button), SIGTERM (from a scheduler or the system),
// and SIGHUP (a closed terminal), unless SIGHUP is ignored, as under nohup.
func StopSignals() []os.Signal {
	// SIGINT is included even if it is ignored: background jobs of a shell without a
	// terminal ignore it, and so do their child processes. The stop button of a notebook
	// must work there, too.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
