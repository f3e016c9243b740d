package plots

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// wave is a matrix of values between −1 and 1 times the height.
func wave(rows, columns int, phase, height float64) [][]float64 {
	values := make([][]float64, rows)
	for y := range values {
		for x := range columns {
			values[y] = append(values[y], height*math.Sin(phase+float64(x)*4/float64(columns))*math.Cos(phase*0.7+float64(y)*3/float64(rows)))
		}
	}
	return values
}

func kernelMaps(n, side int) []Map {
	maps := make([]Map, n)
	for i := range maps {
		maps[i].Values = wave(side, side, float64(i), 0.1+0.02*float64(i))
	}
	return maps
}

func TestWeightsOfKernelsLooksAsBefore(t *testing.T) {
	figure, err := Weights("16 kernels of the first layer", 8, kernelMaps(16, 5)...)
	checkGolden(t, "weights_kernels", figure, err)
}

func TestWeightsOfClassesLooksAsBefore(t *testing.T) {
	maps := kernelMaps(10, 28)
	for i := range maps {
		maps[i].Title = testNames[i]
	}
	figure, err := Weights("What speaks for each class, and against it", 5, maps...)
	checkGolden(t, "weights_classes", figure, err)
}

func TestWeightsRejectsInvalidArguments(t *testing.T) {
	for what, maps := range map[string][]Map{
		"nothing":        nil,
		"an empty map":   {{Values: nil}},
		"a ragged map":   {{Values: [][]float64{{1, 2}, {3}}}},
		"NaN":            {{Values: [][]float64{{math.NaN()}}}},
		"infinity":       {{Values: [][]float64{{math.Inf(1)}}}},
		"two sizes":      {{Values: wave(3, 3, 0, 1)}, {Values: wave(5, 5, 0, 1)}},
		"too many":       kernelMaps(129, 2),
		"too large ones": {{Values: wave(513, 2, 0, 1)}},
	} {
		figure, err := Weights("", 4, maps...)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Weights("", 0, kernelMaps(1, 3)...)
	wantError(t, "no columns", figure, err, nil)
}

// The colours of a map are exact: white at 0, equally deep at the two ends.
func TestZeroIsWhiteAndTheEndsAreDeep(t *testing.T) {
	img := divergingImage([][]float64{{-2, 0, 2}}, 2)
	want := []color.NRGBA{{0xb8, 0x48, 0x00, 0xff}, paper, {0x00, 0x5c, 0xa0, 0xff}}
	for x, c := range want {
		if got := color.NRGBAModel.Convert(img.At(x, 0)); got != c {
			t.Errorf("value %d is %v, want %v", x, got, c)
		}
	}
	if got := color.NRGBAModel.Convert(divergingImage([][]float64{{0}}, 0).At(0, 0)); got != paper {
		t.Errorf("a map of zeros is %v, want white", got)
	}
	if got := color.NRGBAModel.Convert(greyImage([][]float64{{0}}, 0).At(0, 0)); got != black {
		t.Errorf("a grey map of zeros is %v, want black", got)
	}
}

func positive(values [][]float64) [][]float64 {
	for _, row := range values {
		for x, v := range row {
			row[x] = max(v, 0)
		}
	}
	return values
}

func threeLayers() []Layer {
	layers := []Layer{{Name: "conv1.0 Conv2d"}, {Name: "conv1.1 ReLU"}, {Name: "conv1.2 MaxPool2d"}}
	for i := range 16 {
		layers[0].Maps = append(layers[0].Maps, wave(28, 28, float64(i), 1.3))
		layers[1].Maps = append(layers[1].Maps, positive(wave(28, 28, float64(i), 1.3)))
		layers[2].Maps = append(layers[2].Maps, positive(wave(14, 14, float64(i), 1.3)))
	}
	return layers
}

func TestFeatureMapsLooksAsBefore(t *testing.T) {
	figure, err := FeatureMaps("An ankle boot on its way", garment(2), threeLayers()...)
	checkGolden(t, "featuremaps", figure, err)
}

func TestFeatureMapsRejectsInvalidArguments(t *testing.T) {
	one := wave(3, 3, 0, 1)
	for what, layers := range map[string][]Layer{
		"no layers":       nil,
		"a layer of none": {{Name: "x"}},
		"NaN":             {{Name: "x", Maps: [][][]float64{{{math.NaN()}}}}},
		"two sizes":       {{Name: "x", Maps: [][][]float64{one, wave(2, 2, 0, 1)}}},
		"an empty map":    {{Name: "x", Maps: [][][]float64{{}}}},
		"too many":        make([]Layer, 13),
	} {
		figure, err := FeatureMaps("", garment(0), layers...)
		wantError(t, what, figure, err, nil)
	}
	figure, err := FeatureMaps("", nil, threeLayers()...)
	wantError(t, "no image", figure, err, nil)
}

// spot is heat around a place given in shares.
func spot(side int, u, v float64) [][]float64 {
	values := make([][]float64, side)
	for y := range values {
		for x := range side {
			dx, dy := (float64(x)+0.5)/float64(side)-u, (float64(y)+0.5)/float64(side)-v
			values[y] = append(values[y], math.Exp(-(dx*dx+dy*dy)*12))
		}
	}
	return values
}

func TestOverlayLooksAsBefore(t *testing.T) {
	figure, err := Overlay("Where a network looks",
		Heat{garment(2), "Ankle boot\n99.8 %", Right, spot(7, 0.6, 0.8)},
		Heat{garment(0), "Dress\nnot Shirt", Wrong, spot(14, 0.5, 0.2)},
		Heat{garment(1), "Trouser\n100.0 %", Right, spot(28, 0.3, 0.5)},
		Heat{garment(3), "Bag\n", NoMark, [][]float64{{0}}})
	checkGolden(t, "overlay", figure, err)
}

func TestOverlayRejectsInvalidArguments(t *testing.T) {
	good := Heat{Image: garment(0), Values: [][]float64{{0.5}}}
	for what, heats := range map[string][]Heat{
		"nothing":          nil,
		"no image":         {{Values: good.Values}},
		"no heat":          {{Image: good.Image}},
		"heat above 1":     {{Image: good.Image, Values: [][]float64{{1.2}}}},
		"negative heat":    {{Image: good.Image, Values: [][]float64{{-0.1}}}},
		"NaN":              {{Image: good.Image, Values: [][]float64{{math.NaN()}}}},
		"an unknown mark":  {{Image: good.Image, Values: good.Values, Mark: 5}},
		"two sizes":        {good, {Image: image.NewGray(image.Rect(0, 0, 8, 8)), Values: good.Values}},
		"too many":         make([]Heat, 11),
		"heat with ragged": {{Image: good.Image, Values: [][]float64{{0, 1}, {0}}}},
	} {
		figure, err := Overlay("", heats...)
		wantError(t, what, figure, err, nil)
	}
}

func TestHeatIsStretchedBetweenTheCentresOfItsValues(t *testing.T) {
	values := [][]float64{{0, 1}, {0, 0}}
	for _, c := range []struct{ u, v, want float64 }{
		{0.25, 0.25, 0}, {0.75, 0.25, 1}, {0.5, 0.25, 0.5}, {0.5, 0.5, 0.25}, {1, 0, 1}, {0, 1, 0},
	} {
		if got := stretched(values, c.u, c.v); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("heat at (%v, %v) is %v, want %v", c.u, c.v, got, c.want)
		}
	}
}

func TestSeenLooksAsBefore(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(0, 0, 240, 320))
	for y := range 320 {
		for x := range 240 {
			picture.SetNRGBA(x, y, color.NRGBA{R: uint8(x), G: uint8(200 - y/2), B: 120, A: 0xff})
		}
	}
	figure, err := Seen("A picture of your own", picture, garment(0))
	checkGolden(t, "seen", figure, err)
}

func TestSeenRejectsInvalidArguments(t *testing.T) {
	for what, pair := range map[string][2]image.Image{
		"no picture":       {nil, garment(0)},
		"nothing seen":     {garment(0), nil},
		"an empty picture": {image.NewGray(image.Rectangle{}), garment(0)},
	} {
		figure, err := Seen("", pair[0], pair[1])
		wantError(t, what, figure, err, nil)
	}
}

func TestAFewLargeWeightsDoNotLeaveTheOthersPale(t *testing.T) {
	values := wave(10, 10, 0, 1)
	values[3][3] = -40
	maps := []Map{{Values: values}}
	if got := commonExtent(maps, 40); got > 1 {
		t.Errorf("the scale ends at %v, want at most 1", got)
	}
	figure, err := Weights("One large weight", 1, maps...)
	checkGolden(t, "weights_large", figure, err)
	if got := commonExtent([]Map{{Values: wave(10, 10, 0, 1)}}, 1); got != 1 {
		t.Errorf("the scale of even weights ends at %v, want the largest, 1", got)
	}
}

func TestTheMapsWithTheLargestValuesAreShownInOrder(t *testing.T) {
	one := func(v float64) [][]float64 { return [][]float64{{v, -9}} }
	var maps [][][]float64
	for _, v := range []float64{0.5, -1, 3, -2, 2, 0, 0, 1, 0, 0} {
		maps = append(maps, one(v))
	}
	var got []float64
	for _, m := range strongest(maps) {
		got = append(got, m[0][0])
	}
	if want := []float64{3, 2, 1, 0.5, -1, -2, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("the maps shown have %v, want %v", got, want)
	}
	if maps[0][0][0] != 0.5 {
		t.Error("the caller's maps were put into another order")
	}
	if got := eachSide([][]float64{{-4, 0, 1}}, -8, 2)[0]; !slices.Equal(got, []float64{-0.5, 0, 0.5}) {
		t.Errorf("scaled to %v", got)
	}
}
