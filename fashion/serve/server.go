package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"fashionlab/fashion"
)

// version is the only version of the model.
const version = "1"

// statusClientGone is nginx's status for a client that closed its connection. It is in the log
// and the metrics only.
const statusClientGone = 499

// Server answers the requests of the protocol for one model, below /v2, and those of Prometheus,
// at /metrics.
type Server struct {
	model    string
	options  Options
	mux      *http.ServeMux
	batcher  *batcher
	slots    chan struct{} // one for each request that is read or waits
	metrics  *metrics
	stopping atomic.Bool
	close    sync.Once
}

// New returns a server for a model with the given name. An empty name and a negative limit are
// errors. Call Close to end its goroutine.
func New(model string, predictor Predictor, options Options) (*Server, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if model == "" {
		return nil, errors.New("serve: the model has no name")
	}
	s := &Server{model: model, options: options, mux: http.NewServeMux(), slots: make(chan struct{}, options.MaxRequests)}
	s.metrics = newMetrics(func() float64 { return float64(len(s.slots)) })
	s.batcher = &batcher{
		predictor: predictor, maxImages: options.MaxBatch, maxWait: options.MaxWait, metrics: s.metrics,
		// A request has a slot, so the queue has room for it.
		queue: make(chan *job, options.MaxRequests), done: make(chan struct{}),
	}
	go s.batcher.run()
	s.routes()
	return s, nil
}

// Close answers the requests that wait, and ends the server's goroutine. No handler may run or be
// called any more: call http.Server.Shutdown before.
func (s *Server) Close() {
	s.close.Do(func() { close(s.batcher.queue) })
	<-s.batcher.done
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	begin := time.Now()
	s.mux.ServeHTTP(logged, r)
	s.options.Log.Info("request", "method", r.Method, "path", r.URL.Path, "status", logged.status,
		"bytes", logged.bytes, "ms", float64(time.Since(begin).Microseconds())/1000, "remote", r.RemoteAddr)
}

func (s *Server) routes() {
	s.mux.HandleFunc("GET /v2", s.serverMetadata)
	s.mux.HandleFunc("GET /v2/{$}", s.serverMetadata)
	s.mux.HandleFunc("GET /v2/health/live", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]bool{"live": true})
	})
	s.mux.HandleFunc("GET /v2/health/ready", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, s.readyStatus(), map[string]bool{"ready": !s.stopping.Load()})
	})
	for _, path := range []string{"/v2/models/{model}", "/v2/models/{model}/versions/{version}"} {
		s.mux.HandleFunc("GET "+path, s.forModel(s.modelMetadata))
		s.mux.HandleFunc("GET "+path+"/ready", s.forModel(func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, s.readyStatus(), map[string]any{"name": s.model, "ready": !s.stopping.Load()})
		}))
		s.mux.HandleFunc("POST "+path+"/infer", s.forModel(s.infer))
	}
	s.mux.Handle("GET /metrics", s.metrics.handler())
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, httpError{http.StatusNotFound, fmt.Errorf("%s %s is not a path of the protocol", r.Method, r.URL.Path)})
	})
}

func (s *Server) readyStatus() int {
	if s.stopping.Load() {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// forModel answers with 404 if a request is about another model or version.
func (s *Server) forModel(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		model, v := r.PathValue("model"), r.PathValue("version")
		if model != s.model || v != "" && v != version {
			writeError(w, httpError{http.StatusNotFound, fmt.Errorf("model %q in version %q does not exist, want %q in version %s", model, v, s.model, version)})
			return
		}
		handler(w, r)
	}
}

func (s *Server) serverMetadata(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"name": "fashion", "version": version, "extensions": []string{"binary_tensor_data"}})
}

func (s *Server) modelMetadata(w http.ResponseWriter, _ *http.Request) {
	type tensor struct {
		Name     string `json:"name"`
		Datatype string `json:"datatype"`
		Shape    []int  `json:"shape"`
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"name": s.model, "versions": []string{version}, "platform": "fashion_gomlx",
		"inputs": []tensor{{inputName, "FP32", []int{-1, 1, fashion.ImageHeight, fashion.ImageWidth}}},
		"outputs": []tensor{
			{"logits", "FP32", []int{-1, fashion.NumClasses}},
			{"probabilities", "FP32", []int{-1, fashion.NumClasses}},
			{"label", "INT64", []int{-1}},
		},
	})
}

// infer answers a request for predictions.
func (s *Server) infer(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	body, header, err := s.answer(w, r)
	status := http.StatusOK
	if err != nil {
		status = writeError(w, err)
	} else {
		writeInference(w, body, header)
	}
	s.metrics.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	s.metrics.seconds.Observe(time.Since(begin).Seconds())
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) (body []byte, header int, err error) {
	select {
	case s.slots <- struct{}{}: // before the body is read, which bounds the memory
		defer func() { <-s.slots }()
	default:
		return nil, 0, httpError{http.StatusServiceUnavailable, fmt.Errorf("%d requests wait already; try again later", s.options.MaxRequests)}
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeout)
	defer cancel()
	request, err := s.read(w, r)
	if err != nil {
		return nil, 0, err
	}
	j := &job{ctx: ctx, pixels: request.pixels, images: request.images, result: make(chan result, 1)}
	select {
	case s.batcher.queue <- j:
	case <-ctx.Done(): // requests that timed out may still fill the queue
	}
	select {
	case result := <-j.result:
		if result.err != nil {
			return nil, 0, result.err
		}
		return encodeResponse(s.model, request, result.logits)
	case <-ctx.Done():
		if r.Context().Err() != nil {
			return nil, 0, httpError{statusClientGone, errors.New("the client closed the connection")}
		}
		return nil, 0, httpError{http.StatusGatewayTimeout, fmt.Errorf("no answer within %v; try again later", s.options.Timeout)}
	}
}

// read reads and decodes a request.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (*inferRequest, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, httpError{http.StatusUnsupportedMediaType, fmt.Errorf("Content-Encoding %q, want a body that is not compressed", encoding)}
	}
	header := -1
	if text := r.Header.Get(lengthHeader); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return nil, badRequest("%s is %q, want a number of bytes", lengthHeader, text)
		}
		header = int(n)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.options.MaxBody))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, httpError{http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than %d bytes", s.options.MaxBody)}
	case err != nil && r.Context().Err() != nil:
		return nil, httpError{statusClientGone, errors.New("the client closed the connection")}
	case err != nil:
		return nil, badRequest("read the body: %w", err)
	}
	return decodeRequest(body, header, s.options.MaxBatch)
}

// writeError writes an error in the protocol's form, and returns its status: 500 if it has none.
func writeError(w http.ResponseWriter, err error) int {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[httpError](err); ok {
		status = e.status
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, status, map[string]string{"error": err.Error()})
	return status
}

// statusWriter remembers the status and the length of an answer for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

// Unwrap is for http.ResponseController and http.MaxBytesReader.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
