package fashion

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// safetensorsFile puts a header in front of a body, as the format has it:
// https://huggingface.co/docs/safetensors, "Format".
func safetensorsFile(header, body string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + body
}

func TestSafetensorsSurviveARoundTrip(t *testing.T) {
	for _, model := range []*Model{SoftmaxRegression(), CNNv3()} {
		net, err := model.Init(5)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := net.SaveSafetensors(path); err != nil {
			t.Fatal(err)
		}
		read, err := LoadSafetensors(path, model)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range net.Weights.Names() {
			want, _ := net.Weights.Get(name)
			got, _ := read.Weights.Get(name)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is not what was written", model.Name(), name)
			}
		}
	}
}

// PyTorch keeps batch norm's count of batches as int64: a state dict with
// another type does not load there.
func TestExportKeepsPyTorchsIntegerCount(t *testing.T) {
	net, err := CNNv1().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := net.SaveSafetensors(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := string(file[8 : 8+binary.LittleEndian.Uint64(file)])
	for _, part := range strings.Split(header, "},") {
		if integer := strings.Contains(part, `"I64"`); strings.Contains(part, "num_batches_tracked") != integer {
			t.Errorf("entry %s: I64 is %v", part, integer)
		}
	}
}

func TestSafetensorsOfOtherTypesAreConverted(t *testing.T) {
	for _, c := range []struct {
		dtype string
		bytes []byte
		want  float32
	}{
		{"F64", binary.LittleEndian.AppendUint64(nil, math.Float64bits(-1.5)), -1.5},
		{"F32", binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.25)), 0.25},
		{"F16", []byte{0x00, 0xc1}, -2.5},
		{"F16", []byte{0x01, 0x00}, 0x1p-24}, // the smallest subnormal number
		{"BF16", []byte{0x40, 0x40}, 3},
		{"I64", binary.LittleEndian.AppendUint64(nil, 7), 7},
		{"U8", []byte{200}, 200},
	} {
		header := fmt.Sprintf(`{"x":{"dtype":%q,"shape":[1],"data_offsets":[0,%d]}}`, c.dtype, len(c.bytes))
		weights, _, err := decodeSafetensors("f", []byte(safetensorsFile(header, string(c.bytes))))
		if err != nil {
			t.Errorf("%s: %v", c.dtype, err)
			continue
		}
		if x, _ := weights.Get("x"); x.Data[0] != c.want {
			t.Errorf("%s: read %v, want %v", c.dtype, x.Data[0], c.want)
		}
	}
}

func TestDamagedSafetensorsAreRefusedWithTheReason(t *testing.T) {
	good := `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	for _, c := range []struct{ name, file, says string }{
		{"empty", "", "fewer than the 8"},
		{"a header that promises more than the file", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", "the header should have"},
		{"a header longer than the file by one", "\x03\x00\x00\x00\x00\x00\x00\x00{}", "the header should have"},
		{"not JSON", safetensorsFile("{nonsense", ""), "not JSON"},
		{"truncated", safetensorsFile(good, "1234567"), `tensor "a" lies at`},
		{"longer", safetensorsFile(good, "123456789"), "follow the last tensor"},
		{"overlap", safetensorsFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), `tensor "b" lies at`},
		{"a hole", safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "lies at"},
		{"backwards", safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}`, "12345678"), "lies at"},
		{"a shape of gigabytes", safetensorsFile(`{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}}`, "12345678"), "does not fit"},
		{"a negative shape", safetensorsFile(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, "12345678"), "does not fit"},
		{"another shape", safetensorsFile(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, "12345678"), "8"},
		{"an unknown type", safetensorsFile(`{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}`, "12345678"), "not supported"},
	} {
		_, _, err := decodeSafetensors("w.safetensors", []byte(c.file))
		var refused *SafetensorsError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "w.safetensors") {
			t.Errorf("%s: %v, want a SafetensorsError that names the file and says %q", c.name, err, c.says)
		}
	}
}

func TestStateDictsThatAreNotTheModelsAreRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(change func(w *Weights)) string {
		net, err := SoftmaxRegression().Init(1)
		if err != nil {
			t.Fatal(err)
		}
		change(net.Weights)
		file, err := encodeSafetensors(net.Weights, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "w.safetensors")
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for says, change := range map[string]func(w *Weights){
		`lack "linear.bias"`: func(w *Weights) { w.names = w.names[:1]; delete(w.tensors, "linear.bias") },
		`"extra"`:            func(w *Weights) { w.Set("extra", NewTensor(1)) },
		"want [10 784]":      func(w *Weights) { w.Set("linear.weight", NewTensor(784, 10)) },
		"NaN":                func(w *Weights) { w.tensors["linear.bias"].Data[3] = float32(math.NaN()) },
	} {
		if _, err := LoadSafetensors(write(change), SoftmaxRegression()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one with %q", err, says)
		}
	}
}

func TestAFailedSaveKeepsTheFileThatIsThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.safetensors")
	if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	net, err := SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	delete(net.Weights.tensors, "linear.bias")
	if err := net.SaveSafetensors(path); err == nil {
		t.Error("weights that lack a tensor were saved")
	}
	if err := net.SaveONNX(path); err == nil {
		t.Error("weights that lack a tensor were exported")
	}
	if text, _ := os.ReadFile(path); string(text) != "precious" {
		t.Error("the file was overwritten")
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}
