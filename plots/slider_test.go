package plots

import (
	"encoding/json"
	"image"
	"strings"
	"testing"
)

func TestASliderHoldsEverythingItShows(t *testing.T) {
	slider, err := Slider("Walk through the test images", "test image", testNames, fourAnswers()...)
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "slider", slider.Still(), nil)
	var spec struct {
		Schema string `json:"$schema"`
		Params []struct {
			Name string
			Bind struct {
				Input    string
				Min, Max int
			}
		}
		Hconcat []struct {
			Data struct {
				Values []map[string]any
			}
		}
	}
	if err := json.Unmarshal(slider.VegaLite(), &spec); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(spec.Schema, "/vega-lite/v5.json") || len(spec.Params) != 1 || spec.Params[0].Bind.Input != "range" || spec.Params[0].Bind.Max != 3 {
		t.Errorf("the specification has the parameters %+v of %s", spec.Params, spec.Schema)
	}
	pictures, bars := spec.Hconcat[0].Data.Values, spec.Hconcat[1].Data.Values
	if len(pictures) != 4 || len(bars) != 40 {
		t.Fatalf("%d pictures and %d bars, want 4 and 40", len(pictures), len(bars))
	}
	for i, p := range pictures {
		if url, ok := p["url"].(string); !ok || !strings.HasPrefix(url, "data:image/png;base64,") || int(p["f"].(float64)) != i {
			t.Errorf("picture %d is %.60v, want an embedded PNG", i, p)
		}
	}
	labels := func(frame int) string {
		var all []string
		for _, b := range bars {
			if int(b["f"].(float64)) == frame && b["kind"] != "other" || int(b["f"].(float64)) == frame && strings.Contains(b["label"].(string), "true") {
				all = append(all, b["class"].(string)+" "+b["label"].(string)+", "+b["kind"].(string))
			}
		}
		return strings.Join(all, "; ")
	}
	for frame, want := range []string{
		"Ankle boot 98.0 % ✓ true, predicted",
		"T-shirt/top 71.0 % ✗ predicted, predicted, wrong; Shirt 25.0 % ✓ true, other",
		"Trouser < 0.1 % ✓ true, other; Dress 90.0 % ✗ predicted, predicted, wrong",
		"T-shirt/top 10.0 %, predicted",
	} {
		if got := labels(frame); got != want {
			t.Errorf("frame %d says %q, want %q", frame, got, want)
		}
	}
	if n := len(slider.VegaLite()); n > 20_000 {
		t.Errorf("four frames take %d bytes", n)
	}
}

func TestSliderRejectsInvalidArguments(t *testing.T) {
	large := fourAnswers()
	large[1].Image = image.NewGray(image.Rect(0, 0, 65, 65))
	wrong := fourAnswers()
	wrong[2].Probabilities = wrong[2].Probabilities[:3]
	for what, answers := range map[string][]Answer{
		"nothing": nil, "one frame": fourAnswers()[:1], "too many": make([]Answer, 101), "a large image": large, "missing probabilities": wrong,
	} {
		if slider, err := Slider("", "", testNames, answers...); err == nil || slider != nil {
			t.Errorf("%s: got %v, %v, want an error only", what, slider, err)
		}
	}
}
