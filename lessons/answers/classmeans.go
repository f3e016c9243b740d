package answers

import (
	"math"
	"slices"

	"fashionlab/lessons"
)

func visibleClassMeans() []lessons.Case {
	return each(classMeansCaseOf,
		meansCase{[][]float64{{0, 1, 0.5}, {1, 1, 0}, {0.5, 0, 0}}, []int{0, 1, 0}, 2},
	)
}

// CheckClassMeansFurther checks ClassMeans with three images of one class and
// with a class that has none.
func CheckClassMeansFurther(means func(images [][]float64, labels []int, classes int) [][]float64) error {
	return check("ClassMeans", means, classMeansCaseOf,
		meansCase{[][]float64{{1, 0}, {0, 0.5}, {0.5, 1}, {0.25, 0.25}}, []int{2, 2, 2, 0}, 3},
		meansCase{[][]float64{{1}, {0.5}}, []int{1, 1}, 4},
	)
}

type meansCase struct {
	images  [][]float64
	labels  []int
	classes int
}

// classMeansCaseOf is a call, with the right result and those of typical mistakes.
func classMeansCaseOf(k meansCase) lessons.Case {
	want := classMeans(k.images, k.labels, k.classes)
	counts := make([]int, k.classes)
	for _, label := range k.labels {
		counts[label]++
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a mean for each of the %d classes, not {length}", k.classes),
		lessons.If(lessons.WrongRowLength, "the mean of class {row} has {rowLength} pixels, but the images have %d; a class without images has that many zeros", len(k.images[0])),
		lessons.If(lessons.SharedRows, "all classes share one slice, so that each overwrites the others; make a new one for each class"),
	}
	if empty := slices.Index(counts, 0); empty >= 0 {
		causes = append(causes, lessons.If(lessons.HasNaN, "class %d has no images: probably 0 was divided by 0, which is not a number; leave its mean at zero", empty))
	}
	sums, ofAll := copyRows(want), copyRows(want)
	whole, running := copyRows(want), make([][]float64, k.classes)
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
	causes = append(causes,
		lessons.Gives(sums, "these are sums; divide each by the number of images of its class"),
		lessons.Gives(ofAll, "the sums are divided by the number of all images; count the images of each class, and divide by that"),
		lessons.Gives(same, "every class has the mean of all images; look at `labels[i]` to see which class image i belongs to"),
		lessons.Gives(whole, "the fractions are lost; divide float64 numbers, not whole ones"),
		lessons.Gives(running, "(mean + image)/2 gives the later images more weight; add up first, and divide once at the end"),
		lessons.Otherwise("add up the images of each class, and divide each sum by the number of images in it"),
	)
	return lessons.One(want, causes, k.images, k.labels, k.classes)
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

// copyRows copies a slice of slices.
func copyRows(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out
}
