package serve

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

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
