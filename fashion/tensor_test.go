package fashion

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestTensorsPrintAsInPyTorch(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "pytorch", "printing.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Shape []int     `json:"shape"`
		Data  []float32 `json:"data"`
		Text  string    `json:"text"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		tensor := &Tensor{Shape: c.Shape, Data: c.Data}
		if got := tensor.String(); got != c.Text {
			t.Errorf("shape %v:\n%s\nPyTorch prints\n%s", c.Shape, got, c.Text)
		}
	}
}

func TestSoftmaxNeitherOverflowsNorLosesTheSum(t *testing.T) {
	logits := &Tensor{Shape: []int{2, 3}, Data: []float32{1000, 999, 998, -1000, -1000, -1000}}
	p := logits.Softmax()
	// e⁰/(e⁰+e⁻¹+e⁻²) and so on.
	want := []float64{0.66524096, 0.24472847, 0.09003057, 1. / 3, 1. / 3, 1. / 3}
	for i, w := range want {
		if math.Abs(float64(p.Data[i])-w) > 1e-6 {
			t.Errorf("probability %d is %v, want %v", i, p.Data[i], w)
		}
	}
	if logits.Data[0] != 1000 {
		t.Error("Softmax changed its argument")
	}
}

func TestRowsSharesTheDataAndRefusesRangesOutside(t *testing.T) {
	tensor := &Tensor{Shape: []int{3, 2}, Data: []float32{1, 2, 3, 4, 5, 6}}
	rows, err := tensor.Rows(1, 3)
	if err != nil || rows.Shape[0] != 2 || rows.Data[0] != 3 {
		t.Errorf("Rows(1, 3) = %v, %v", rows, err)
	}
	for _, r := range [][2]int{{-1, 2}, {2, 1}, {0, 4}} {
		if _, err := tensor.Rows(r[0], r[1]); err == nil {
			t.Errorf("Rows(%d, %d) of 3 rows gave no error", r[0], r[1])
		}
	}
	if _, err := (&Tensor{Data: []float32{1}}).Rows(0, 1); err == nil {
		t.Error("a scalar has rows")
	}
}
