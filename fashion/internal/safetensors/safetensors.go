// Package safetensors reads and writes files in the safetensors format
// (https://huggingface.co/docs/safetensors): eight bytes with the length of the header in
// little endian, a JSON header with the type, shape and position of each tensor, and the
// bytes of the tensors.
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Tensor is one tensor of a file, in row-major order.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
	// Integer makes Encode write the values as int64 instead of float32. Decode does not
	// set it.
	Integer bool
}

// Error is the error for a file that is not valid.
type Error struct {
	Path   string
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s is not a valid safetensors file: %s", e.Path, e.Reason)
}

// maxHeader is the format's limit for the length of the header.
const maxHeader = 100_000_000

// maxTensorBytes distinguishes a truncated file from one with a wrong header: no real tensor
// is nearly as large.
const maxTensorBytes = 1 << 40

// entry is a tensor's description in the header.
type entry struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// Encode returns a file with the given tensors, in their order but integers first, and the
// metadata.
func Encode(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	header := map[string]any{}
	if len(metadata) > 0 {
		header["__metadata__"] = metadata
	}
	// The format requires tensors ordered by alignment, wide types first.
	tensors = slices.Clone(tensors)
	sort.SliceStable(tensors, func(i, j int) bool { return tensors[i].Integer && !tensors[j].Integer })
	var body bytes.Buffer
	for _, t := range tensors {
		described := entry{DType: "F32", Shape: t.Shape}
		if described.Shape == nil {
			described.Shape = []int{}
		}
		described.Offsets[0] = int64(body.Len())
		var values any = t.Data
		if t.Integer {
			described.DType = "I64"
			whole := make([]int64, len(t.Data))
			for i, v := range t.Data {
				whole[i] = int64(v)
			}
			values = whole
		}
		if err := binary.Write(&body, binary.LittleEndian, values); err != nil {
			return nil, fmt.Errorf("encode tensor %q: %w", t.Name, err)
		}
		described.Offsets[1] = int64(body.Len())
		header[t.Name] = described
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("encode the safetensors header: %w", err)
	}
	// Padding aligns the tensors to eight bytes.
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(file, text...), body.Bytes()...), nil
}

// Decode reads a file of Encode or PyTorch. It returns the tensors, of type F64, F32, F16,
// BF16, I64, I32 or U8, as float32 and in file order, and the metadata. Errors are of type
// *Error and contain the path.
func Decode(path string, file []byte) ([]Tensor, map[string]string, error) {
	bad := func(format string, args ...any) error {
		return &Error{path, fmt.Sprintf(format, args...)}
	}
	if other := otherFormat(file); other != "" {
		return nil, nil, bad("%s", other)
	}
	if len(file) < 8 {
		return nil, nil, bad("%d bytes, want at least the 8 of the header's length", len(file))
	}
	length := binary.LittleEndian.Uint64(file)
	if length > maxHeader || length > uint64(len(file)-8) {
		if length <= maxHeader && (len(file) == 8 || file[8] == '{') {
			return nil, nil, bad("it is cut off: a header of %d bytes in a file of %d; copy or download it again", length, len(file))
		}
		return nil, nil, bad("a header of %d bytes in a file of %d, so it has another format; %s", length, len(file), makeStateDict)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+length], &raw); err != nil {
		return nil, nil, bad("the header is not JSON: %v", err)
	}
	body := file[8+length:]
	metadata := map[string]string{}
	entries := map[string]entry{}
	var names []string
	for name, message := range raw {
		if name == "__metadata__" {
			if err := json.Unmarshal(message, &metadata); err != nil {
				return nil, nil, bad("the metadata are not strings: %v", err)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(message, &e); err != nil {
			return nil, nil, bad("tensor %q: %v", name, err)
		}
		entries[name] = e
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := entries[names[i]].Offsets, entries[names[j]].Offsets
		if a != b {
			return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
		}
		return names[i] < names[j]
	})
	tensors := make([]Tensor, 0, len(names))
	end := int64(0)
	for _, name := range names {
		e := entries[name]
		if e.Offsets[0] == end && e.Offsets[1] > int64(len(body)) && e.Offsets[1]-end <= maxTensorBytes {
			return nil, nil, bad("it is cut off: tensor %q is at bytes %v of %d; copy or download it again", name, e.Offsets, len(body))
		}
		if e.Offsets[0] != end || e.Offsets[1] < e.Offsets[0] || e.Offsets[1] > int64(len(body)) {
			return nil, nil, bad("tensor %q is at bytes %v of %d, want it to start at %d and to end within the file", name, e.Offsets, len(body), end)
		}
		end = e.Offsets[1]
		data, err := e.decode(body[e.Offsets[0]:end])
		if err != nil {
			return nil, nil, bad("tensor %q: %v", name, err)
		}
		tensors = append(tensors, Tensor{Name: name, Shape: append([]int{}, e.Shape...), Data: data})
	}
	if end != int64(len(body)) {
		return nil, nil, bad("%d bytes after the last tensor, want none", int64(len(body))-end)
	}
	return tensors, metadata, nil
}

// decode turns a tensor's bytes into float32 values.
func (e entry) decode(data []byte) ([]float32, error) {
	read, width := valueReader(e.DType)
	if read == nil {
		return nil, fmt.Errorf("type %q, want F64, F32, F16, BF16, I64, I32 or U8; convert it in Python with tensor.float()", e.DType)
	}
	count := len(data) / width
	product := 1
	for _, n := range e.Shape {
		if n < 0 || n > 0 && product > count/n {
			return nil, fmt.Errorf("%d bytes, want as many as shape %v of type %s needs", len(data), e.Shape, e.DType)
		}
		product *= n
	}
	if product*width != len(data) {
		return nil, fmt.Errorf("%d bytes, want %d for shape %v of type %s", len(data), product*width, e.Shape, e.DType)
	}
	values := make([]float32, product)
	for i := range values {
		values[i] = read(data[i*width:])
	}
	return values, nil
}

// valueReader returns the function that reads one value of a type, and the size of a value
// in bytes.
func valueReader(dtype string) (func([]byte) float32, int) {
	little := binary.LittleEndian
	switch dtype {
	case "F64":
		return func(b []byte) float32 { return float32(math.Float64frombits(little.Uint64(b))) }, 8
	case "F32":
		return func(b []byte) float32 { return math.Float32frombits(little.Uint32(b)) }, 4
	case "BF16":
		return func(b []byte) float32 { return math.Float32frombits(uint32(little.Uint16(b)) << 16) }, 2
	case "F16":
		return func(b []byte) float32 { return halfToFloat(little.Uint16(b)) }, 2
	case "I64":
		return func(b []byte) float32 { return float32(int64(little.Uint64(b))) }, 8
	case "I32":
		return func(b []byte) float32 { return float32(int32(little.Uint32(b))) }, 4
	case "U8":
		return func(b []byte) float32 { return float32(b[0]) }, 1
	}
	return nil, 0
}

// halfToFloat converts IEEE 754 binary16.
func halfToFloat(h uint16) float32 {
	sign, exponent, fraction := float64(1), int(h>>10&31), float64(h&1023)
	if h>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		if fraction == 0 {
			return float32(math.Inf(int(sign)))
		}
		return float32(math.NaN())
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}
