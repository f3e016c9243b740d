package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"strconv"
	"strings"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/atomicfile"
)

var predictCommand = command{
	name: "predict", usage: "-run DIR (-index N[,N…] [-split test|train] | -image FILE [-seen FILE.png]) [-tta flip|six]",
	short: "classify images of the data set, or your own picture",
	long: `
-index is the position of an image in the official file, from 0: that of the test
images or, with -split train, of the 60,000 training images. -image reads a JPEG,
PNG, GIF or WebP picture of a garment and prepares it as the makers of the data set
did: margins are trimmed, the longest edge is scaled to 28 pixels, the garment is put
in the centre, and inverted if its background is light, since the garments of the
data set are light on black. One line states what was done. -seen writes the result,
which is what the network sees.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		run, dir := runFlag(flags), dirFlag(flags)
		indices := flags.String("index", "", "`numbers` of images, separated by commas")
		part := flags.String("split", "test", "test or train")
		tta := ttaFlag(flags)
		file := pathFlag(flags, "image", "`file` with a JPEG, PNG, GIF or WebP picture")
		seen := pathFlag(flags, "seen", "`file`, a PNG, for the 28×28 pixels that the network sees of the picture")
		return func(s *session) error {
			if (*indices == "") == (*file == "") {
				return usagef("give either -index or -image")
			}
			if *seen != "" && *file == "" {
				return usagef("-seen needs -image")
			}
			net, r, err := openRun(*run)
			if err != nil {
				return err
			}
			if net, err = withViews(net, r, *tta); err != nil {
				return err
			}
			var images []fashion.Image
			var done []string
			if *file != "" {
				var picture fashion.Image
				if picture, done, err = readPicture(*file, *seen); err != nil {
					return err
				}
				images = append(images, picture)
			} else if images, err = chooseImages(s, *dir, *part, *indices); err != nil {
				return err
			}
			predictions, err := net.Predict(images...)
			if err != nil {
				return err
			}
			result := map[string]any{"predictions": predictions}
			if *file != "" {
				result["preparation"] = done
			}
			err = s.print(result, func(w io.Writer) {
				if *file != "" {
					fmt.Fprintf(w, "picture: %s\n", strings.Join(done, ", "))
				}
				printPredictions(w, predictions)
			})
			var logits []float64
			for _, p := range predictions {
				logits = append(logits, p.Logits[:]...)
			}
			return errors.Join(checkFinite(r, net, logits...), err)
		}
	},
}

// readPicture reads a picture and writes what the network sees of it, unless seen is empty.
func readPicture(path, seen string) (fashion.Image, []string, error) {
	picture, done, err := fashion.ReadPicture(path)
	if err != nil || seen == "" {
		return picture, done, err
	}
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		return picture, done, err
	}
	return picture, done, atomicfile.Write(seen, content.Bytes())
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
