package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"fashionlab/fashion"
)

// exportFormats are the values of -format.
var exportFormats = []string{"safetensors", "onnx", "html"}

var exportCommand = command{
	name: "export", usage: "-run DIR -format safetensors|onnx|html -out FILE",
	short: "write a run's weights for PyTorch, its model for ONNX, or a page that computes it",
	long: `
A safetensors file is a PyTorch state dict. An ONNX file holds the model in
evaluation mode: input "images", float32 [batch 1 28 28] in [0, 1], and output
"logits" [batch 10]. An HTML file is a page that computes the network in a browser,
without a server and without any request: it classifies pictures, photographs and
drawings, and shows where the network looks. It holds 20 test images of each class.
Its program is compiled with Go, which takes a minute the first time; docs/page.md
describes it.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		run, dir := runFlag(flags), dirFlag(flags)
		format := flags.String("format", "safetensors", strings.Join(exportFormats, ", "))
		out := pathFlag(flags, "out", "`file` to write")
		return func(s *session) error {
			if *out == "" {
				return usagef("-out is missing; name the file to write")
			}
			if !slices.Contains(exportFormats, *format) {
				return usagef("-format %q, want one of %s", *format, strings.Join(exportFormats, ", "))
			}
			if s.isSet("dir") && *format != "html" {
				return usagef("-dir is only for -format html, which shows test images")
			}
			net, r, err := openRun(*run)
			if err != nil {
				return err
			}
			result := map[string]any{"file": *out, "format": *format}
			switch *format {
			case "safetensors":
				err = net.SaveSafetensors(*out)
			case "onnx":
				err = net.SaveONNX(*out)
			case "html":
				result["images"], result["bytes"], err = exportPage(s, net, r, *dir, *out)
			}
			if err != nil {
				return err
			}
			return s.print(result, func(w io.Writer) { fmt.Fprintf(w, "wrote %s (%s)\n", *out, *format) })
		}
	},
}

// pageImages is the number of test images of each class in a page.
const pageImages = 20

// exportPage writes a page and returns the number of its test images and its size.
func exportPage(s *session, net *fashion.Network, r *fashion.Run, dir, out string) (images int, bytes int64, err error) {
	data, err := s.load(fashion.LoadOptions{Dir: dir})
	if err != nil {
		return 0, 0, err
	}
	p := fashion.Page{Note: pageNote(r)}
	var count [fashion.NumClasses]int
	for i, label := range data.Test.Labels {
		if count[label] == pageImages {
			continue
		}
		count[label]++
		image, err := data.Test.Image(i)
		if err != nil {
			return 0, 0, err
		}
		p.Images = append(p.Images, image)
	}
	fmt.Fprintln(s.log, "compiling the page's program, which takes a minute the first time …")
	if err := net.SavePageContext(s.ctx, out, p); err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, 0, err
	}
	return len(p.Images), info.Size(), nil
}

// pageNote says how well the run's result is known to do.
func pageNote(r *fashion.Run) string {
	if r.Steps() == 0 {
		return "" // the weights are from a file
	}
	e, ok := r.ResultEpoch()
	switch {
	case !ok:
		return fmt.Sprintf("%d training steps", r.Steps())
	case !e.Validated:
		return fmt.Sprintf("trained for %d epochs", e.Epoch)
	}
	return fmt.Sprintf("accuracy on the validation images %.4f, after epoch %d", e.ResultAccuracy(), e.Epoch)
}
