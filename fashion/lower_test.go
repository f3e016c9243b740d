package fashion

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/forward"
)

// everyLayer is a model with the layers and settings that the homework and the recipes leave out.
func everyLayer() *Model {
	return NewModel("every layer",
		Normalize(0.3, 0.4), PixelUnshuffle(2),
		Named("reflected", Conv2D(4, 6, 3, Padding(2), PaddingMode("reflect"), Groups(2))), LeakyReLU(0.1),
		Named("circular", Conv2D(6, 6, 2, Padding(1), PaddingMode("circular"), Dilation(2), NoBias())), GELU(),
		Named("replicated", Conv2D(6, 8, 3, Padding(1), PaddingMode("replicate"), Stride(2))), Dropout(0.5),
		Named("same", Residual(Conv2D(8, 8, 3, Padding(1)), BatchNorm2D(8), ReLU())),
		Named("wider", Residual(Conv2D(8, 12, 3, Padding(1)), GELU(Approximate("tanh")), Shortcut(Conv2D(8, 12, 1)))), Print("wide"),
		AvgPool2D(2), AdaptiveAvgPool2D(3), Named("more", Residual(ReLU())), MaxPool2D(2), Scale(0.5),
		Flatten(), Named("hidden", Linear(12, 16, NoBias())), BatchNorm1D(16), ReLU(), Named("out", Linear(16, NumClasses)),
	)
}

// variedNetworks are the homework's models, the recipes' and another one by their names, with weights and
// statistics that change every value.
func variedNetworks(t *testing.T, other *Model) map[string]*Network {
	t.Helper()
	networks := map[string]*Network{other.Name(): initialised(t, other)}
	for _, name := range append(ModelNames(), RecipeNames()...) {
		model, err := ModelByName(name)
		if err != nil {
			t.Fatal(err)
		}
		networks[name] = initialised(t, model)
	}
	for _, net := range networks {
		source := rand.New(rand.NewPCG(1, 2))
		for _, name := range net.Weights.Names() {
			tensor, _ := net.Weights.Get(name)
			switch {
			case strings.HasSuffix(name, "running_var"):
				for i := range tensor.Data {
					tensor.Data[i] = 0.1 + source.Float32()
				}
			case strings.HasSuffix(name, "running_mean"), len(tensor.Shape) == 1:
				for i := range tensor.Data {
					tensor.Data[i] += source.Float32()*0.4 - 0.2
				}
			}
		}
	}
	return networks
}

// testImages are the first images of the test set.
func testImages(t *testing.T, n int) []Image {
	t.Helper()
	data, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	images := make([]Image, n)
	for i := range images {
		if images[i], err = data.Test.Image(i); err != nil {
			t.Fatal(err)
		}
	}
	return images
}

// decoded returns the network that a page reads.
func decoded(t *testing.T, net *Network) *forward.Network {
	t.Helper()
	lowered, err := net.lowered()
	if err != nil {
		t.Fatal(err)
	}
	content, err := lowered.Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := forward.Decode(content)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// tolerance is the largest difference in logits and in places of Grad-CAM, whose largest is 1.
const tolerance = 1e-4

// libraryResult is what the library computes for a network.
type libraryResult struct {
	net         *Network
	predictions []Prediction
	// cams are those of the first images, of class i for image i; nil without a convolution.
	cams []*GradCAM
}

// references computes the library's results for the models that a page can hold.
func references(t *testing.T, images []Image) map[string]libraryResult {
	t.Helper()
	useBackend(t, "go")
	all := map[string]libraryResult{}
	for name, net := range variedNetworks(t, everyLayer()) {
		r := libraryResult{net: net}
		var err error
		if r.predictions, err = net.Predict(images...); err != nil {
			t.Fatal(err)
		}
		for i, image := range images[:NumClasses] {
			if name == "softmax" {
				break
			}
			cam, err := net.GradCAM(image, "", i)
			if err != nil {
				t.Fatal(err)
			}
			r.cams = append(r.cams, cam)
		}
		all[name] = r
	}
	return all
}

// compare reports where logits and maps, whose largest value is 1, differ from the library's.
func (r libraryResult) compare(t *testing.T, name string, logits [][]float32, maps [][]float32) {
	t.Helper()
	furthest := 0.0
	for i, p := range r.predictions {
		for c, want := range p.Logits {
			furthest = max(furthest, math.Abs(float64(logits[i][c])-want))
		}
	}
	if !(furthest <= tolerance) {
		t.Errorf("%s: logits differ by up to %v from those of Predict, want at most %v", name, furthest, tolerance)
	}
	inMaps, seen := 0.0, 0
	for i, cam := range r.cams {
		if cam.Largest > 0 {
			seen++
		}
		if len(maps[i]) != len(cam.Map.Data) {
			t.Fatalf("%s: a map of %d places, want %v", name, len(maps[i]), cam.Map.Shape)
		}
		for k, want := range cam.Map.Data {
			inMaps = max(inMaps, math.Abs(float64(maps[i][k]-want)))
		}
	}
	if !(inMaps <= tolerance) || len(r.cams) > 0 && seen == 0 {
		t.Errorf("%s: %d maps that are not 0 differ by up to %v from those of GradCAM, want at most %v", name, seen, inMaps, tolerance)
	}
	t.Logf("%s: logits differ by at most %.1e, %d maps by at most %.1e", name, furthest, seen, inMaps)
}

func TestTheNetworkOfAPageComputesWhatTheLibraryDoes(t *testing.T) {
	images := testImages(t, 20)
	for name, r := range references(t, images) {
		page := decoded(t, r.net)
		var logits, maps [][]float32
		for i, image := range images {
			y, err := page.Logits(image.Pixels)
			if err != nil {
				t.Fatal(err)
			}
			logits = append(logits, y)
			if i >= len(r.cams) {
				continue
			}
			places, err := page.Look(image.Pixels, i)
			if err != nil {
				t.Fatal(err)
			}
			maps = append(maps, places)
			largest := slices.Max(places)
			if want := r.cams[i].Largest; math.Abs(float64(largest)-want) > tolerance*max(want, 1) {
				t.Errorf("%s: the map's largest value is %v, want %v", name, largest, want)
			}
			for k := range places {
				places[k] /= max(largest, math.SmallestNonzeroFloat32)
			}
		}
		r.compare(t, name, logits, maps)
	}
}

func TestWhatANetworkOfAPageCannotComputeIsAnError(t *testing.T) {
	softmax := decoded(t, initialised(t, SoftmaxRegression()))
	cnn := decoded(t, initialised(t, CNN()))
	pixels := make([]byte, ImagePixels)
	for want, f := range map[string]func() error{
		"no feature maps": func() error { _, err := softmax.Look(pixels, 0); return err },
		"output 10":       func() error { _, err := cnn.Look(pixels, 10); return err },
		"output -1":       func() error { _, err := cnn.Look(pixels, -1); return err },
		"3 pixels":        func() error { _, err := cnn.Logits(make([]byte, 3)); return err },
		"the network":     func() error { _, err := forward.Decode([]byte("{")); return err },
		"layer 1: Square is not a layer of the library": func() error {
			own := GraphLayer{Name: "Square", Graph: func(_ *Context, x *graph.Node) *graph.Node { return graph.Square(x) }}
			_, err := initialised(t, NewModel("own", Flatten(), own, Linear(ImagePixels, NumClasses))).lowered()
			return err
		},
		"layer block.0: layer block.0.branch.1: Cube": func() error {
			own := GraphLayer{Name: "Cube", Graph: func(_ *Context, x *graph.Node) *graph.Node { return x }}
			_, err := initialised(t, NewModel("own", Block("block", Residual(ReLU(), own)), Flatten(), Linear(ImagePixels, NumClasses))).lowered()
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}
