package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"fashionlab/fashion"
)

// augmentFlag is the value of -augment, such as "flip,shift=1,erase".
type augmentFlag struct {
	text string
	list []fashion.Augmentation
}

func (f *augmentFlag) String() string { return f.text }

// Set reads the value. The signs + and , separate its parts; in a sweep, commas separate values.
func (f *augmentFlag) Set(text string) (err error) {
	f.text = text
	f.list, err = parseAugmentations(text)
	return err
}

func parseAugmentations(text string) (list []fashion.Augmentation, err error) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '+' }) {
		name, value, given := strings.Cut(strings.TrimSpace(part), "=")
		number := 0.5 // torchvision's default for flip and erase
		if given {
			if number, err = strconv.ParseFloat(value, 64); err != nil {
				return nil, fmt.Errorf("%q is not a number", value)
			}
		}
		var a fashion.Augmentation
		switch name {
		case "flip":
			a = fashion.RandomHorizontalFlip(number)
		case "alternating":
			if given {
				return nil, fmt.Errorf("alternating takes no number")
			}
			a = fashion.AlternatingFlip()
		case "shift", "crop":
			if !given {
				number = 1
			}
			if number != float64(int(number)) {
				return nil, fmt.Errorf("%s=%s, want whole pixels", name, value)
			}
			if a = fashion.RandomCrop(int(number)); name == "shift" {
				a = fashion.RandomShift(int(number), "reflect")
			}
		case "erase":
			a = fashion.RandomErasing(number)
		default:
			return nil, fmt.Errorf("%q, want flip, alternating, shift, crop or erase", name)
		}
		if err := a.Check(); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// ttaFlag is the flag for test-time augmentation.
func ttaFlag(flags *flag.FlagSet) *string {
	return flags.String("tta", "", "test-time augmentation, the mean softmax over `views`: flip (the image and its mirror image) or six (two diagonal shifts, too); default: none")
}

// checkTTA returns an error for an unknown value of -tta.
func checkTTA(tta string) error {
	if _, err := fashion.ViewsByName(tta, ""); err != nil {
		return usagef("-tta %q, want flip or six", tta)
	}
	return nil
}

// withViews returns the network with the views of -tta. Shifts have the edges of the run's training.
func withViews(net *fashion.Network, r *fashion.Run, tta string) (*fashion.Network, error) {
	if err := checkTTA(tta); err != nil {
		return nil, err
	}
	views, err := r.Views(tta)
	if err != nil {
		return nil, err
	}
	return net.WithViews(views...)
}
