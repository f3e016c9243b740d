package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestConcurrentRequestsShareBatchesAndEachGetsItsOwnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &firstPixels{}
		s := newServer(t, p, Options{MaxBatch: 8, MaxWait: time.Second})
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				a := decodeAnswer(t, post(t.Context(), s, inferPath, requestOf(1+i%2, byte(i))))
				if got := a.Outputs[0].Data[0]; got < float64(i)-1e-3 || got > float64(i)+1e-3 {
					t.Errorf("request %d got the answer %v", i, got)
				}
			})
		}
		all.Wait()
		total := 0
		for _, n := range p.batches {
			total += n
			if n > 8 {
				t.Errorf("a batch of %d images, want at most 8", n)
			}
		}
		if total != 30 || len(p.batches) > 5 {
			t.Errorf("batches %v, want 30 images in at most 5", p.batches)
		}
	})
}

func TestARequestBeyondTheLimitIsToldToTryAgain(t *testing.T) {
	p := &firstPixels{computing: make(chan struct{}), proceed: make(chan struct{})}
	s := newServer(t, p, Options{MaxRequests: 1})
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- post(context.Background(), s, inferPath, requestOf(1)) }()
	<-p.computing
	if w := post(t.Context(), s, inferPath, requestOf(1)); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("status %d, Retry-After %q, want 503 and 1: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	p.proceed <- struct{}{}
	if w := <-first; w.Code != 200 {
		t.Errorf("the first request: status %d: %s", w.Code, w.Body)
	}
}

func TestRequestsThatTimeOutOrAreCancelledAreNotComputed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &firstPixels{computing: make(chan struct{}), proceed: make(chan struct{})}
		s := newServer(t, p, Options{MaxRequests: 3, Timeout: time.Minute})
		codes := make(chan int, 3)
		send := func(ctx context.Context) { codes <- post(ctx, s, inferPath, requestOf(1)).Code }
		go send(t.Context())
		<-p.computing // so the others wait
		ctx, cancel := context.WithCancel(t.Context())
		go send(ctx)
		synctest.Wait()
		cancel()
		if code := <-codes; code != statusClientGone {
			t.Errorf("status %d of a cancelled request, want %d", code, statusClientGone)
		}
		go send(t.Context())
		for range 2 {
			if code := <-codes; code != http.StatusGatewayTimeout { // after a minute of the bubble
				t.Errorf("status %d after a minute, want 504", code)
			}
		}
		p.proceed <- struct{}{}
		s.Close()
		if len(p.batches) != 1 {
			t.Errorf("batches %v, want only that of the first request", p.batches)
		}
	})
}

func TestAShutdownAnswersAllAcceptedRequests(t *testing.T) {
	const requests = 12
	p := &firstPixels{computing: make(chan struct{}), proceed: make(chan struct{})}
	var log bytes.Buffer
	s, err := New("m", p, Options{MaxBatch: 2, MaxWait: time.Nanosecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	url := "http://" + listener.Addr().String()
	answers := make(chan error, requests)
	for i := range requests {
		go func() {
			response, err := http.Post(url+inferPath, "application/json", strings.NewReader(requestOf(1, byte(i))))
			if err == nil {
				var text []byte
				text, err = io.ReadAll(response.Body)
				response.Body.Close()
				if want := fmt.Sprintf(`"data":[%d,`, i); err == nil && !strings.Contains(string(text), want) {
					err = fmt.Errorf("status %d: %.200s, want %s", response.StatusCode, text, want)
				}
			}
			answers <- err
		}()
	}
	<-p.computing
	for len(s.slots) < requests || len(s.batcher.queue) < requests-4 {
		time.Sleep(time.Millisecond) // until the handlers have all requests
	}
	stop()
	for !s.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	go func() {
		for {
			p.proceed <- struct{}{}
			<-p.computing
		}
	}()
	for range requests {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url + "/v2/health/live"); err == nil {
		t.Error("the server takes connections after its end")
	}
	if n := strings.Count(log.String(), "status=200"); n != requests {
		t.Errorf("%d lines of the log with status=200, want %d", n, requests)
	}
}
