package plots

import "testing"

// baseline is the homework's first convolutional network, layer by layer.
func baseline() []Stage {
	return []Stage{
		{"Conv2d", []int{16, 28, 28}, 416}, {"ReLU", []int{16, 28, 28}, 0}, {"MaxPool2d", []int{16, 14, 14}, 0},
		{"Conv2d", []int{32, 14, 14}, 12832}, {"ReLU", []int{32, 14, 14}, 0}, {"MaxPool2d", []int{32, 7, 7}, 0},
		{"Flatten", []int{1568}, 0}, {"Linear", []int{10}, 15690},
	}
}

func TestNetworkLooksAsBefore(t *testing.T) {
	figure, err := Network("The baseline: from an image to ten logits", []int{1, 28, 28}, baseline()...)
	checkGolden(t, "network", figure, err)
}

func TestNetworkOfManyLayersContinuesInASecondRow(t *testing.T) {
	var stages []Stage
	for i, s := range [][]int{{32, 30, 30}, {64, 17, 17}, {128, 8, 8}} {
		pooled := []int{s[0], s[1] / 2, s[2] / 2}
		stages = append(stages, Stage{"Conv2d", s, 320 << i}, Stage{"BatchNorm2d", s, 2 * s[0]}, Stage{"ReLU", s, 0},
			Stage{"MaxPool2d", pooled, 0}, Stage{"Dropout", pooled, 0})
	}
	stages = append(stages, Stage{"Flatten", []int{2048}, 0}, Stage{"Linear", []int{256}, 524544}, Stage{"BatchNorm1d", []int{256}, 512},
		Stage{"ReLU", []int{256}, 0}, Stage{"Dropout", []int{256}, 0}, Stage{"Linear", []int{10}, 2570})
	figure, err := Network("", []int{1, 28, 28}, stages...)
	checkGolden(t, "network_deep", figure, err)
}

func TestNetworkRejectsInvalidArguments(t *testing.T) {
	image := []int{1, 28, 28}
	for what, f := range map[string]func() (*Figure, error){
		"no layers":         func() (*Figure, error) { return Network("", image) },
		"a flat image":      func() (*Figure, error) { return Network("", []int{28, 28}, baseline()...) },
		"two axes":          func() (*Figure, error) { return Network("", image, Stage{"Conv2d", []int{14, 14}, 0}) },
		"an empty list":     func() (*Figure, error) { return Network("", image, Stage{"Linear", []int{0}, 0}) },
		"large maps":        func() (*Figure, error) { return Network("", image, Stage{"Conv2d", []int{1, 224, 224}, 0}) },
		"too many channels": func() (*Figure, error) { return Network("", image, Stage{"Conv2d", []int{512, 7, 7}, 0}) },
		"no kind":           func() (*Figure, error) { return Network("", image, Stage{"", []int{10}, 0}) },
		"fewer than none":   func() (*Figure, error) { return Network("", image, Stage{"Linear", []int{10}, -1}) },
	} {
		figure, err := f()
		wantError(t, what, figure, err, nil)
	}
}
