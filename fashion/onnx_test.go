package fashion

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// The reference is ONNX Runtime, and the onnx package's checker and inference of shapes.
func TestExportedModelsComputeTheSameInONNXRuntimeAndHaveTellingNames(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles eight networks")
	}
	python := pythonWith(t, "onnx", "onnxruntime")
	useBackend(t, "go")
	networks := variedNetworks(t, NewModel("others", PixelUnshuffle(2),
		Named("wide", Conv2D(4, 8, 3, Padding(2), Groups(2), Dilation(2))), LeakyReLU(0.1),
		Named("halved", Conv2D(8, 8, 3, Padding(1), Stride(2), NoBias())), GELU(), Dropout(0.5),
		Named("same", Residual(Conv2D(8, 8, 3, Padding(1)), BatchNorm2D(8), ReLU())),
		Named("more", Residual(Conv2D(8, 12, 3, Padding(1)), GELU(Approximate("tanh")), Shortcut(Conv2D(8, 12, 1)))), Print("p"),
		AvgPool2D(2), AdaptiveAvgPool2D(3), Flatten(), Named("hidden", Linear(108, 16, NoBias())), BatchNorm1D(16), Scale(2), Named("out", Linear(16, NumClasses)), Dropout(0.5),
	))
	dir, images := t.TempDir(), testImages(t, 128)
	var pixels []byte
	for _, image := range images {
		pixels = append(pixels, image.Pixels...)
	}
	testfiles.Write(t, filepath.Join(dir, "images.bin"), pixels)
	for name, net := range networks {
		file := filepath.Join(dir, name)
		if err := net.SaveONNX(file + ".onnx"); err != nil {
			t.Fatal(err)
		}
		predictions, err := net.Predict(images...)
		if err != nil {
			t.Fatal(err)
		}
		var layers []string
		for _, s := range net.Model.layers() {
			layers = append(layers, strings.TrimSuffix(s.prefix, "."))
		}
		var logits [][]float64
		for _, p := range predictions {
			logits = append(logits, p.Logits[:])
		}
		weights := map[string][]int{}
		for _, p := range net.Model.Parameters() {
			if !p.Integer {
				weights[p.Name] = p.Shape
			}
		}
		content, err := json.Marshal(map[string]any{"model": net.Model.Name(), "layers": layers, "weights": weights, "logits": logits})
		if err != nil {
			t.Fatal(err)
		}
		testfiles.Write(t, file+".json", content)
	}
	out, err := exec.Command(python, "-P", filepath.Join("testdata", "onnx", "check.py"), dir).CombinedOutput()
	if err != nil || strings.Count(string(out), ": valid, ") != len(networks) {
		t.Fatalf("%v; want %d valid models:\n%s", err, len(networks), out)
	}
	t.Logf("\n%s", out)
}

// pythonWith returns the Python of tools/setup.py, or another one that has the packages. Without
// them the test is skipped, unless FASHION_REQUIRE_ONNX is set.
func pythonWith(t *testing.T, packages ...string) string {
	t.Helper()
	python := filepath.Join("..", ".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		python = "python3"
	}
	out, err := exec.Command(python, "-c", "import "+strings.Join(packages, ", ")).CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("FASHION_REQUIRE_ONNX") != "":
		t.Fatalf("%s has not %q (tools/setup.py --test installs them): %v\n%s", python, packages, err, out)
	default:
		t.Skipf("%s has not %q (tools/setup.py --test installs them): %v", python, packages, err)
	}
	return python
}
