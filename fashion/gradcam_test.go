package fashion

import (
	"math"
	"strings"
	"testing"
)

// The map by its definition, in loops: the gradient of a logit goes back through
// a linear layer as its weights, through max pooling to each window's largest
// value.
func TestGradCAMFollowsTheDefinition(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		const channels, size, pooled = 3, 26, 13
		model := NewModel("pooled",
			Block("conv", Conv2D(1, channels, 3), ReLU(), MaxPool2D(2)),
			Flatten(), Named("out", Linear(channels*pooled*pooled, NumClasses)))
		net := initialised(t, model)
		_, image := lookedAt(t)
		activations, err := net.Activations(image)
		if err != nil {
			t.Fatal(err)
		}
		maps := activations[1].Values.Data // after the ReLU
		weight, _ := net.Weights.Get("out.weight")
		for class := range NumClasses {
			want := make([]float64, size*size)
			for k := range channels {
				alpha := 0.0
				for p := range pooled * pooled {
					// Every window passes all of its gradient on, and what the ReLU
					// would hold back lies before the maps.
					alpha += float64(weight.Data[class*channels*pooled*pooled+k*pooled*pooled+p]) / (size * size)
				}
				for i := range want {
					want[i] += alpha * float64(maps[k*size*size+i])
				}
			}
			largest := 0.0
			for _, v := range want {
				largest = max(largest, v)
			}
			cam, err := net.GradCAM(image, "", class)
			if err != nil {
				t.Fatal(err)
			}
			if cam.Layer != "conv.1" || cam.Class != class || cam.Map.Shape[0] != size || cam.Map.Shape[1] != size {
				t.Fatalf("the map is %v of layer %s for class %d", cam.Map.Shape, cam.Layer, cam.Class)
			}
			if math.Abs(cam.Largest-largest) > 1e-5*max(largest, 1) {
				t.Errorf("class %d: the largest value is %v, want %v", class, cam.Largest, largest)
			}
			for i, v := range want {
				want := 0.0
				if v > 0 {
					want = v / largest
				}
				if math.Abs(float64(cam.Map.Data[i])-want) > 1e-3 {
					t.Fatalf("class %d, place %d: %v, want %v", class, i, cam.Map.Data[i], want)
				}
			}
		}
	})
}

func TestGradCAMUsesTheNamedLayer(t *testing.T) {
	useBackend(t, "go")
	net, image := lookedAt(t)
	for layer, want := range map[string]string{"": "conv1.2", "conv1.0": "conv1.0", "conv1.3": "conv1.3"} {
		cam, err := net.GradCAM(image, layer, 4)
		if err != nil {
			t.Fatal(err)
		}
		if cam.Layer != want {
			t.Errorf("layer %q: looked at %s, want %s", layer, cam.Layer, want)
		}
		largest := float32(0)
		for _, v := range cam.Map.Data {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("layer %q: the map has the value %v", layer, v)
			}
			largest = max(largest, v)
		}
		if largest != 1 && cam.Largest != 0 {
			t.Errorf("layer %q: the largest value is %v", layer, largest)
		}
	}
}

func TestGradCAMRefusesInvalidArguments(t *testing.T) {
	net, image := lookedAt(t)
	softmax := initialised(t, SoftmaxRegression())
	for want, f := range map[string]func() (*GradCAM, error){
		"class 10":           func() (*GradCAM, error) { return net.GradCAM(image, "", 10) },
		"class -1":           func() (*GradCAM, error) { return net.GradCAM(image, "", -1) },
		"3 pixels":           func() (*GradCAM, error) { return net.GradCAM(Image{Pixels: []byte{1, 2, 3}}, "", 0) },
		`no layer "conv9"`:   func() (*GradCAM, error) { return net.GradCAM(image, "conv9", 0) },
		"want feature maps":  func() (*GradCAM, error) { return net.GradCAM(image, "fc.0", 0) },
		"has no convolution": func() (*GradCAM, error) { return softmax.GradCAM(image, "", 0) },
		`want "conv1.0.weight"`: func() (*GradCAM, error) {
			return (&Network{Model: net.Model, Weights: new(Weights)}).GradCAM(image, "", 0)
		},
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}
