package serve

import (
	"fmt"
	"log/slog"
	"time"

	"fashionlab/fashion"
)

// Predictor computes the logits [n 10] of n images of 28×28 pixels in [0, 1], row by row.
// A Server calls it from one goroutine. A fashion.Predictor is one.
type Predictor interface {
	Logits(pixels []float32) (*fashion.Tensor, error)
}

// Options are the limits of a Server. A zero stands for the default.
type Options struct {
	// MaxBatch is the largest number of images that are computed at once, and in one
	// request. The default is 64.
	MaxBatch int
	// MaxWait is how long a request waits for others to share its batch. The default is 1 ms.
	// While a batch is computed, the next one gathers in any case.
	MaxWait time.Duration
	// MaxBody is the largest body of a request, in bytes. The default is 4 MiB.
	MaxBody int64
	// MaxRequests is the largest number of requests that are read or wait for their
	// answer. The default is 256.
	MaxRequests int
	// Timeout limits the time from a request's header to its answer. The default is 10 s.
	Timeout time.Duration
	// Log receives a line for each request. The default is none.
	Log *slog.Logger
}

// withDefaults fills in the defaults.
func (o Options) withDefaults() (Options, error) {
	if o.MaxBatch < 0 || o.MaxWait < 0 || o.MaxBody < 0 || o.MaxRequests < 0 || o.Timeout < 0 {
		return o, fmt.Errorf("serve: a limit is negative in %+v, want positive ones, or 0 for the default", o)
	}
	setDefault(&o.MaxBatch, 64)
	setDefault(&o.MaxWait, time.Millisecond)
	setDefault(&o.MaxBody, 4<<20)
	setDefault(&o.MaxRequests, 256)
	setDefault(&o.Timeout, 10*time.Second)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	return o, nil
}

func setDefault[T comparable](value *T, otherwise T) {
	if *value == *new(T) {
		*value = otherwise
	}
}
