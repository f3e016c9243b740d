package fashion

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"fashionlab/fashion/internal/forward"
)

// everyLayer is a model with the layers and settings that the homework and the recipes leave out.
func everyLayer() *Model {
	return NewModel("every",
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

// pageModels are models that a page can hold, with weights and statistics that change every value.
func pageModels(t *testing.T) map[string]*Network {
	t.Helper()
	networks := map[string]*Network{"every layer": initialised(t, everyLayer())}
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

func TestTheNetworkOfAPageGivesTheLogitsOfPredict(t *testing.T) {
	useBackend(t, "go")
	images := testImages(t, 100)
	for name, net := range pageModels(t) {
		page := decoded(t, net)
		predictions, err := net.Predict(images...)
		if err != nil {
			t.Fatal(err)
		}
		furthest := 0.0
		for i, image := range images {
			logits, err := page.Logits(image.Pixels)
			if err != nil {
				t.Fatal(err)
			}
			for c, want := range predictions[i].Logits {
				furthest = max(furthest, math.Abs(float64(logits[c])-want))
			}
		}
		if !(furthest <= tolerance) {
			t.Errorf("%s: logits differ by up to %v from those of Predict, want at most %v", name, furthest, tolerance)
		}
		t.Logf("%s: at most %.1e", name, furthest)
	}
}

func TestTheNetworkOfAPageLooksWhereGradCAMDoes(t *testing.T) {
	useBackend(t, "go")
	for name, net := range pageModels(t) {
		page := decoded(t, net)
		if name == "softmax" {
			if _, err := page.Look(make([]byte, ImagePixels), 0); err == nil {
				t.Error("softmax has no feature maps, want an error")
			}
			continue
		}
		furthest, seen := 0.0, 0
		for i, image := range testImages(t, 4) {
			for _, class := range []int{i, 9} {
				want, err := net.GradCAM(image, "", class)
				if err != nil {
					t.Fatal(err)
				}
				got, err := page.Look(image.Pixels, class)
				if err != nil {
					t.Fatal(err)
				}
				if page.Height != want.Map.Shape[0] || page.Width != want.Map.Shape[1] || len(got) != len(want.Map.Data) {
					t.Fatalf("%s: a map of %d×%d, want %v", name, page.Height, page.Width, want.Map.Shape)
				}
				if want.Largest > 0 {
					seen++
				}
				for k, v := range want.Map.Data {
					furthest = max(furthest, math.Abs(float64(got[k])-float64(v)*want.Largest)/max(want.Largest, 1e-6))
				}
			}
		}
		if !(furthest <= tolerance) || seen == 0 {
			t.Errorf("%s: %d maps that are not 0 differ by up to %v from GradCAM, want at most %v", name, seen, furthest, tolerance)
		}
		t.Logf("%s: at most %.1e in %d maps", name, furthest, seen)
	}
}
