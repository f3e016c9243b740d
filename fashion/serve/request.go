package serve

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"

	"fashionlab/fashion"
)

// inputName is the name of the one input. It is that of the exported ONNX model, so that
// clients of Triton with that model need no change.
const inputName = "images"

// The names of the outputs, in the order in which they are sent if none is requested.
var outputNames = []string{"logits", "probabilities", "label"}

// httpError is an error with its HTTP status.
type httpError struct {
	status int
	error
}

func badRequest(format string, args ...any) error {
	return httpError{http.StatusBadRequest, fmt.Errorf(format, args...)}
}

// inferRequest is a decoded request.
type inferRequest struct {
	id      string
	pixels  []float32 // in [0, 1]
	images  int
	outputs []requestedOutput
}

type requestedOutput struct {
	name   string
	binary bool
}

// requestJSON is the JSON object of a request. Other fields are ignored, since extensions of the
// protocol may add some.
type requestJSON struct {
	ID         string `json:"id"`
	Parameters struct {
		BinaryDataOutput bool `json:"binary_data_output"`
	} `json:"parameters"`
	Inputs []struct {
		Name       string `json:"name"`
		Datatype   string `json:"datatype"`
		Shape      []int  `json:"shape"`
		Parameters struct {
			BinaryDataSize     *int            `json:"binary_data_size"`
			SharedMemoryRegion json.RawMessage `json:"shared_memory_region"`
		} `json:"parameters"`
		Data json.RawMessage `json:"data"`
	} `json:"inputs"`
	Outputs []struct {
		Name       string `json:"name"`
		Parameters struct {
			BinaryData         *bool           `json:"binary_data"`
			Classification     json.RawMessage `json:"classification"`
			SharedMemoryRegion json.RawMessage `json:"shared_memory_region"`
		} `json:"parameters"`
	} `json:"outputs"`
}

// decodeRequest reads the body of a request. header is the length of the JSON object at its
// beginning, or -1 if it is the whole body; binary tensors follow the object.
func decodeRequest(body []byte, header, maxImages int) (*inferRequest, error) {
	if header < 0 {
		header = len(body)
	}
	if header > len(body) {
		return nil, badRequest("Inference-Header-Content-Length is %d and the body has %d bytes, want at most these", header, len(body))
	}
	var j requestJSON
	if err := json.Unmarshal(body[:header], &j); err != nil {
		return nil, badRequest("the request is not the JSON object of the protocol: %w", err)
	}
	if len(j.Inputs) != 1 || j.Inputs[0].Name != inputName {
		return nil, badRequest("%d inputs, want one with the name %q", len(j.Inputs), inputName)
	}
	in := j.Inputs[0]
	images, err := imagesIn(in.Datatype, in.Shape, maxImages)
	if err != nil {
		return nil, err
	}
	r := &inferRequest{id: j.ID, images: images}
	rest := body[header:]
	switch size := in.Parameters.BinaryDataSize; {
	case in.Parameters.SharedMemoryRegion != nil:
		return nil, badRequest("input %q is in shared memory, want it in the request", inputName)
	case size == nil && len(rest) > 0:
		return nil, badRequest("%d bytes after the JSON object and no input with binary_data_size", len(rest))
	case size == nil:
		r.pixels, err = pixelsFromJSON(in.Data, in.Datatype, in.Shape)
	case in.Data != nil:
		return nil, badRequest("input %q has both data and binary_data_size, want one of them", inputName)
	case *size != len(rest):
		return nil, badRequest("input %q has binary_data_size %d, and %d bytes follow the JSON object", inputName, *size, len(rest))
	default:
		r.pixels, err = pixelsFromBytes(rest, in.Datatype, images)
	}
	if err != nil {
		return nil, err
	}
	for _, o := range j.Outputs {
		known := slices.Contains(outputNames, o.Name)
		twice := slices.ContainsFunc(r.outputs, func(other requestedOutput) bool { return other.name == o.Name })
		if !known || twice {
			return nil, badRequest("output %q, want each of %q at most once", o.Name, outputNames)
		}
		if o.Parameters.Classification != nil || o.Parameters.SharedMemoryRegion != nil {
			return nil, badRequest("output %q with the parameter classification or shared_memory_region, which this server does not have", o.Name)
		}
		binary := j.Parameters.BinaryDataOutput
		if o.Parameters.BinaryData != nil {
			binary = *o.Parameters.BinaryData
		}
		r.outputs = append(r.outputs, requestedOutput{o.Name, binary})
	}
	if len(j.Outputs) == 0 {
		for _, name := range outputNames {
			r.outputs = append(r.outputs, requestedOutput{name, j.Parameters.BinaryDataOutput})
		}
	}
	return r, nil
}

// imagesIn returns the number of images in an input with the given datatype and shape.
func imagesIn(datatype string, shape []int, most int) (int, error) {
	const h, w = fashion.ImageHeight, fashion.ImageWidth
	var shapes [][]int
	switch datatype {
	case "UINT8":
		shapes = [][]int{{h, w}, {h * w}}
	case "FP32":
		shapes = [][]int{{1, h, w}}
	default:
		return 0, badRequest("input %q has datatype %q, want UINT8 or FP32", inputName, datatype)
	}
	if len(shape) == 0 || !slices.ContainsFunc(shapes, func(s []int) bool { return slices.Equal(s, shape[1:]) }) {
		return 0, badRequest("input %q has datatype %s and shape %v, want UINT8 with [N 28 28] or [N 784], or FP32 with [N 1 28 28]", inputName, datatype, shape)
	}
	if shape[0] < 1 || shape[0] > most {
		return 0, badRequest("input %q has %d images, want 1 to %d", inputName, shape[0], most)
	}
	return shape[0], nil
}

// pixelsFromBytes reads a binary tensor: bytes, or float32 in little-endian order.
func pixelsFromBytes(data []byte, datatype string, images int) ([]float32, error) {
	width := map[string]int{"UINT8": 1, "FP32": 4}[datatype]
	pixels := make([]float32, images*fashion.ImagePixels)
	if len(data) != width*len(pixels) {
		return nil, badRequest("input %q has %d bytes, want %d for %d images of datatype %s", inputName, len(data), width*len(pixels), images, datatype)
	}
	for i := range pixels {
		if datatype == "UINT8" {
			pixels[i] = float32(data[i]) / 255
			continue
		}
		pixels[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if err := checkPixel(pixels[i]); err != nil {
			return nil, err
		}
	}
	return pixels, nil
}

// checkPixel returns an error for a pixel outside of [0, 1], as all are if a client forgets to
// divide by 255.
func checkPixel(x float32) error {
	if x >= 0 && x <= 1 { // false for NaN
		return nil
	}
	return badRequest("input %q has the FP32 value %v, want pixels in [0, 1]; send pixels from 0 to 255 as UINT8", inputName, x)
}
