package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"fashionlab/fashion"
)

var predictCommand = command{
	name: "predict", usage: "-run DIR (-index N[,N…] [-split test|train] | -image FILE.png) [-tta flip|six]",
	short: "classify images of the data set, or your own picture",
	long: `
-index is the position of an image in the official file, from 0: that of the test
images or, with -split train, of the 60,000 training images. -image scales a
picture to 28×28, and inverts one on a light background, since the garments of the
data set are light on black.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		run, dir := runFlag(flags), dirFlag(flags)
		indices := flags.String("index", "", "`numbers` of images, separated by commas")
		part := flags.String("split", "test", "test or train")
		tta := ttaFlag(flags)
		file := pathFlag(flags, "image", "`file` with a PNG picture")
		return func(s *session) error {
			if (*indices == "") == (*file == "") {
				return usagef("give either -index or -image")
			}
			net, r, err := openRun(*run)
			if err != nil {
				return err
			}
			if net, err = withViews(net, r, *tta); err != nil {
				return err
			}
			var images []fashion.Image
			if *file != "" {
				image, err := fashion.ReadPNG(*file)
				if err != nil {
					return err
				}
				images = append(images, image)
			} else if images, err = chooseImages(s, *dir, *part, *indices); err != nil {
				return err
			}
			predictions, err := net.Predict(images...)
			if err != nil {
				return err
			}
			result := map[string]any{"predictions": predictions}
			err = s.print(result, func(w io.Writer) { printPredictions(w, predictions) })
			var logits []float64
			for _, p := range predictions {
				logits = append(logits, p.Logits[:]...)
			}
			return errors.Join(checkFinite(r, net, logits...), err)
		}
	},
}

// chooseImages returns images of the data set by their positions.
func chooseImages(s *session, dir, part, numbers string) ([]fashion.Image, error) {
	if part != "test" && part != "train" {
		return nil, usagef("-split %q, want test or train", part)
	}
	data, err := s.load(fashion.LoadOptions{Dir: dir})
	if err != nil {
		return nil, err
	}
	dataset := data.Test
	if part == "train" {
		dataset = data.Train
	}
	var images []fashion.Image
	for _, text := range strings.Split(numbers, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, usagef("-index %q: %q is not a whole number", numbers, text)
		}
		image, err := dataset.Image(n)
		if err != nil {
			return nil, usageError{err}
		}
		images = append(images, image)
	}
	return images, nil
}

func printPredictions(w io.Writer, predictions []fashion.Prediction) {
	for _, p := range predictions {
		label := "unknown"
		if p.Label >= 0 {
			label = fmt.Sprintf("%d %s", p.Label, fashion.ClassNames[p.Label])
		}
		fmt.Fprintf(w, "image %d: label %s, predicted %d %s (probability %.4f)\n", p.Index, label, p.Predicted, fashion.ClassNames[p.Predicted], p.Probabilities[p.Predicted])
	}
}
