package fashion

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlab/fashion/internal/engine"
)

// View is a fixed change of an image, for test-time augmentation; see WithViews. Its zero value
// is the image as it is.
type View struct {
	// Right and Down are the pixels by which the image is moved; negative numbers move it to the
	// left and up. Mode is that of RandomShift, and "" without a shift.
	Right, Down int
	Mode        string
	// Flip mirrors the image after the shift.
	Flip bool
}

// FlipViews returns the image and its mirror image.
func FlipViews() []View { return []View{{}, {Flip: true}} }

// SixViews returns the image and its two diagonal shifts by one pixel, each also mirrored. They
// are those of Jordan, https://arxiv.org/abs/2404.00498. The mode is that of RandomShift: take the one
// of the training.
func SixViews(mode string) []View {
	var views []View
	for _, v := range []View{{}, {Right: -1, Down: -1, Mode: mode}, {Right: 1, Down: 1, Mode: mode}} {
		flipped := v
		flipped.Flip = true
		views = append(views, v, flipped)
	}
	return views
}

// ViewsByName returns the views with a name: "flip" for FlipViews, "six" for SixViews with the given
// mode, and "" for none. Another name is an error.
func ViewsByName(name, mode string) ([]View, error) {
	switch name {
	case "":
		return nil, nil
	case "flip":
		return FlipViews(), nil
	case "six":
		return SixViews(mode), nil
	}
	return nil, fmt.Errorf("views %q, want flip or six", name)
}

// Views is ViewsByName for the run's network, with the mode of the run's augmentation ("reflect" if
// it has none).
func (r *Run) Views(name string) ([]View, error) {
	mode := "reflect"
	for _, a := range r.Config.Augment {
		if a.Mode != "" {
			mode = a.Mode
		}
	}
	return ViewsByName(name, mode)
}

// WithViews returns the network with test-time augmentation: Evaluate, Predict and PredictAll
// compute the softmax of each view of an image and take the mean. The logits of a prediction are
// then the logarithms of these probabilities. It takes as many forward passes as there are views.
// The weights are shared; a training of the returned network changes those of that one only, and
// validates with the views. No views restore the network without them. A view with an unknown
// mode, or a shift of 28 pixels or more, is an error.
func (n *Network) WithViews(views ...View) (*Network, error) {
	for i, v := range views {
		if v.Right == 0 && v.Down == 0 {
			continue
		}
		if err := checkShift(max(v.Right, -v.Right, v.Down, -v.Down), v.Mode); err != nil {
			return nil, fmt.Errorf("view %d: %w", i, err)
		}
	}
	with := *n
	with.views = slices.Clone(views)
	return &with, nil
}

// change is the view of an image, in place.
func (v View) change(_ int32, pixels []byte) {
	if v.Right != 0 || v.Down != 0 {
		shift(pixels, v.Right, v.Down, v.Mode)
	}
	if v.Flip {
		flip(pixels)
	}
}

// logits computes the logits of the images at the given indices, in this order. With views they
// are the logarithms of the mean probabilities, whose softmax gives these again: so all that is
// computed from logits holds for views, too.
func (e *evaluator) logits(ctx context.Context, images engine.Data, indices []int32) (*Tensor, error) {
	if len(e.views) == 0 {
		return e.viewLogits(ctx, images, indices)
	}
	sums := make([]float64, len(indices)*NumClasses) // logarithms of the sums of probabilities
	for k, v := range e.views {
		images.Change = v.change
		logits, err := e.viewLogits(ctx, images, indices)
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(sums); i += NumClasses {
			row := logits.Data[i : i+NumClasses]
			largest, sum := float64(slices.Max(row)), 0.0
			for _, logit := range row {
				sum += math.Exp(float64(logit) - largest)
			}
			for c, logit := range row {
				// In logarithms, since a small probability would become zero.
				p := float64(logit) - largest - math.Log(sum)
				if k > 0 {
					high, low := max(sums[i+c], p), min(sums[i+c], p)
					p = high + math.Log1p(math.Exp(low-high))
				}
				sums[i+c] = p
			}
		}
	}
	all := NewTensor(len(indices), NumClasses)
	for i, sum := range sums {
		all.Data[i] = float32(sum - math.Log(float64(len(e.views))))
	}
	return all, nil
}
