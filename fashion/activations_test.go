package fashion

import (
	"math"
	"slices"
	"testing"

	"fashionlab/fashion/internal/graphtest"
)

// lookedAt is a small network with every kind of layer that gives feature
// maps, its weights and running statistics far from their first values, and an
// image.
func lookedAt(t *testing.T) (*Network, Image) {
	t.Helper()
	net := initialised(t, smallCNN())
	for _, name := range net.Weights.Names() {
		tensor, _ := net.Weights.Get(name)
		for i := range tensor.Data {
			tensor.Data[i] += float32(i%5) * 0.05
		}
	}
	data, err := Synthetic(3, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	image, err := data.Test.Image(1)
	if err != nil {
		t.Fatal(err)
	}
	return net, image
}

func TestActivationsAreThoseOfEachLayer(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		net, image := lookedAt(t)
		activations, err := net.Activations(image)
		if err != nil {
			t.Fatal(err)
		}
		summary, err := net.Model.Summary()
		if err != nil {
			t.Fatal(err)
		}
		if len(activations) != len(summary.Layers) {
			t.Fatalf("%d activations of %d layers", len(activations), len(summary.Layers))
		}
		for i, layer := range summary.Layers {
			a := activations[i]
			if a.Name != layer.Name || a.Kind != layer.Kind || !slices.Equal(a.Values.Shape, layer.OutputShape) {
				t.Errorf("activation %d is %s %s %v, want %s %s %v", i, a.Name, a.Kind, a.Values.Shape, layer.Name, layer.Kind, layer.OutputShape)
			}
		}
		// The first layer by the definition of convolution, the last by Predict.
		x := NewTensor(1, ImageHeight, ImageWidth, 1)
		for i, v := range image.Pixels {
			x.Data[i] = float32(v) / 255
		}
		weight, _ := net.Weights.Get("conv1.0.weight")
		bias, _ := net.Weights.Get("conv1.0.bias")
		cfg := net.Model.layers()[0].layer.(conv2D).config()
		y, _, _ := graphtest.NaiveConvolution((*graphtest.Array)(x), (*graphtest.Array)(weight), nil, graphtest.Conv{
			Stride: cfg.Stride, Dilation: cfg.Dilation, Padding: cfg.Padding, PaddingMode: string(cfg.PaddingMode), Groups: cfg.Groups,
		})
		got := activations[0].Values
		for c := range got.Shape[0] {
			for place := range got.Shape[1] * got.Shape[2] {
				want := y.Data[place*got.Shape[0]+c] + bias.Data[c]
				if v := got.Data[c*got.Shape[1]*got.Shape[2]+place]; math.Abs(float64(v-want)) > 1e-4 {
					t.Fatalf("channel %d, place %d: %v, want %v", c, place, v, want)
				}
			}
		}
		predictions, err := net.Predict(image)
		if err != nil {
			t.Fatal(err)
		}
		for c, logit := range activations[len(activations)-1].Values.Data {
			if math.Abs(float64(logit)-predictions[0].Logits[c]) > 1e-4 {
				t.Errorf("logit %d is %v, Predict says %v", c, logit, predictions[0].Logits[c])
			}
		}
	})
}

func TestActivationsRejectsInvalidArguments(t *testing.T) {
	net, image := lookedAt(t)
	if _, err := net.Activations(Image{Pixels: image.Pixels[:7]}); err == nil {
		t.Error("an image of 7 pixels was accepted")
	}
	broken := &Network{Model: net.Model, Weights: new(Weights)}
	if _, err := broken.Activations(image); err == nil {
		t.Error("a network without weights was accepted")
	}
}
