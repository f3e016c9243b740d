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
