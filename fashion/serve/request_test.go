package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"fashionlab/fashion"
)

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

// inRange is a predictor with logits of 0, and an error for pixels that no image has.
type inRange struct{}

func (inRange) Logits(pixels []float32) (*fashion.Tensor, error) {
	n := len(pixels) / fashion.ImagePixels
	if n < 1 || n > 4 || len(pixels)%fashion.ImagePixels != 0 {
		return nil, fmt.Errorf("%d pixels", len(pixels))
	}
	for _, x := range pixels {
		if !(x >= 0 && x <= 1) {
			return nil, fmt.Errorf("pixel %v", x)
		}
	}
	return fashion.NewTensor(n, fashion.NumClasses), nil
}

func FuzzRequestIsRefusedOrAnsweredInTheProtocolsForm(f *testing.F) {
	f.Add([]byte(requestOf(1)), "")
	f.Add([]byte(requestOf(2)), "5")
	f.Add([]byte(`{"inputs":[{"name":"images","datatype":"UINT8","shape":[1,784],"data":[[0,[1]],{"a":2}]}]}`), "")
	binary := `{"id":"\ud800","parameters":{"binary_data_output":true},"outputs":[{"name":"label"},{"name":"logits","parameters":{"binary_data":false}}],` +
		`"inputs":[{"name":"images","datatype":"FP32","shape":[1,1,28,28],"parameters":{"binary_data_size":3136}}]}`
	f.Add(append([]byte(binary), make([]byte, 3136)...), fmt.Sprint(len(binary)))
	s, err := New("m", inRange{}, Options{MaxBatch: 4, MaxBody: 20000, MaxWait: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		w := post(t.Context(), s, inferPath, string(body), lengthHeader, header)
		answer := w.Body.Bytes()
		switch w.Code {
		case http.StatusOK:
			tail := 0
			if text := w.Header().Get(lengthHeader); text != "" {
				n, err := strconv.Atoi(text)
				if err != nil || n > len(answer) {
					t.Fatalf("%s %q of %d bytes", lengthHeader, text, len(answer))
				}
				answer, tail = answer[:n], len(answer)-n
			}
			var a struct {
				Outputs []struct{ Parameters map[string]int }
			}
			if err := json.Unmarshal(answer, &a); err != nil || len(a.Outputs) == 0 {
				t.Fatalf("%v: %q", err, answer)
			}
			for _, o := range a.Outputs {
				tail -= o.Parameters["binary_data_size"]
			}
			if tail != 0 {
				t.Fatalf("%d bytes too many behind %q", tail, answer)
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			var e map[string]string
			if err := json.Unmarshal(answer, &e); err != nil || e["error"] == "" {
				t.Fatalf("status %d: %v: %q", w.Code, err, answer)
			}
		default:
			t.Fatalf("status %d: %q", w.Code, answer)
		}
	})
}
