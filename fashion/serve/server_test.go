package serve

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fashionlab/fashion"
)

// TestMain selects the Go backend, which compiles quickly.
func TestMain(m *testing.M) {
	if os.Getenv("GOMLX_BACKEND") == "" {
		os.Setenv("GOMLX_BACKEND", "go")
	}
	os.Exit(m.Run())
}

// firstPixels is a predictor whose logits are the first ten pixels of an image, times 255.
type firstPixels struct {
	mu      sync.Mutex
	batches []int
	// computing, if it is not nil, receives a value when a batch begins, which then waits for
	// one of proceed.
	computing, proceed chan struct{}
}

func (p *firstPixels) Logits(pixels []float32) (*fashion.Tensor, error) {
	n := len(pixels) / fashion.ImagePixels
	p.mu.Lock()
	p.batches = append(p.batches, n)
	p.mu.Unlock()
	if p.computing != nil {
		p.computing <- struct{}{}
		<-p.proceed
	}
	t := fashion.NewTensor(n, fashion.NumClasses)
	for i := range t.Data {
		t.Data[i] = pixels[i/fashion.NumClasses*fashion.ImagePixels+i%fashion.NumClasses] * 255
	}
	return t, nil
}

func newServer(t *testing.T, p Predictor, o Options) *Server {
	t.Helper()
	s, err := New("m", p, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// requestOf is a request with n black images, of which the pixels at the start are given.
func requestOf(n int, start ...byte) string {
	data := make([]int, n*fashion.ImagePixels)
	for i, x := range start {
		data[i] = int(x)
	}
	text, _ := json.Marshal(map[string]any{"id": "7", "inputs": []any{
		map[string]any{"name": "images", "datatype": "UINT8", "shape": []int{n, 784}, "data": data},
	}})
	return string(text)
}

const inferPath = "/v2/models/m/infer"

// post sends a request to a handler, with pairs of header fields.
func post(ctx context.Context, h http.Handler, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type answer struct {
	ID      string `json:"id"`
	Outputs []struct {
		Name, Datatype string
		Shape          []int
		Data           []float64
		Parameters     map[string]int
	} `json:"outputs"`
}

func decodeAnswer(t *testing.T, w *httptest.ResponseRecorder) (a answer) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheAnswersOfEachFormAreThePredictionsOfTheRun(t *testing.T) {
	r, err := fashion.OpenRun("../testdata/run-softmax")
	if err != nil {
		t.Fatal(err)
	}
	network, err := r.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 3
	var images []fashion.Image
	var whole []byte
	for i := range n {
		pixels := make([]byte, fashion.ImagePixels)
		for k := range pixels {
			pixels[k] = byte(k*(i+3) + i)
		}
		images, whole = append(images, fashion.Image{Pixels: pixels}), append(whole, pixels...)
	}
	want, err := network.Predict(images...)
	if err != nil {
		t.Fatal(err)
	}
	predictor, err := network.Predictor(4)
	if err != nil {
		t.Fatal(err)
	}
	defer predictor.Close()
	s := newServer(t, predictor, Options{MaxBatch: 4})

	var nested [n][28][28]int
	floats := make([]float32, len(whole))
	for i, x := range whole {
		nested[i/784][i/28%28][i%28], floats[i] = int(x), float32(x)/255
	}
	var raw bytes.Buffer
	if err := binary.Write(&raw, binary.LittleEndian, floats); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, datatype string
		shape          []int
		data           any
		tail           []byte
	}{
		{"nested bytes", "UINT8", []int{n, 28, 28}, nested, nil},
		{"flat floats", "FP32", []int{n, 1, 28, 28}, floats, nil},
		{"binary bytes", "UINT8", []int{n, 784}, nil, whole},
		{"binary floats", "FP32", []int{n, 1, 28, 28}, nil, raw.Bytes()},
	} {
		input := map[string]any{"name": "images", "datatype": c.datatype, "shape": c.shape}
		var header []string
		if c.data != nil {
			input["data"] = c.data
		} else {
			input["parameters"] = map[string]int{"binary_data_size": len(c.tail)}
		}
		body, err := json.Marshal(map[string]any{"id": "7", "inputs": []any{input}})
		if err != nil {
			t.Fatal(err)
		}
		if c.data == nil {
			header = []string{lengthHeader, fmt.Sprint(len(body))}
		}
		a := decodeAnswer(t, post(t.Context(), s, inferPath, string(body)+string(c.tail), header...))
		if a.ID != "7" || len(a.Outputs) != 3 {
			t.Fatalf("%s: id %q and %d outputs, want 7 and 3", c.name, a.ID, len(a.Outputs))
		}
		for i, p := range want {
			for class := range fashion.NumClasses {
				k := i*fashion.NumClasses + class
				if d := a.Outputs[0].Data[k] - p.Logits[class]; d > 1e-5 || d < -1e-5 {
					t.Errorf("%s: logit %d of image %d is %v, Predict computes %v", c.name, class, i, a.Outputs[0].Data[k], p.Logits[class])
				}
				if d := a.Outputs[1].Data[k] - p.Probabilities[class]; d > 1e-6 || d < -1e-6 {
					t.Errorf("%s: probability %d of image %d is %v, Predict computes %v", c.name, class, i, a.Outputs[1].Data[k], p.Probabilities[class])
				}
			}
			if a.Outputs[2].Data[i] != float64(p.Predicted) {
				t.Errorf("%s: label %v, Predict returns %d", c.name, a.Outputs[2].Data[i], p.Predicted)
			}
		}
	}
}

func TestOutputsAreThoseRequestedAndBinaryWhereAsked(t *testing.T) {
	s := newServer(t, &firstPixels{}, Options{})
	body := strings.TrimSuffix(requestOf(2, 1, 2, 3), "}") +
		`,"outputs":[{"name":"label","parameters":{"binary_data":true}},{"name":"logits"}]}`
	w := post(t.Context(), s, inferPath, body)
	header := 0
	if _, err := fmt.Sscan(w.Header().Get(lengthHeader), &header); err != nil {
		t.Fatalf("%s: %v: %s", lengthHeader, err, w.Body)
	}
	tail := w.Body.Bytes()[header:]
	w.Body.Truncate(header)
	a := decodeAnswer(t, w)
	if len(a.Outputs) != 2 || a.Outputs[0].Name != "label" || a.Outputs[0].Parameters["binary_data_size"] != 16 || a.Outputs[1].Data[2] != 3 {
		t.Errorf("outputs %+v, want label with 16 bytes, then logits", a.Outputs)
	}
	if want := "\x02\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 8); string(tail) != want {
		t.Errorf("the binary label is %q, want %q: 2 and 0, little-endian", tail, want)
	}
}

func TestWrongRequestsGetAStatusAndAReason(t *testing.T) {
	s := newServer(t, &firstPixels{}, Options{MaxBatch: 2, MaxBody: 20000})
	good := requestOf(1)
	edit := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, c := range []struct {
		path, body, says string
		status           int
		header           []string
	}{
		{body: "{", status: 400, says: "JSON"},
		{body: good + "x", status: 400, says: "JSON"},
		{body: `{"inputs":[]}`, status: 400, says: "0 inputs"},
		{body: edit(`"images"`, `"other"`), status: 400, says: `"images"`},
		{body: edit("[1,784]", "[1,28]"), status: 400, says: "[1 28]"},
		{body: edit("[1,784]", "[-1,784]"), status: 400, says: "-1 images"},
		{body: edit("[1,784]", "[]"), status: 400, says: "shape []"},
		{body: edit("[1,784]", "[9223372036854775807,784]"), status: 400, says: "want 1 to 2"},
		{body: edit("UINT8", "INT8"), status: 400, says: "INT8"},
		{body: edit("UINT8", "FP32"), status: 400, says: "FP32"},
		{body: requestOf(3), status: 400, says: "3 images, want 1 to 2"},
		{body: edit("[0,", "[256,"), status: 400, says: "256"},
		{body: edit("[0,", "[0.5,"), status: 400, says: "0.5"},
		{body: edit("[0,", "["), status: 400, says: "783 elements, want 784"},
		{body: edit("[0,", "[0,0,"), status: 400, says: "more than 784"},
		{body: edit("[0,", "[null,"), status: 400, says: "null"},
		{body: edit(`"UINT8","name":"images","shape":[1,784]`, `"FP32","name":"images","shape":[1,1,28,28]`), status: 200},
		{body: strings.Replace(edit(`"UINT8","name":"images","shape":[1,784]`, `"FP32","name":"images","shape":[1,1,28,28]`), "[0,", "[255,", 1), status: 400, says: "UINT8"},
		{body: strings.TrimSuffix(good, "}") + `,"outputs":[{"name":"softmax"}]}`, status: 400, says: "softmax"},
		{body: strings.TrimSuffix(good, "}") + `,"outputs":[{"name":"logits","parameters":{"classification":3}}]}`, status: 400, says: "classification"},
		{body: good, header: []string{lengthHeader, "99999"}, status: 400, says: "99999"},
		{body: good, header: []string{lengthHeader, "-1"}, status: 400, says: "-1"},
		{body: good + "xx", header: []string{lengthHeader, fmt.Sprint(len(good))}, status: 400, says: "2 bytes"},
		{body: good, header: []string{"Content-Encoding", "gzip"}, status: 415, says: "gzip"},
		{body: good + strings.Repeat(" ", 20000), status: 413, says: "20000 bytes"},
		{path: "/v2/models/other/infer", body: good, status: 404, says: "other"},
		{path: "/v2/models/m/versions/2/infer", body: good, status: 404, says: `version "2"`},
		{path: "/v2/models/m/versions/1/infer", body: good, status: 200},
		{path: "/v1/models/m:predict", body: good, status: 404, says: "not a path"},
	} {
		if c.path == "" {
			c.path = inferPath
		}
		w := post(t.Context(), s, c.path, c.body, c.header...)
		if w.Code != c.status || !strings.Contains(strings.ReplaceAll(w.Body.String(), `\"`, `"`), c.says) {
			t.Errorf("%s with %.60s… %q: status %d, %.200s; want %d and %q", c.path, c.body, c.header, w.Code, w.Body, c.status, c.says)
		}
		if c.status != 200 && !strings.HasPrefix(w.Body.String(), `{"error":"`) {
			t.Errorf("status %d with %s, want the protocol's error object", c.status, w.Body)
		}
	}
}

func TestHealthMetadataAndMetricsAreThoseOfTheProtocol(t *testing.T) {
	s := newServer(t, &firstPixels{}, Options{})
	post(t.Context(), s, inferPath, requestOf(2))
	for path, want := range map[string]string{
		"/v2": `"binary_tensor_data"`, "/v2/health/live": `{"live":true}`, "/v2/health/ready": `{"ready":true}`,
		"/v2/models/m/ready": `{"name":"m","ready":true}`, "/v2/models/m/versions/1": `"shape":[-1,1,28,28]`,
		"/metrics": "fashion_inference_requests_total{code=\"200\"} 1\n",
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, %s, want %s", path, w.Code, w.Body, want)
		}
	}
}

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

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(requestOf(1)), -1)
	f.Add([]byte(requestOf(2)), 5)
	f.Add([]byte(`{"inputs":[{"name":"images","datatype":"UINT8","shape":[1,784],"data":[[0,[1]],{"a":2}]}]}`), -1)
	binary := `{"inputs":[{"name":"images","datatype":"FP32","shape":[1,1,28,28],"parameters":{"binary_data_size":3136}}]}`
	f.Add(append([]byte(binary), make([]byte, 3136)...), len(binary))
	f.Fuzz(func(t *testing.T, body []byte, header int) {
		r, err := decodeRequest(body, max(header, -1), 4)
		if err != nil {
			return
		}
		if r.images < 1 || r.images > 4 || len(r.pixels) != r.images*fashion.ImagePixels || len(r.outputs) == 0 {
			t.Fatalf("%d images, %d pixels, %d outputs", r.images, len(r.pixels), len(r.outputs))
		}
		for _, x := range r.pixels {
			if !(x >= 0 && x <= 1) {
				t.Fatalf("pixel %v", x)
			}
		}
	})
}
