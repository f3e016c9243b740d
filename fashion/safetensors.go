package fashion

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sort"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/regularfile"
)

// The safetensors format (https://huggingface.co/docs/safetensors): eight
// bytes with the header's length, little endian, a JSON header that gives each
// tensor's type, shape and place, and the tensors' bytes.

// SafetensorsError says what is wrong with a safetensors file.
type SafetensorsError struct {
	Path   string
	Reason string
}

func (e *SafetensorsError) Error() string {
	return fmt.Sprintf("%s is not a valid safetensors file: %s", e.Path, e.Reason)
}

// maxSafetensorsHeader is the format's own limit for the header.
const maxSafetensorsHeader = 100_000_000

// maxTensorBytes tells a file that was cut off from one whose header is wrong: no
// tensor of a network for these images comes near it.
const maxTensorBytes = 1 << 40

// safetensorsEntry is a tensor's description in the header.
type safetensorsEntry struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// encodeSafetensors writes tensors, in order, and metadata. The names in
// integers are stored as int64, all others as float32.
func encodeSafetensors(weights *Weights, integers map[string]bool, metadata map[string]string) ([]byte, error) {
	header := map[string]any{}
	if len(metadata) > 0 {
		header["__metadata__"] = metadata
	}
	var body bytes.Buffer
	// The format asks for tensors ordered by alignment, wide types first.
	names := weights.Names()
	sort.SliceStable(names, func(i, j int) bool { return integers[names[i]] && !integers[names[j]] })
	for _, name := range names {
		t, _ := weights.Get(name)
		entry := safetensorsEntry{DType: "F32", Shape: t.Shape}
		if entry.Shape == nil {
			entry.Shape = []int{}
		}
		entry.Offsets[0] = int64(body.Len())
		var err error
		if integers[name] {
			entry.DType = "I64"
			whole := make([]int64, len(t.Data))
			for i, v := range t.Data {
				whole[i] = int64(v)
			}
			err = binary.Write(&body, binary.LittleEndian, whole)
		} else {
			err = binary.Write(&body, binary.LittleEndian, t.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("encode tensor %q: %w", name, err)
		}
		entry.Offsets[1] = int64(body.Len())
		header[name] = entry
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("encode the safetensors header: %w", err)
	}
	// Padding keeps the tensors aligned to eight bytes.
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(file, text...), body.Bytes()...), nil
}

// decodeSafetensors reads what encodeSafetensors or PyTorch wrote: tensors of
// type F64, F32, F16, BF16 and integers, all as float32, in file order.
func decodeSafetensors(path string, file []byte) (*Weights, map[string]string, error) {
	bad := func(format string, args ...any) error {
		return &SafetensorsError{path, fmt.Sprintf(format, args...)}
	}
	if other := otherFormat(file); other != "" {
		return nil, nil, bad("%s", other)
	}
	if len(file) < 8 {
		return nil, nil, bad("it has %d bytes, fewer than the 8 of the header's length", len(file))
	}
	length := binary.LittleEndian.Uint64(file)
	if length > maxSafetensorsHeader || length > uint64(len(file)-8) {
		if length <= maxSafetensorsHeader && (len(file) == 8 || file[8] == '{') {
			return nil, nil, bad("it is cut off: the header should have %d bytes, the file has %d in all; copy or download it again", length, len(file))
		}
		return nil, nil, bad("the header should have %d bytes, the file has %d in all, so it is something else; %s", length, len(file), makeStateDict)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+length], &raw); err != nil {
		return nil, nil, bad("the header is not JSON: %v", err)
	}
	body := file[8+length:]
	metadata := map[string]string{}
	entries := map[string]safetensorsEntry{}
	var names []string
	for name, message := range raw {
		if name == "__metadata__" {
			if err := json.Unmarshal(message, &metadata); err != nil {
				return nil, nil, bad("the metadata are not strings: %v", err)
			}
			continue
		}
		var entry safetensorsEntry
		if err := json.Unmarshal(message, &entry); err != nil {
			return nil, nil, bad("tensor %q: %v", name, err)
		}
		entries[name] = entry
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := entries[names[i]].Offsets, entries[names[j]].Offsets
		if a != b {
			return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
		}
		return names[i] < names[j]
	})
	weights := NewWeights()
	end := int64(0)
	for _, name := range names {
		entry := entries[name]
		if entry.Offsets[0] == end && entry.Offsets[1] > int64(len(body)) && entry.Offsets[1]-end <= maxTensorBytes {
			return nil, nil, bad("it is cut off: tensor %q lies at bytes %v of %d; copy or download it again", name, entry.Offsets, len(body))
		}
		if entry.Offsets[0] != end || entry.Offsets[1] < entry.Offsets[0] || entry.Offsets[1] > int64(len(body)) {
			return nil, nil, bad("tensor %q lies at bytes %v of %d, want it to start at %d and to end within the file", name, entry.Offsets, len(body), end)
		}
		end = entry.Offsets[1]
		t, err := decodeTensor(entry, body[entry.Offsets[0]:end])
		if err != nil {
			return nil, nil, bad("tensor %q: %v", name, err)
		}
		weights.Set(name, t)
	}
	if end != int64(len(body)) {
		return nil, nil, bad("%d bytes follow the last tensor", int64(len(body))-end)
	}
	return weights, metadata, nil
}

// decodeTensor turns a tensor's bytes into float32 values.
func decodeTensor(entry safetensorsEntry, data []byte) (*Tensor, error) {
	read, width := tensorReader(entry.DType)
	if read == nil {
		return nil, fmt.Errorf("type %q is not supported; F64, F32, F16, BF16 and I64, I32, U8 are: convert it in Python with tensor.float()", entry.DType)
	}
	count := len(data) / width
	product := 1
	for _, n := range entry.Shape {
		if n < 0 || n > 0 && product > count/n {
			return nil, fmt.Errorf("shape %v of type %s does not fit its %d bytes", entry.Shape, entry.DType, len(data))
		}
		product *= n
	}
	if product*width != len(data) {
		return nil, fmt.Errorf("shape %v of type %s needs %d bytes, there are %d", entry.Shape, entry.DType, product*width, len(data))
	}
	t := &Tensor{Shape: append([]int{}, entry.Shape...), Data: make([]float32, product)}
	for i := range t.Data {
		t.Data[i] = read(data[i*width:])
	}
	return t, nil
}

// tensorReader gives the function that reads one value of a type, and the
// value's width in bytes.
func tensorReader(dtype string) (func([]byte) float32, int) {
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

// SaveSafetensors writes the network's weights as a PyTorch state dict: load
// them with safetensors.torch.load_file and Module.load_state_dict. The file
// is replaced atomically.
func (n *Network) SaveSafetensors(path string) error {
	if err := n.Weights.check(n.Model); err != nil {
		return err
	}
	file, err := encodeSafetensors(n.Weights, integerNames(n.Model), map[string]string{"format": "pt", "model": n.Model.Name()})
	if err != nil {
		return err
	}
	return atomicfile.Write(path, file)
}

// integerNames are the parameters that PyTorch stores as int64.
func integerNames(m *Model) map[string]bool {
	names := map[string]bool{}
	for _, p := range m.Parameters() {
		if p.Integer {
			names[p.Name] = true
		}
	}
	return names
}

// LoadSafetensors reads a state dict, written by PyTorch or by
// SaveSafetensors, into a network of the given model. Names and shapes must be
// the model's, with two exceptions, which the network's Notes name:
//
//   - all names may have one prefix more, such as the "module." of
//     torch.nn.DataParallel or the "_orig_mod." of torch.compile, if without it they
//     are exactly the model's;
//   - batch norm's num_batches_tracked may be absent, as in files of old versions of
//     PyTorch and of converters. It is 0 then, as in PyTorch.
//
// A value that is infinite or not a number is an error.
func LoadSafetensors(path string, model *Model) (*Network, error) {
	opened, _, err := regularfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	file, err := io.ReadAll(opened)
	if err != nil {
		return nil, err
	}
	weights, _, err := decodeSafetensors(path, file)
	if err != nil {
		return nil, err
	}
	var notes []string
	if without, prefix := weights.withoutPrefix(model); prefix != "" {
		weights = without
		notes = append(notes, fmt.Sprintf("all names in the file begin with %q, which was left out", prefix))
	}
	if n := weights.addCounts(model); n > 0 {
		counts := "counts"
		if n == 1 {
			counts = "count"
		}
		notes = append(notes, fmt.Sprintf("the file lacks %d %s num_batches_tracked, which begin at 0", n, counts))
	}
	net, err := NewNetwork(model, weights.ordered(model))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := net.Weights.checkFinite(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	net.Notes = notes
	return net, nil
}

// ordered returns the same tensors in the model's order, others last.
func (w *Weights) ordered(model *Model) *Weights {
	result := NewWeights()
	for _, p := range model.Parameters() {
		if t, ok := w.Get(p.Name); ok {
			result.Set(p.Name, t)
		}
	}
	for _, name := range w.names {
		result.Set(name, w.tensors[name])
	}
	return result
}
