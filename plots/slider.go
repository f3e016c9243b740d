package plots

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// Interactive is an interactive figure, with a still picture for programs that cannot show
// it.
type Interactive struct {
	still *Figure
	spec  json.RawMessage
}

// Still returns the still picture.
func (i *Interactive) Still() *Figure { return i.still }

// VegaLite returns the figure as a Vega-Lite 5 specification, which JupyterLab shows without
// a network and a kernel, even in a notebook that is not trusted:
// https://vega.github.io/vega-lite/.
func (i *Interactive) VegaLite() json.RawMessage { return i.spec }

// maxFrames limits the size of a slider: 100 frames are about 150 KB.
const maxFrames = 100

// Slider returns a figure with a slider that selects one of several answers. It shows the
// answer's image, its title, and a bar for each class, whose length is the probability. The
// bar of the predicted class is blue if it is right, and vermillion with a cross if it is
// wrong; the true class has a tick. There must be 2 to 100 answers, whose images have at most
// 64 pixels a side. label is the text before the slider. The still picture shows the first
// answers.
func Slider(title, label string, names []string, answers ...Answer) (*Interactive, error) {
	fail := func(err error) (*Interactive, error) {
		return nil, fmt.Errorf("make a slider: %w", err)
	}
	if err := checkFrames(names, answers); err != nil {
		return fail(err)
	}
	var pictures []sliderPicture
	var bars []sliderBar
	for i, a := range answers {
		url, err := dataURL(a.Image)
		if err != nil {
			return fail(fmt.Errorf("image %d: %w", i, err))
		}
		pictures = append(pictures, sliderPicture{i, a.Title, url})
		bars = append(bars, sliderBars(i, names, a)...)
	}
	still, err := Answers(title, names, answers[:min(6, len(answers))]...)
	if err != nil {
		return fail(err)
	}
	encoded, err := json.Marshal(sliderSpec(title, label, names, len(answers), pictures, bars))
	if err != nil {
		return fail(err)
	}
	return &Interactive{still: still, spec: encoded}, nil
}

// checkFrames returns an error for answers that cannot be shown.
func checkFrames(names []string, answers []Answer) error {
	if len(answers) < 2 || len(answers) > maxFrames {
		return fmt.Errorf("%d answers, want 2 to %d", len(answers), maxFrames)
	}
	for i, a := range answers {
		if err := checkImage(fmt.Sprintf("image %d", i), a.Image); err != nil {
			return err
		}
		if size := a.Image.Bounds().Size(); max(size.X, size.Y) > 64 {
			return fmt.Errorf("image %d has %d×%d pixels, want at most 64 a side", i, size.X, size.Y)
		}
		if err := checkProbabilities(names, a.Probabilities, a.TrueClass); err != nil {
			return fmt.Errorf("answer %d (%q): %w", i, a.Title, err)
		}
	}
	return nil
}

// sliderPicture is the image of one frame.
type sliderPicture struct {
	Frame int    `json:"f"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// sliderBar is a class's bar in one frame.
type sliderBar struct {
	Frame       int     `json:"f"`
	Class       string  `json:"class"`
	Probability float64 `json:"p"`
	Kind        string  `json:"kind"`
	Label       string  `json:"label"`
}

// sliderBars are the bars of one frame.
func sliderBars(frame int, names []string, a Answer) []sliderBar {
	var bars []sliderBar
	predicted := mostProbable(a.Probabilities)
	for k, p := range a.Probabilities {
		b := sliderBar{Frame: frame, Class: names[k], Probability: math.Round(p*1e4) / 1e4, Kind: "other", Label: percentText(p)}
		switch {
		case k == predicted && (k == a.TrueClass || a.TrueClass < 0):
			b.Kind = "predicted"
		case k == predicted:
			b.Kind = "predicted, wrong"
			b.Label += " ✗ predicted"
		}
		if k == a.TrueClass {
			b.Label += " ✓ true"
		}
		bars = append(bars, b)
	}
	return bars
}

// A Vega-Lite specification is made of these.
type (
	object = map[string]any
	list   = []any
)

// sliderSpec is the figure in Vega-Lite.
func sliderSpec(title, label string, names []string, frames int, pictures []sliderPicture, bars []sliderBar) object {
	here := list{object{"filter": "datum.f == frame"}}
	x := func(last float64) object {
		return object{
			"field": "p", "type": "quantitative", "title": "probability",
			"scale": object{"domain": list{0, last}}, "axis": object{"values": list{0, 0.5, 1}, "format": ".1f"},
		}
	}
	const room = 1.7 // the axis continues beyond 1, for the labels
	y := object{"field": "class", "type": "nominal", "sort": names, "title": nil}
	return object{
		"$schema":    "https://vega.github.io/schema/vega-lite/v5.json",
		"background": "white",
		"title":      object{"text": title, "anchor": "middle"},
		// All colours are set, since JupyterLab's dark theme has other defaults: light
		// text, which is not readable on this white background.
		"config": object{
			"view": object{"stroke": nil}, "font": svgFonts,
			"title": object{"color": hex(ink)}, "text": object{"color": hex(ink)},
			"axis": object{
				"labelColor": hex(ink), "titleColor": hex(ink), "titleFontWeight": "normal",
				"domainColor": hex(axisGrey), "tickColor": hex(axisGrey), "gridColor": hex(gridGrey),
			},
		},
		"params": list{object{
			"name": "frame", "value": 0,
			"bind": object{"input": "range", "min": 0, "max": frames - 1, "step": 1, "name": label + " "},
		}},
		"hconcat": list{
			object{
				"width": 168, "height": 220,
				"data":      object{"values": pictures},
				"transform": here,
				"layer": list{
					object{"mark": object{"type": "image", "width": 168, "height": 168, "smooth": false, "x": 84, "y": 110},
						"encoding": object{"url": object{"field": "url", "type": "nominal"}}},
					object{"mark": object{"type": "text", "x": 84, "y": 8, "fontSize": 13},
						"encoding": object{"text": object{"field": "title", "type": "nominal"}}},
				},
			},
			object{
				"width": 300, "height": 220,
				"data":      object{"values": bars},
				"transform": here,
				"layer": list{
					object{"mark": object{"type": "bar"}, "encoding": object{
						"x": x(room), "y": y,
						"color": object{
							"field": "kind", "type": "nominal", "legend": nil,
							"scale": object{"domain": list{"predicted", "predicted, wrong", "other"}, "range": list{hex(blue), hex(vermillion), hex(barGrey)}},
						},
					}},
					object{"mark": object{"type": "text", "align": "left", "dx": 4}, "encoding": object{
						"x": x(room), "y": y, "text": object{"field": "label", "type": "nominal"},
					}},
				},
			},
		},
	}
}

// hex writes a colour as #rrggbb.
func hex(c color.Color) string {
	rgb, _ := svgColor(c)
	return rgb
}

// dataURL embeds an image, enlarged for viewers that blur what they scale.
func dataURL(img image.Image) (string, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, enlarge(img, svgEnlargement)); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
