package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckClassMeans(t *testing.T) {
	type answer = func(images [][]float64, labels []int, classes int) [][]float64
	counts := func(labels []int, classes int) []float64 {
		n := make([]float64, classes)
		for _, label := range labels {
			n[label]++
		}
		return n
	}
	// changed applies f to each value of the right answer.
	changed := func(f func(mean, count, all float64) float64) answer {
		return func(images [][]float64, labels []int, classes int) [][]float64 {
			means := classMeans(images, labels, classes)
			for c, row := range means {
				for p := range row {
					row[p] = f(row[p], counts(labels, classes)[c], float64(len(images)))
				}
			}
			return means
		}
	}
	testCheck(t, classMeans, lessons.CheckClassMeans, CheckClassMeansFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, []int, int) [][]float64 { panic("not implemented") }, "ClassMeans is not written yet"},
		{"sums", changed(func(mean, count, _ float64) float64 { return mean * count }), "these are sums"},
		{"divided by all", changed(func(mean, count, all float64) float64 { return mean * count / all }), "the number of all images"},
		{"whole numbers", changed(func(mean, _, _ float64) float64 { return float64(int(mean)) }), "the fractions are lost"},
		{"0/0 for a class without images", changed(func(mean, count, _ float64) float64 { return mean * count / count }), "probably 0 was divided by 0"},
		{"labels ignored", func(images [][]float64, labels []int, classes int) [][]float64 {
			all := classMeans(images, make([]int, len(images)), 1)[0]
			means := make([][]float64, classes)
			for c := range means {
				means[c] = append([]float64{}, all...)
			}
			return means
		}, "every class has the mean of all images"},
		{"halves", func(images [][]float64, labels []int, classes int) [][]float64 {
			means := classMeans(images, labels, classes)
			for _, row := range means {
				clear(row)
			}
			for i, image := range images {
				for p, x := range image {
					means[labels[i]][p] = (means[labels[i]][p] + x) / 2
				}
			}
			return means
		}, "(mean + image)/2"},
		{"one slice for all", func(images [][]float64, labels []int, classes int) [][]float64 {
			shared := make([]float64, len(images[0]))
			means := make([][]float64, classes)
			for c := range means {
				means[c] = shared
			}
			for i, image := range images {
				for p, x := range image {
					means[labels[i]][p] += x / counts(labels, classes)[labels[i]]
				}
			}
			return means
		}, "share one slice"},
		{"no class that is empty", func(images [][]float64, labels []int, classes int) [][]float64 {
			var means [][]float64
			for c, row := range classMeans(images, labels, classes) {
				if counts(labels, classes)[c] > 0 {
					means = append(means, row)
				}
			}
			return means
		}, "a mean for each of the"},
		{"nil for an empty class", func(images [][]float64, labels []int, classes int) [][]float64 {
			means := classMeans(images, labels, classes)
			for c := range means {
				if counts(labels, classes)[c] == 0 {
					means[c] = nil
				}
			}
			return means
		}, "a class without images has that many zeros"},
		{"writes to the images", func(images [][]float64, labels []int, classes int) [][]float64 {
			images[0][0] = 7
			return classMeans(images, labels, classes)
		}, "changes its argument"},
		{"another formula", changed(func(mean, count, _ float64) float64 { return mean + 1 }), "add up the images of each class"},
	})
}
