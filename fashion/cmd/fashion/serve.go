package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"fashionlab/fashion/serve"
)

var serveCommand = command{
	name: "serve", usage: "-run DIR [-addr HOST:PORT] [-name NAME] [flags]",
	short: "answer requests for a run's predictions over HTTP",
	long: `
The protocol is the Open Inference Protocol v2, which the clients of KServe and
Triton speak; docs/serve.md describes inputs, outputs and limits. Ctrl-C or SIGTERM
ends the server after it has answered all requests that it accepted. Metrics for
Prometheus are at /metrics.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		run := runFlag(flags)
		addr := flags.String("addr", "127.0.0.1:8000", "`address` to listen on; port 0 is any free one")
		name := flags.String("name", "", "`name` of the model in paths; default: that of the run's model")
		var o serve.Options
		flags.IntVar(&o.MaxBatch, "max-batch", 64, "largest `number` of images that are computed at once, and in one request")
		flags.DurationVar(&o.MaxWait, "max-wait", time.Millisecond, "`time` that a request waits for others to share its batch")
		flags.Int64Var(&o.MaxBody, "max-body", 4<<20, "largest body of a request, in `bytes`")
		flags.IntVar(&o.MaxRequests, "max-requests", 256, "largest `number` of requests that are read or wait")
		flags.DurationVar(&o.Timeout, "timeout", 10*time.Second, "largest `time` for a request")
		quiet := flags.Bool("quiet", false, "no line on standard error for each request")
		return func(s *session) error {
			if o.MaxBatch < 1 || o.MaxWait <= 0 || o.MaxBody < 1 || o.MaxRequests < 1 || o.Timeout <= 0 {
				return usagef("-max-batch, -max-wait, -max-body, -max-requests and -timeout must be positive")
			}
			net, r, err := openRun(*run)
			if err != nil {
				return err
			}
			if *name == "" {
				*name = r.Config.Model
			}
			if !*quiet {
				o.Log = slog.New(slog.NewTextHandler(s.log, nil))
			}
			predictor, err := net.Predictor(o.MaxBatch)
			if err != nil {
				return err
			}
			defer predictor.Close()
			server, err := serve.New(*name, predictor, o)
			if err != nil {
				return err
			}
			return s.listen(server, *addr, *name)
		}
	},
}

// listen serves on an address until the session's context is done.
func (s *session) listen(server *serve.Server, addr, name string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		server.Close()
		return fmt.Errorf("%w; choose another -addr", err)
	}
	url := "http://" + listener.Addr().String()
	err = s.print(map[string]string{"url": url, "model": name}, func(w io.Writer) {
		fmt.Fprintf(w, "model %s at %s/v2/models/%s; Ctrl-C ends the server\n", name, url, name)
	})
	return errors.Join(err, server.Serve(s.ctx, listener))
}
