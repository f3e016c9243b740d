package fashion

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"testing"
)

func TestSyntheticDataSayThatTheyAreSynthetic(t *testing.T) {
	data, err := Synthetic(5, 20, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Dataset{data.Train, data.Test} {
		if !d.Synthetic || !strings.Contains(d.Name, "synthetic") {
			t.Errorf("%q: Synthetic is %v", d.Name, d.Synthetic)
		}
	}
	if data.Dir != "" || len(data.Files) != 0 {
		t.Errorf("synthetic data claim the folder %q and %d files", data.Dir, len(data.Files))
	}
	if data.Train.Len() != 20 || data.Test.Len() != 10 {
		t.Errorf("found %d and %d images, want 20 and 10", data.Train.Len(), data.Test.Len())
	}
}

func TestSyntheticDataDependOnTheSeedAlone(t *testing.T) {
	data, err := Synthetic(1, 100, 50)
	if err != nil {
		t.Fatal(err)
	}
	// Equal on every platform, since there are only integers in it.
	if got, want := hexSHA256(data.Train.Images), "f4cb99b22ee802046e86cd1cbdeafc3c45ecfbba0ae103aaa1426f0752229ee5"; got != want {
		t.Errorf("SHA-256 of seed 1's images is %s, want %s", got, want)
	}
	longer, err := Synthetic(1, 130, 50)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(longer.Train.Images[:len(data.Train.Images)], data.Train.Images) || !bytes.Equal(longer.Train.Labels[:100], data.Train.Labels) {
		t.Error("a longer set does not begin with the shorter one")
	}
	other, err := Synthetic(2, 100, 50)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(other.Train.Images, data.Train.Images) {
		t.Error("seeds 1 and 2 give the same images")
	}
	if bytes.Equal(data.Train.Images[:50*ImagePixels], data.Test.Images) {
		t.Error("the test images are training images")
	}
}

func TestSyntheticClassesAreBalanced(t *testing.T) {
	data, err := Synthetic(1, 100, 10)
	if err != nil {
		t.Fatal(err)
	}
	for start := 0; start < 100; start += 10 {
		var seen [NumClasses]bool
		for _, label := range data.Train.Labels[start : start+10] {
			seen[label] = true
		}
		for class, ok := range seen {
			if !ok {
				t.Errorf("images %d to %d show no %s", start, start+9, ClassNames[class])
			}
		}
	}
}

// A softmax regression trained by stochastic gradient descent, in plain Go.
func TestSyntheticDataCanBeLearntByASoftmaxRegression(t *testing.T) {
	data, err := Synthetic(1, 2000, 500)
	if err != nil {
		t.Fatal(err)
	}
	var weights [NumClasses][ImagePixels + 1]float64
	scores := func(d *Dataset, i int) (result [NumClasses]float64) {
		pixels := d.Images[i*ImagePixels : (i+1)*ImagePixels]
		for class := range weights {
			sum := weights[class][ImagePixels]
			for p, value := range pixels {
				sum += weights[class][p] * float64(value) / 255
			}
			result[class] = sum
		}
		return result
	}
	accuracy := func(d *Dataset) float64 {
		right := 0
		for i := range d.Len() {
			s := scores(d, i)
			best := 0
			for class := range s {
				if s[class] > s[best] {
					best = class
				}
			}
			if best == int(d.Labels[i]) {
				right++
			}
		}
		return float64(right) / float64(d.Len())
	}
	if got := accuracy(data.Test); got > 0.2 {
		t.Errorf("accuracy before training is %.3f, want about 0.1", got)
	}
	const rate = 0.01
	for range 3 {
		for i := range data.Train.Len() {
			s := scores(data.Train, i)
			total := 0.0
			for _, score := range s {
				total += math.Exp(score)
			}
			for class := range weights {
				gradient := math.Exp(s[class]) / total
				if class == int(data.Train.Labels[i]) {
					gradient--
				}
				for p := range ImagePixels {
					weights[class][p] -= rate * gradient * float64(data.Train.Images[i*ImagePixels+p]) / 255
				}
				weights[class][ImagePixels] -= rate * gradient
			}
		}
	}
	if got := accuracy(data.Test); got < 0.9 {
		t.Errorf("accuracy on the test images after 3 epochs is %.3f, want at least 0.9", got)
	} else {
		t.Logf("accuracy on the test images after 3 epochs: %.3f", got)
	}
}

func TestSyntheticRejectsSizesItCannotMake(t *testing.T) {
	for _, sizes := range [][2]int{{0, 1}, {1, 0}, {-1, 1}, {maxSynthetic + 1, 1}, {1, maxSynthetic + 1}} {
		if _, err := Synthetic(1, sizes[0], sizes[1]); err == nil || !strings.Contains(err.Error(), "1 to 1000000") {
			t.Errorf("sizes %v: found error %v, want one that names the valid range", sizes, err)
		}
	}
}

func hexSHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
