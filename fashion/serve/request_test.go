package serve

import (
	"fmt"
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
