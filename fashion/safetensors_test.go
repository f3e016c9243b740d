package fashion

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
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
		{"empty", "", "it is empty"},
		{"seven bytes", "\x10\x00\x00\x00\x00\x00\x00", "fewer than the 8"},
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

func TestFilesOfOtherFormatsAreCalledByTheirName(t *testing.T) {
	page := "<!DOCTYPE html>\n<html><head><title>Not found</title></head></html>"
	for what, c := range map[string]struct{ file, says, advice string }{
		"Git LFS":             {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 31400\n", "pointer of Git LFS", "git lfs pull"},
		"a page":              {page, "web page", "download the file itself"},
		"a page behind a BOM": {"\ufeff\r\n" + page, "web page", "download"},
		"XML":                 {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML", "download"},
		"a server's error":    {`{"error":"Repository not found"}`, "JSON", "save_file"},
		"a note":              {"weights follow by mail", `begins "weights follow by mail"`, "save_file"},
		"notes in Cyrillic":   {strings.Repeat("веса ", 300), "text that begins", "save_file"},
		"torch.save":          {"PK\x03\x04\x00\x00\x08\x08\x00\x00archive/data.pkl", "ZIP", "torch.load"},
		"an old torch.save":   {"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M", "pickle", "torch.load"},
		"pickle, protocol 5":  {"\x80\x05\x95\x1b\x00\x00\x00\x00\x00\x00\x00}", "pickle", "torch.load"},
		"gzip":                {string(compress(t, []byte(page))), "gzip", "gunzip"},
		"xz":                  {"\xfd7zXZ\x00\x00\x04\xe6\xd6", "xz", "unxz"},
		"Keras":               {"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "HDF5", "save_file"},
		"NumPy":               {"\x93NUMPY\x01\x00v\x00{'descr'", "NumPy", "save_file"},
		"nothing":             {"", "empty", "again"},
		"a cut header":        {"\x40\x00\x00\x00\x00\x00\x00\x00" + `{"a":{"dtype"`, "cut off", "again"},
		"cut tensors":         {safetensorsFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "1234"), "cut off", "again"},
		"noise":               {"\x9c\x01\x02\xf3\x04\xf5\x06\xf7\xf8\xf9", "something else", "save_file"},
	} {
		path := filepath.Join(t.TempDir(), "w.safetensors")
		writeFile(t, path, []byte(c.file))
		_, err := LoadSafetensors(path, SoftmaxRegression())
		var refused *SafetensorsError
		if !errors.As(err, &refused) || refused.Path != path || !strings.Contains(refused.Reason, c.says) || !strings.Contains(refused.Reason, c.advice) {
			t.Errorf("%s: %v, want a SafetensorsError with %q and %q", what, err, c.says, c.advice)
		}
	}
}

// A header may be as long as the first bytes of other formats say.
func TestHeadersOfEveryLengthAreRead(t *testing.T) {
	for _, length := range []int{0x1f | 0x8b<<8, 0x80 | 0x02<<8, 0x80 | 0x05<<8, '<' | '!'<<8, 'B' | 'Z'<<8 | 'h'<<16} {
		header := `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`
		file := safetensorsFile(header+strings.Repeat(" ", length-len(header)), "7")
		weights, _, err := decodeSafetensors("f", []byte(file))
		if err != nil {
			t.Errorf("a header of %d bytes: %v", length, err)
			continue
		}
		if a, _ := weights.Get("a"); a.Data[0] != '7' {
			t.Errorf("a header of %d bytes: read %v", length, a.Data)
		}
	}
}

func TestHostileHeadersAreRefusedWithoutGigabytes(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for what, file := range map[string]string{
		"a header of 2^63 bytes":     "\xff\xff\xff\xff\xff\xff\xff\x7f{}",
		"a header of 100 MB":         "\x00\xe1\xf5\x05\x00\x00\x00\x00{}",
		"a tensor of 2^62 bytes":     safetensorsFile(`{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4611686018427387904]}}`, "1234"),
		"a product that overflows":   safetensorsFile(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}`, "1234"),
		"an offset beyond 64 bits":   safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551620]}}`, "1234"),
		"negative offsets":           safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, "1234"),
		"a gigabyte that is no byte": safetensorsFile(`{"a":{"dtype":"U8","shape":[1073741824],"data_offsets":[0,1073741824]}}`, "1234"),
		"the same bytes twice":       safetensorsFile(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"),
		"folded a thousand times":    safetensorsFile(strings.Repeat(`{"a":`, 20000), "1234"),
	} {
		var refused *SafetensorsError
		if _, _, err := decodeSafetensors("f", []byte(file)); !errors.As(err, &refused) {
			t.Errorf("%s: error %v, want a SafetensorsError", what, err)
		}
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 16<<20 {
		t.Errorf("allocated %d bytes for files of some hundred", allocated)
	}
}

func FuzzSafetensorsNeverPanicOrGiveAnIncompleteTensor(f *testing.F) {
	f.Add([]byte(safetensorsFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "12345678")))
	f.Add([]byte(safetensorsFile(`{"__metadata__":{"k":"v"},"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}`, "12")))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		weights, _, err := decodeSafetensors("f", content)
		if err != nil {
			return
		}
		for _, name := range weights.Names() {
			if x, _ := weights.Get(name); len(x.Data) != sizeOf(x.Shape) {
				t.Errorf("%q has %d values and the shape %v", name, len(x.Data), x.Shape)
			}
		}
	})
}

// stateDict writes a network's weights under other names.
func stateDict(t *testing.T, net *Network, rename func(string) string) string {
	t.Helper()
	changed := NewWeights()
	for _, name := range net.Weights.Names() {
		x, _ := net.Weights.Get(name)
		if name = rename(name); name != "" {
			changed.Set(name, x)
		}
	}
	file, err := encodeSafetensors(changed, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	writeFile(t, path, file)
	return path
}

func TestNamesWithAPrefixThatAllHaveAreTakenWithoutIt(t *testing.T) {
	for _, model := range []*Model{SoftmaxRegression(), CNNv1()} {
		net, err := model.Init(2)
		if err != nil {
			t.Fatal(err)
		}
		for _, prefix := range []string{"module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.", "модель.", "linear.", "a.linear.weight."} {
			read, err := LoadSafetensors(stateDict(t, net, func(name string) string { return prefix + name }), model)
			if err != nil {
				t.Errorf("%s, prefix %q: %v", model.Name(), prefix, err)
				continue
			}
			if err := sameWeights(net.Weights, read.Weights); err != nil {
				t.Errorf("%s, prefix %q: %v", model.Name(), prefix, err)
			}
			if len(read.Notes) != 1 || !strings.Contains(read.Notes[0], fmt.Sprintf("%q", prefix)) {
				t.Errorf("%s, prefix %q: notes %q, want one that names it", model.Name(), prefix, read.Notes)
			}
		}
		plain, err := LoadSafetensors(stateDict(t, net, func(name string) string { return name }), model)
		if err != nil || len(plain.Notes) != 0 {
			t.Errorf("%s without a prefix: %v, notes %q", model.Name(), err, plain.Notes)
		}
	}
}

func TestNamesWithAPrefixAreRefusedWhereItIsNotSimplyInFrontOfAll(t *testing.T) {
	model := CNN()
	net, err := model.Init(2)
	if err != nil {
		t.Fatal(err)
	}
	for what, rename := range map[string]func(string) string{
		"only some": func(name string) string {
			if strings.HasPrefix(name, "conv1") {
				return "module." + name
			}
			return name
		},
		"two prefixes": func(name string) string {
			if strings.HasPrefix(name, "conv1") {
				return "module." + name
			}
			return "model." + name
		},
		"no dot": func(name string) string { return "my" + name },
		"one is missing": func(name string) string {
			if name == "conv2.0.bias" {
				return ""
			}
			return "module." + name
		},
		"another name": func(name string) string { return "module." + strings.Replace(name, "conv2", "conv9", 1) },
	} {
		if read, err := LoadSafetensors(stateDict(t, net, rename), model); err == nil {
			t.Errorf("%s: taken, with notes %q", what, read.Notes)
		} else if !strings.Contains(err.Error(), "lack") {
			t.Errorf("%s: error %v, want one that says what is lacking", what, err)
		}
	}
	other, err := CNNv1().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSafetensors(stateDict(t, other, func(name string) string { return "module." + name }), model); err == nil {
		t.Error("the weights of another model with a prefix were taken")
	}
}

// Old versions of PyTorch and converters from Keras write no num_batches_tracked; PyTorch
// 2.15 reads such a file and leaves the count at 0 (nn/modules/batchnorm.py,
// _load_from_state_dict).
func TestMissingCountsOfBatchesBeginAtZero(t *testing.T) {
	model := CNNv3()
	net, err := model.Init(2)
	if err != nil {
		t.Fatal(err)
	}
	counts := 0
	for _, name := range net.Weights.Names() {
		if x, _ := net.Weights.Get(name); strings.HasSuffix(name, "num_batches_tracked") {
			counts++
			x.Data[0] = 391
		}
	}
	for _, prefix := range []string{"", "module."} {
		read, err := LoadSafetensors(stateDict(t, net, func(name string) string {
			if strings.HasSuffix(name, "num_batches_tracked") {
				return ""
			}
			return prefix + name
		}), model)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range net.Weights.Names() {
			want, _ := net.Weights.Get(name)
			got, _ := read.Weights.Get(name)
			if strings.HasSuffix(name, "num_batches_tracked") {
				if len(got.Data) != 1 || got.Data[0] != 0 || len(got.Shape) != 0 {
					t.Errorf("%s is %v, want 0", name, got)
				}
			} else if !reflect.DeepEqual(got, want) {
				t.Errorf("%s is not what was written", name)
			}
		}
		if !strings.Contains(strings.Join(read.Notes, "; "), fmt.Sprintf("lacks %d counts num_batches_tracked", counts)) {
			t.Errorf("notes %q, want one with %d counts", read.Notes, counts)
		}
	}
	first := true
	if _, err := LoadSafetensors(stateDict(t, net, func(name string) string {
		if strings.HasSuffix(name, "num_batches_tracked") && first {
			first = false
			return ""
		}
		return name
	}), model); err == nil || !strings.Contains(err.Error(), "num_batches_tracked") {
		t.Errorf("one of several counts is missing: error %v", err)
	}
}

func TestWeightsThatAreNotFiniteAreRefusedWithTheirPlace(t *testing.T) {
	half := func(bits uint16) []byte { return binary.LittleEndian.AppendUint16(nil, bits) }
	for what, c := range map[string]struct {
		dtype string
		value []byte
		says  string
	}{
		"NaN":                         {"F32", binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN()))), "NaN"},
		"infinity":                    {"F32", binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.Inf(1)))), "+Inf"},
		"minus infinity":              {"F32", binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.Inf(-1)))), "-Inf"},
		"an overflow of float16":      {"F16", half(0x7c00), "+Inf"},
		"NaN as float16":              {"F16", half(0x7e01), "NaN"},
		"an overflow of bfloat16":     {"BF16", half(0xff80), "-Inf"},
		"a float64 above all float32": {"F64", binary.LittleEndian.AppendUint64(nil, math.Float64bits(-1e300)), "-Inf"},
	} {
		size := len(c.value)
		weight, bias := make([]byte, 7840*size), make([]byte, 10*size)
		copy(weight[(3*784+500)*size:], c.value)
		header := fmt.Sprintf(`{"linear.weight":{"dtype":%q,"shape":[10,784],"data_offsets":[0,%d]},"linear.bias":{"dtype":%q,"shape":[10],"data_offsets":[%d,%d]}}`,
			c.dtype, len(weight), c.dtype, len(weight), len(weight)+len(bias))
		path := filepath.Join(t.TempDir(), "w.safetensors")
		writeFile(t, path, []byte(safetensorsFile(header, string(weight)+string(bias))))
		_, err := LoadSafetensors(path, SoftmaxRegression())
		if err == nil || !strings.Contains(err.Error(), `"linear.weight" holds `+c.says+" at position [3 500]") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

func TestOnlyRegularFilesAreReadAsWeights(t *testing.T) {
	if _, err := LoadSafetensors(t.TempDir(), SoftmaxRegression()); err == nil || !strings.Contains(err.Error(), "a folder") {
		t.Errorf("a folder: error %v", err)
	}
	if _, err := LoadSafetensors(os.DevNull, SoftmaxRegression()); err == nil || !strings.Contains(err.Error(), "a device") {
		t.Errorf("%s: error %v", os.DevNull, err)
	}
}
