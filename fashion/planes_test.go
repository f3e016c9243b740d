package fashion

import (
	"fmt"
	"testing"
)

func TestPlanesSplitAlongTheLastTwoAxes(t *testing.T) {
	tensor := NewTensor(2, 1, 2, 3)
	for i := range tensor.Data {
		tensor.Data[i] = float32(i)
	}
	planes, err := tensor.Planes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(planes), "[[[0 1 2] [3 4 5]] [[6 7 8] [9 10 11]]]"; got != want {
		t.Errorf("the planes are %s, want %s", got, want)
	}
	if _, err := NewTensor(5).Planes(); err == nil {
		t.Error("a vector has planes")
	}
}

func TestReshapeKeepsValuesAndRefusesAnotherNumber(t *testing.T) {
	tensor := NewTensor(2, 6)
	tensor.Data[7] = 5
	reshaped, err := tensor.Reshape(3, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if reshaped.Data[7] != 5 || fmt.Sprint(reshaped.Shape) != "[3 2 2]" {
		t.Errorf("reshaped to %v with %v", reshaped.Shape, reshaped.Data)
	}
	for _, shape := range [][]int{{13}, {-3, -4}, {}} {
		if _, err := tensor.Reshape(shape...); err == nil {
			t.Errorf("12 values were given the shape %v", shape)
		}
	}
}
