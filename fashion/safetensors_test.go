package fashion

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion/internal/safetensors"
	"fashionlab/fashion/internal/testfiles"
)

func TestSafetensorsSurviveARoundTrip(t *testing.T) {
	for _, model := range []*Model{SoftmaxRegression(), CNNv3()} {
		net := initialised(t, model)
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := net.SaveSafetensors(path); err != nil {
			t.Fatal(err)
		}
		read, err := model.LoadSafetensors(path)
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

// The sums were computed by the first release. The bytes of files must not change, since
// others may have stored their checksums.
func TestExportedFilesAreTheSameInEveryRelease(t *testing.T) {
	for _, c := range []struct {
		model             *Model
		safetensors, onnx string
	}{
		{SoftmaxRegression(), "a3729aba87a4e7547549bdc8987fcf6f0d60fd3c438587bfce90917f25a356a4", "29ade8e573667a72db7dedbc484a75e89713a17426e48c2df4e90b8296d58e93"},
		{CNNv3(), "a7062e6ed6556562e8a125c82d906a2da34bd220580e338c4308e6f36524ddbb", "c605707be96a8bc3a6cb580dc9a330842d4550956036cf5dd17ece28c935aa6c"},
	} {
		net, err := c.model.Init(7)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "file")
		for _, format := range []struct {
			name string
			save func(string) error
			want string
		}{{"safetensors", net.SaveSafetensors, c.safetensors}, {"ONNX", net.SaveONNX, c.onnx}} {
			if err := format.save(path); err != nil {
				t.Fatal(err)
			}
			if got := hexSHA256(testfiles.Read(t, path)); got != format.want {
				t.Errorf("SHA-256 of %s as %s is %s, want %s", c.model.Name(), format.name, got, format.want)
			}
		}
	}
}

// PyTorch keeps batch norm's count of batches as int64: a state dict with
// another type does not load there.
func TestExportKeepsPyTorchsIntegerCount(t *testing.T) {
	net := initialised(t, CNNv1())
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

func TestStateDictsThatAreNotTheModelsAreRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(change func(w *Weights)) string {
		net := initialised(t, SoftmaxRegression())
		change(net.Weights)
		file, err := safetensors.Encode(net.Weights.tensorList(nil), nil)
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
		`want "linear.bias" among them`: func(w *Weights) { w.names = w.names[:1]; delete(w.tensors, "linear.bias") },
		`"extra"`:                       func(w *Weights) { w.Set("extra", NewTensor(1)) },
		"want [10 784]":                 func(w *Weights) { w.Set("linear.weight", NewTensor(784, 10)) },
		"NaN":                           func(w *Weights) { w.tensors["linear.bias"].Data[3] = float32(math.NaN()) },
	} {
		if _, err := SoftmaxRegression().LoadSafetensors(write(change)); err == nil || !strings.Contains(err.Error(), says) {
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
	net := initialised(t, SoftmaxRegression())
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

// stateDict writes a network's weights under other names.
func stateDict(t *testing.T, net *Network, rename func(string) string) string {
	t.Helper()
	changed := new(Weights)
	for _, name := range net.Weights.Names() {
		x, _ := net.Weights.Get(name)
		if name = rename(name); name != "" {
			changed.Set(name, x)
		}
	}
	file, err := safetensors.Encode(changed.tensorList(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	testfiles.Write(t, path, file)
	return path
}

func TestNamesWithAPrefixThatAllHaveAreTakenWithoutIt(t *testing.T) {
	for _, model := range []*Model{SoftmaxRegression(), CNNv1()} {
		net := initialised(t, model)
		for _, prefix := range []string{"module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.", "модель.", "linear.", "a.linear.weight."} {
			read, err := model.LoadSafetensors(stateDict(t, net, func(name string) string { return prefix + name }))
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
		plain, err := model.LoadSafetensors(stateDict(t, net, func(name string) string { return name }))
		if err != nil || len(plain.Notes) != 0 {
			t.Errorf("%s without a prefix: %v, notes %q", model.Name(), err, plain.Notes)
		}
	}
}

func TestNamesWithAPrefixAreRefusedWhereItIsNotSimplyInFrontOfAll(t *testing.T) {
	model := CNN()
	net := initialised(t, model)
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
		if read, err := model.LoadSafetensors(stateDict(t, net, rename)); err == nil {
			t.Errorf("%s: taken, with notes %q", what, read.Notes)
		} else if !strings.Contains(err.Error(), "among them") {
			t.Errorf("%s: error %v, want one that names a missing tensor", what, err)
		}
	}
	other := initialised(t, CNNv1())
	if _, err := model.LoadSafetensors(stateDict(t, other, func(name string) string { return "module." + name })); err == nil {
		t.Error("the weights of another model with a prefix were taken")
	}
}

// Old versions of PyTorch and converters from Keras write no num_batches_tracked; PyTorch
// 2.15 reads such a file and leaves the count at 0 (nn/modules/batchnorm.py,
// _load_from_state_dict).
func TestMissingCountsOfBatchesBeginAtZero(t *testing.T) {
	model := CNNv3()
	net := initialised(t, model)
	counts := 0
	for _, name := range net.Weights.Names() {
		if x, _ := net.Weights.Get(name); strings.HasSuffix(name, "num_batches_tracked") {
			counts++
			x.Data[0] = 391
		}
	}
	for _, prefix := range []string{"", "module."} {
		read, err := model.LoadSafetensors(stateDict(t, net, func(name string) string {
			if strings.HasSuffix(name, "num_batches_tracked") {
				return ""
			}
			return prefix + name
		}))
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
	if _, err := model.LoadSafetensors(stateDict(t, net, func(name string) string {
		if strings.HasSuffix(name, "num_batches_tracked") && first {
			first = false
			return ""
		}
		return name
	})); err == nil || !strings.Contains(err.Error(), "num_batches_tracked") {
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
		file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		testfiles.Write(t, path, slices.Concat(file, []byte(header), weight, bias))
		_, err := SoftmaxRegression().LoadSafetensors(path)
		if err == nil || !strings.Contains(err.Error(), `"linear.weight": `+c.says+" at position [3 500]") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

func TestAFileOfAnotherFormatIsRefusedWithItsPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	testfiles.Write(t, path, []byte("PK\x03\x04"))
	_, err := SoftmaxRegression().LoadSafetensors(path)
	var refused *safetensors.Error
	if !errors.As(err, &refused) || refused.Path != path || !strings.Contains(err.Error(), "torch.load") {
		t.Errorf("error %v, want one that names the file and says how to convert it", err)
	}
}

func TestOnlyRegularFilesAreReadAsWeights(t *testing.T) {
	if _, err := SoftmaxRegression().LoadSafetensors(t.TempDir()); err == nil || !strings.Contains(err.Error(), "a folder") {
		t.Errorf("a folder: error %v", err)
	}
	if _, err := SoftmaxRegression().LoadSafetensors(os.DevNull); err == nil || !strings.Contains(err.Error(), "a device") {
		t.Errorf("%s: error %v", os.DevNull, err)
	}
}
