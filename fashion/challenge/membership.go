package challenge

import (
	"context"
	"fmt"
	"math"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/sample"
)

// Membership compares a network's losses on the test images with those on images that it was
// trained on, or on held-out training images. An honest network is better on the images that it was
// trained on, and no better on test images than on held-out ones.
type Membership struct {
	// Control names the images of the comparison: "training" or "held-out".
	Control string `json:"control"`
	// ControlLoss and TestLoss are mean losses in nats, without test-time augmentation.
	ControlLoss float64 `json:"control_loss"`
	TestLoss    float64 `json:"test_loss"`
	// Z is the difference TestLoss − ControlLoss, divided by its standard error.
	Z float64 `json:"z"`
	// Sign is what Z says about test images in the training.
	Sign Sign `json:"sign"`
}

// Sign says whether a network looks as if it was trained on test images.
type Sign string

// The signs.
const (
	// NoSign: the test images are clearly new to the network.
	NoSign Sign = "none"
	// Open: the network knows test images as well as others. So do an honest network that fits its
	// training images loosely, and one that was trained on both. Only a complete replay decides.
	Open Sign = "open"
	// Suspicious: the network knows the test images better than the others.
	Suspicious Sign = "suspicious"
)

// The limits of Z. docs/challenge.md has the figures of honest and forged trainings.
const (
	leastWithoutSign = 3
	mostSuspicious   = -2
	// controlImages is the largest number of images of the comparison.
	controlImages = 10000
)

// signOf returns the sign of a value of Z.
func signOf(z float64) Sign {
	switch {
	case z >= leastWithoutSign:
		return NoSign
	case z >= mostSuspicious:
		return Open
	}
	return Suspicious // NaN, too
}

// The controls.
const (
	onTraining = "training"
	onHeld     = "held-out"
)

// memberships compares the evaluation of a network without views on the test images with training images, and with
// held-out ones if there are any.
func memberships(ctx context.Context, plain *fashion.Network, onTest *fashion.Evaluation, train, held fashion.Subset) ([]Membership, error) {
	var all []Membership
	for _, c := range []struct {
		name   string
		images fashion.Subset
	}{{onTraining, train}, {onHeld, held}} {
		if c.images.Len() < 2 {
			continue
		}
		c.images.Indices = c.images.Indices[:min(controlImages, c.images.Len())]
		onControl, err := evaluate(ctx, plain, c.images)
		if err != nil {
			return nil, err
		}
		m := Membership{Control: c.name}
		var testVariance, controlVariance float64
		m.TestLoss, testVariance = sample.Moments(onTest.Losses)
		m.ControlLoss, controlVariance = sample.Moments(onControl.Losses)
		m.Z = (m.TestLoss - m.ControlLoss) / math.Sqrt(testVariance/float64(len(onTest.Losses))+controlVariance/float64(c.images.Len()))
		m.Sign = signOf(m.Z)
		all = append(all, m)
	}
	return all, nil
}

// String describes a comparison.
func (m Membership) String() string {
	return fmt.Sprintf("mean loss %.4f on the test images, %.4f on %s images (z = %.1f)", m.TestLoss, m.ControlLoss, m.Control, m.Z)
}
