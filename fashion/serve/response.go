package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"fashionlab/fashion"
)

const lengthHeader = "Inference-Header-Content-Length"

type responseJSON struct {
	ModelName    string         `json:"model_name"`
	ModelVersion string         `json:"model_version"`
	ID           string         `json:"id,omitempty"`
	Outputs      []outputTensor `json:"outputs"`
}

type outputTensor struct {
	Name       string         `json:"name"`
	Datatype   string         `json:"datatype"`
	Shape      []int          `json:"shape"`
	Parameters map[string]int `json:"parameters,omitempty"`
	Data       any            `json:"data,omitempty"`
}

// encodeResponse returns the body of an answer, and the length of its JSON object, or -1 if
// that is the whole body.
func encodeResponse(model string, r *inferRequest, logits *fashion.Tensor) (body []byte, header int, err error) {
	response := responseJSON{ModelName: model, ModelVersion: version, ID: r.id}
	var tail bytes.Buffer
	header = -1
	for _, o := range r.outputs {
		t := outputTensor{Name: o.name, Datatype: "FP32", Shape: []int{r.images, fashion.NumClasses}}
		var data any
		switch o.name {
		case "logits":
			data = logits.Data
		case "probabilities":
			data = logits.Softmax().Data
		case "label":
			t.Datatype, t.Shape = "INT64", []int{r.images}
			data = labels(logits)
		}
		if values, ok := data.([]float32); ok && !o.binary && slices.ContainsFunc(values, notFinite) {
			return nil, 0, fmt.Errorf("the output %q is not finite, which JSON cannot express: the training diverged", o.name)
		}
		if o.binary {
			t.Parameters = map[string]int{"binary_data_size": binary.Size(data)}
			if err := binary.Write(&tail, binary.LittleEndian, data); err != nil {
				return nil, 0, err
			}
			header = 0
		} else {
			t.Data = data
		}
		response.Outputs = append(response.Outputs, t)
	}
	text, err := json.Marshal(response)
	if err != nil {
		return nil, 0, err
	}
	if header == 0 {
		header = len(text)
	}
	return append(text, tail.Bytes()...), header, nil
}

func notFinite(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) }

// labels returns the class with the largest logit of each image, of equal ones the first.
func labels(logits *fashion.Tensor) []int64 {
	var labels []int64
	for row := range slices.Chunk(logits.Data, fashion.NumClasses) {
		labels = append(labels, int64(max(slices.Index(row, slices.Max(row)), 0))) // 0 with NaN, as Prediction
	}
	return labels
}

// writeJSON writes a JSON object with the given status.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // an error means that the client is gone
}

// writeInference writes an encoded answer.
func writeInference(w http.ResponseWriter, body []byte, header int) {
	w.Header().Set("Content-Type", "application/json")
	if header >= 0 {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set(lengthHeader, strconv.Itoa(header))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // an error means that the client is gone
}
