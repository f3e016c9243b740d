package fashion

import (
	"math"
	"slices"
	"testing"
)

// withCopies is a data set in which image 3 is copied to 10, nearly to 11, and
// image 5 of the other set is a copy of 4.
func withCopies(t *testing.T) (a, b *Dataset) {
	t.Helper()
	data, err := Synthetic(9, 120, 60)
	if err != nil {
		t.Fatal(err)
	}
	a, b = data.Train, data.Test
	a = &Dataset{Name: a.Name, Images: slices.Clone(a.Images), Labels: slices.Clone(a.Labels)}
	b = &Dataset{Name: b.Name, Images: slices.Clone(b.Images), Labels: slices.Clone(b.Labels)}
	pixels := func(d *Dataset, i int) []byte { return d.Images[i*ImagePixels : (i+1)*ImagePixels] }
	copy(pixels(a, 10), pixels(a, 3))
	copy(pixels(a, 11), pixels(a, 3))
	for i := range 30 {
		pixels(a, 11)[300+i] ^= 8
	}
	copy(pixels(b, 5), pixels(a, 4))
	return a, b
}

func TestDuplicatesFindsWhatComparingAllPairsFinds(t *testing.T) {
	a, b := withCopies(t)
	type pair struct{ first, second int } // the second set counts on from the first
	at := func(i int) []byte {
		if i < a.Len() {
			return a.Images[i*ImagePixels : (i+1)*ImagePixels]
		}
		i -= a.Len()
		return b.Images[i*ImagePixels : (i+1)*ImagePixels]
	}
	for _, limit := range []float64{0, 2, 20} {
		want := map[pair]float64{}
		for i := range a.Len() + b.Len() {
			for j := i + 1; j < a.Len()+b.Len(); j++ {
				sum := 0.0
				for k, v := range at(i) {
					d := float64(v) - float64(at(j)[k])
					sum += d * d
				}
				if distance := math.Sqrt(sum / ImagePixels); distance <= limit {
					want[pair{i, j}] = distance
				}
			}
		}
		found, err := a.Duplicates(limit, b)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != len(want) {
			t.Errorf("distance %v: %d pairs, want %d", limit, len(found), len(want))
		}
		last := 0.0
		for _, d := range found {
			p := pair{d.First.Index, d.Second.Index}
			if d.FirstSet == b {
				p.first += a.Len()
			}
			if d.SecondSet == b {
				p.second += a.Len()
			}
			distance, ok := want[p]
			if !ok || math.Abs(d.Distance-distance) > 1e-12 {
				t.Errorf("distance %v: found %v at %v, want %v (%v)", limit, p, d.Distance, distance, ok)
			}
			if d.Distance < last {
				t.Errorf("distance %v: a pair at %v behind one at %v", limit, d.Distance, last)
			}
			last = d.Distance
		}
		if limit == 0 && len(found) < 2 || limit == 2 && len(found) < 4 {
			t.Errorf("distance %v: %d pairs: the copies are not among them", limit, len(found))
		}
	}
}

func TestDuplicatesRefusesNonsense(t *testing.T) {
	a, _ := withCopies(t)
	for _, distance := range []float64{-1, 21, math.NaN()} {
		if _, err := a.Duplicates(distance); err == nil {
			t.Errorf("a distance of %v was accepted", distance)
		}
	}
	if _, err := (&Dataset{}).Duplicates(1); err == nil {
		t.Error("a data set without images was accepted")
	}
	if _, err := (*Dataset)(nil).Duplicates(1); err == nil {
		t.Error("a nil data set was accepted")
	}
	if _, err := (&Dataset{Labels: make([]byte, 3)}).Duplicates(1); err == nil {
		t.Error("labels without images were accepted")
	}
}
