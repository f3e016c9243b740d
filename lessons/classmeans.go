package lessons

import "math"

// CheckClassMeans checks ClassMeans(images, labels, classes): for each class the
// mean of its images, pixel by pixel, and zeros for a class without images.
func CheckClassMeans(means func(images [][]float64, labels []int, classes int) [][]float64) error {
	return checkClassMeans(means,
		meansCase{[][]float64{{0, 1, 0.5}, {1, 1, 0}, {0.5, 0, 0}}, []int{0, 1, 0}, 2},
	)
}

// CheckClassMeansFurther checks ClassMeans with three images of one class and
// with a class that has none.
func CheckClassMeansFurther(means func(images [][]float64, labels []int, classes int) [][]float64) error {
	return checkClassMeans(means,
		meansCase{[][]float64{{1, 0}, {0, 0.5}, {0.5, 1}, {0.25, 0.25}}, []int{2, 2, 2, 0}, 3},
		meansCase{[][]float64{{1}, {0.5}}, []int{1, 1}, 4},
	)
}

type meansCase struct {
	images  [][]float64
	labels  []int
	classes int
}

func checkClassMeans(means func(images [][]float64, labels []int, classes int) [][]float64, cases ...meansCase) error {
	for _, k := range cases {
		call := callOf("ClassMeans", k.images, k.labels, k.classes)
		var got [][]float64
		if err := call.run(func() { got = means(k.images, k.labels, k.classes) }); err != nil {
			return err
		}
		want := classMeans(k.images, k.labels, k.classes)
		if alikeRows(got, want) {
			continue
		}
		if len(got) != k.classes {
			return call.wrong(got, want, "there is a mean for each of the %d classes, not %d", k.classes, len(got))
		}
		counts := make([]int, k.classes)
		for _, label := range k.labels {
			counts[label]++
		}
		for c, row := range got {
			if len(row) != len(want[c]) {
				return call.wrong(got, want, "the mean of class %d has %d pixels, but the images have %d; a class without images has that many zeros", c, len(row), len(want[c]))
			}
			if counts[c] == 0 && countNaN(row) > 0 {
				return call.wrong(got, want, "class %d has no images, and 0/0 is not a number; leave its mean at zero", c)
			}
		}
		sums, ofAll := clone(want).([][]float64), clone(want).([][]float64)
		whole, running := clone(want).([][]float64), make([][]float64, k.classes)
		overall := make([]float64, len(k.images[0]))
		for c := range want {
			running[c] = make([]float64, len(overall))
			for p := range want[c] {
				sums[c][p] *= float64(counts[c])
				ofAll[c][p] = sums[c][p] / float64(len(k.images))
				whole[c][p] = math.Trunc(want[c][p])
			}
		}
		for i, image := range k.images {
			for p, x := range image {
				overall[p] += x / float64(len(k.images))
				running[k.labels[i]][p] = (running[k.labels[i]][p] + x) / 2
			}
		}
		same := make([][]float64, k.classes)
		for c := range same {
			same[c] = overall
		}
		cause := likelyCause(got, alikeRows, "add up the images of each class, and divide each sum by the number of images in it",
			mistake[[][]float64]{sums, "these are sums; divide each by the number of images of its class"},
			mistake[[][]float64]{ofAll, "the sums are divided by the number of all images; count the images of each class, and divide by that"},
			mistake[[][]float64]{same, "every class has the mean of all images; look at labels[i] to see which class image i belongs to"},
			mistake[[][]float64]{whole, "the fractions are lost; divide float64 numbers, not whole ones"},
			mistake[[][]float64]{running, "(mean + image)/2 gives the later images more weight; add up first, and divide once at the end"},
		)
		if k.classes > 1 && len(got[0]) > 0 && &got[0][0] == &got[1][0] {
			cause = "all classes share one slice, so that each overwrites the others; make a new one for each class"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// classMeans is the reference.
func classMeans(images [][]float64, labels []int, classes int) [][]float64 {
	means := make([][]float64, classes)
	counts := make([]float64, classes)
	for c := range means {
		means[c] = make([]float64, len(images[0]))
	}
	for i, image := range images {
		counts[labels[i]]++
		for p, x := range image {
			means[labels[i]][p] += x
		}
	}
	for c, row := range means {
		for p := range row {
			row[p] /= max(counts[c], 1)
		}
	}
	return means
}
