package fashion

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

func TestExactMeansDifferFromBatchMeansWhenTheLastBatchIsSmaller(t *testing.T) {
	// Three images in batches of two: losses 1, 2 and 6.
	e := summarise([]float64{1, 2, 6}, []int{0, 1, 2}, []byte{0, 0, 2}, 2)
	if e.Loss != 3 || math.Abs(e.BatchMeanLoss-(1.5+6)/2) > 1e-12 {
		t.Errorf("loss %v, batch means %v; want 3 and 3.75", e.Loss, e.BatchMeanLoss)
	}
	if math.Abs(e.Accuracy-2./3) > 1e-12 || e.BatchMeanAccuracy != 0.75 {
		t.Errorf("accuracy %v, batch means %v; want 2/3 and 0.75", e.Accuracy, e.BatchMeanAccuracy)
	}
	if e.Confusion[0][0] != 1 || e.Confusion[0][1] != 1 || e.Confusion[2][2] != 1 {
		t.Errorf("confusion %v", e.Confusion)
	}
}

func TestCrossEntropyAndAccuracyOfKnownLogits(t *testing.T) {
	logits := NewTensor(2, 10)
	logits.Data[13] = 1e4 // certain of class 3
	for _, c := range []struct {
		labels         []byte
		loss, accuracy float64
	}{
		{[]byte{5, 3}, math.Log(10) / 2, 0.5},
		{[]byte{0, 3}, math.Log(10) / 2, 1}, // of equal logits the first counts
		{[]byte{0, 4}, (math.Log(10) + 1e4) / 2, 0.5},
	} {
		loss, err := logits.CrossEntropy(c.labels)
		if err != nil || math.Abs(loss-c.loss) > 1e-9*c.loss {
			t.Errorf("labels %v: loss %v, %v; want %v", c.labels, loss, err, c.loss)
		}
		accuracy, err := logits.Accuracy(c.labels)
		if err != nil || accuracy != c.accuracy {
			t.Errorf("labels %v: accuracy %v, %v; want %v", c.labels, accuracy, err, c.accuracy)
		}
	}
	for _, labels := range [][]byte{{1}, {1, 10}, nil} {
		if _, err := logits.CrossEntropy(labels); err == nil {
			t.Errorf("labels %v for two rows of ten logits were accepted", labels)
		}
	}
}

func TestForwardWritesTheInputOfPrintLayers(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		data, err := Synthetic(1, 4, 4)
		if err != nil {
			t.Fatal(err)
		}
		loader, err := NewLoader(data.Test.All(), 4)
		if err != nil {
			t.Fatal(err)
		}
		model := NewModel("debug", Print("image"), Flatten(), Print("pixels"), Named("out", Linear(ImagePixels, NumClasses)))
		net, err := model.Init(1)
		if err != nil {
			t.Fatal(err)
		}
		var shown bytes.Buffer
		out, err := net.Forward(loader.First(), &shown)
		if err != nil {
			t.Fatal(err)
		}
		if text := shown.String(); !strings.HasPrefix(text, "image:\ntensor([[[[") || !strings.Contains(text, "pixels:\ntensor([[") {
			t.Errorf("shown:\n%s", text)
		}
		if out.Features.Shape[1] != ImagePixels || out.Logits.Shape[1] != NumClasses {
			t.Errorf("features %v, logits %v", out.Features.Shape, out.Logits.Shape)
		}
		// The features are the pixels, from 0 to 1.
		if want := float32(data.Test.Images[300]) / 255; math.Abs(float64(out.Features.Data[300]-want)) > 1e-6 {
			t.Errorf("pixel 300 is %v, want %v", out.Features.Data[300], want)
		}
	})
}

func TestTrainingModeDropsAndEvaluationModeDoesNot(t *testing.T) {
	useBackend(t, "go")
	data, err := Synthetic(1, 8, 8)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(data.Test.All(), 8)
	if err != nil {
		t.Fatal(err)
	}
	net, err := NewModel("m", Flatten(), Dropout(0.5), Named("out", Linear(ImagePixels, NumClasses))).Init(1)
	if err != nil {
		t.Fatal(err)
	}
	forward := func(seed uint64) []float32 {
		out, err := net.ForwardInTraining(loader.First(), seed)
		if err != nil {
			t.Fatal(err)
		}
		return out.Logits.Data
	}
	plain, err := net.Forward(loader.First(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if forward(1)[0] != forward(1)[0] {
		t.Error("the same seed dropped other values")
	}
	if forward(1)[0] == forward(2)[0] || forward(1)[0] == plain.Logits.Data[0] {
		t.Error("dropout did nothing in training mode")
	}
}

func TestPredictAgreesWithEvaluate(t *testing.T) {
	useBackend(t, "go")
	data, err := Synthetic(3, 10, 30)
	if err != nil {
		t.Fatal(err)
	}
	net, err := SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(data.Test.All(), 7)
	if err != nil {
		t.Fatal(err)
	}
	e, err := net.Evaluate(loader)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range e.Predicted {
		image, err := data.Test.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		p, err := net.Predict(image)
		if err != nil {
			t.Fatal(err)
		}
		if p[0].Predicted != want || p[0].Index != i || p[0].Label != image.Label {
			t.Errorf("image %d: %+v, Evaluate predicted %d", i, p[0], want)
		}
	}
	if _, err := net.Predict(); err == nil {
		t.Error("no images were accepted")
	}
	if _, err := net.Predict(Image{Pixels: make([]byte, 3)}); err == nil || !strings.Contains(err.Error(), "784") {
		t.Errorf("an image of 3 pixels: %v", err)
	}
}

// A student's own GoMLX graph trains like the layers of the package.
func TestAGraphLayerTrains(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		data, err := Synthetic(1, 640, 64)
		if err != nil {
			t.Fatal(err)
		}
		scale := GraphLayer{
			Name:     "Scale",
			Declared: []ParameterSpec{{Name: "factor", Shape: []int{1}, InitialValue: 1, Trainable: true}},
			Graph: func(c *Context, x *graph.Node) *graph.Node {
				return graph.Mul(x, graph.BroadcastToShape(graph.Reshape(c.Parameter("factor")), x.Shape()))
			},
		}
		net, err := NewModel("scaled", Flatten(), Named("scale", scale), Named("out", Linear(ImagePixels, NumClasses))).Init(1)
		if err != nil {
			t.Fatal(err)
		}
		loader, err := NewLoader(data.Train.All(), 64)
		if err != nil {
			t.Fatal(err)
		}
		history, err := net.Fit(loader, Training{Epochs: 2, Optimizer: SGD(0.1)})
		if err != nil {
			t.Fatal(err)
		}
		if losses := history.TrainLosses(); !(losses[1] < losses[0]) {
			t.Errorf("losses %v do not fall", losses)
		}
		if factor, _ := net.Weights.Get("scale.factor"); factor.Data[0] == 1 {
			t.Error("the layer's own parameter did not learn")
		}
	})
}

// A panic in a graph function becomes an error.
func TestAGraphThatPanicsIsAnError(t *testing.T) {
	useBackend(t, "go")
	data, err := Synthetic(1, 8, 8)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(data.Test.All(), 8)
	if err != nil {
		t.Fatal(err)
	}
	wrong := GraphLayer{Name: "Wrong", Graph: func(c *Context, x *graph.Node) *graph.Node {
		return graph.Add(x, c.Parameter("missing"))
	}}
	net, err := NewModel("wrong", Flatten(), wrong, Named("out", Linear(ImagePixels, NumClasses))).Init(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.Evaluate(loader); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Evaluate: %v", err)
	}
	if _, err := net.Fit(loader, Training{Epochs: 1}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Fit: %v", err)
	}
}

func TestConvolutionOfTensorsFollowsPyTorchsShapes(t *testing.T) {
	useBackend(t, "go")
	images, kernels := NewTensor(1, 2, 5, 5), NewTensor(4, 2, 3, 3)
	for i := range images.Data {
		images.Data[i] = float32(i)
	}
	for i := range kernels.Data {
		kernels.Data[i] = 1
	}
	out, err := images.Conv2D(kernels, Stride(2))
	if err != nil {
		t.Fatal(err)
	}
	// The sum of the 3×3 windows in the upper left corner of both channels.
	want := float32(0)
	for c := range 2 {
		for y := range 3 {
			for x := range 3 {
				want += images.Data[c*25+y*5+x]
			}
		}
	}
	if out.Shape[1] != 4 || out.Shape[2] != 2 || out.Data[0] != want {
		t.Errorf("shape %v, first value %v, want [1 4 2 2] and %v", out.Shape, out.Data[0], want)
	}
	for _, bad := range [][2]*Tensor{{NewTensor(5, 5), kernels}, {images, NewTensor(4, 3, 3, 3)}, {images, NewTensor(4, 2, 9, 9)}, {images, NewTensor(4, 2, 3, 2)}} {
		if _, err := bad[0].Conv2D(bad[1]); err == nil {
			t.Errorf("convolution of %v with %v was accepted", bad[0].Shape, bad[1].Shape)
		}
	}
}
