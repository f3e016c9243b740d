package main

import (
	"flag"
	"fmt"
	"io"
)

var importCommand = command{
	name: "import", usage: "-model M -weights FILE.safetensors -run DIR",
	short: "make a run from a PyTorch state dict",
	long: `
Write the file in Python with safetensors.torch.save_file(model.state_dict(),
"FILE.safetensors"). The run can be evaluated and exported. train -resume trains
it from these weights; the optimizer starts without a state. A prefix of all names,
such as DataParallel's "module.", is removed.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		name, run := modelFlag(flags), runFlag(flags)
		weights := pathFlag(flags, "weights", "`file` with the state dict")
		return func(s *session) error {
			path, err := runPath(*run)
			if err != nil {
				return err
			}
			if *weights == "" {
				return usagef("-weights is missing; name a .safetensors file")
			}
			model, err := modelNamed(*name)
			if err != nil {
				return err
			}
			net, err := model.LoadSafetensors(*weights)
			if err != nil {
				return err
			}
			if _, err := net.SaveRun(path, nil); err != nil {
				return err
			}
			tensors := net.Weights.Names()
			result := map[string]any{"model": *name, "tensors": tensors, "run": path}
			if len(net.Notes) > 0 {
				result["notes"] = net.Notes
			}
			return s.print(result, func(w io.Writer) {
				fmt.Fprintf(w, "imported %d tensors of %s into %s\n", len(tensors), *name, path)
				for _, note := range net.Notes {
					fmt.Fprintf(w, "note: %s\n", note)
				}
			})
		}
	},
}

var exportCommand = command{
	name: "export", usage: "-run DIR -format safetensors|onnx -out FILE",
	short: "write a run's weights for PyTorch or its model for ONNX",
	long: `
A safetensors file is a PyTorch state dict. An ONNX file holds the model in
evaluation mode: input "images", float32 [batch 1 28 28] in [0, 1], and output
"logits" [batch 10].`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		run := runFlag(flags)
		format := flags.String("format", "safetensors", "safetensors or onnx")
		out := pathFlag(flags, "out", "`file` to write")
		return func(s *session) error {
			if *out == "" {
				return usagef("-out is missing; name the file to write")
			}
			if *format != "safetensors" && *format != "onnx" {
				return usagef("-format %q, want safetensors or onnx", *format)
			}
			net, _, err := openRun(*run)
			if err != nil {
				return err
			}
			save := net.SaveSafetensors
			if *format == "onnx" {
				save = net.SaveONNX
			}
			if err := save(*out); err != nil {
				return err
			}
			result := map[string]string{"file": *out, "format": *format}
			return s.print(result, func(w io.Writer) { fmt.Fprintf(w, "wrote %s (%s)\n", *out, *format) })
		}
	},
}
