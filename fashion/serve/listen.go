package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve answers requests on a listener until the context is done. Then it takes no further
// connections, is not ready any more, answers all requests whose header it has read, and closes the
// server. The system resets connections that it has set up and that Serve has not taken. It returns an error if the listener fails, or if a request has no answer after twice the
// Timeout.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5*time.Second + s.options.Timeout,
		WriteTimeout:      15*time.Second + 2*s.options.Timeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	var failure error
	select {
	case failure = <-failed:
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	limit, cancel := context.WithTimeout(context.Background(), 2*s.options.Timeout)
	defer cancel()
	if err := h.Shutdown(limit); err != nil {
		// Handlers may still run, so the queue stays open.
		_ = h.Close()
		return errors.Join(failure, fmt.Errorf("serve: requests without an answer after %v: %w", 2*s.options.Timeout, err))
	}
	s.Close()
	return failure
}
