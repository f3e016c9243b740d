package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

type printLayer struct{ title string }

// Print passes its input on unchanged and has Network.Forward write it, under
// the title, to the writer given there. Fit, Evaluate and Predict write
// nothing for it. It is for looking at what flows through a model, like a
// print statement in PyTorch's forward.
func Print(title string) Layer { return printLayer{title} }

func (printLayer) Kind() string                           { return "Print" }
func (p printLayer) String() string                       { return fmt.Sprintf("Print(%q)", p.title) }
func (printLayer) OutputShape(input []int) ([]int, error) { return input, nil }
func (printLayer) Parameters() []ParameterSpec            { return nil }

func (p printLayer) Build(c *Context, x *graph.Node) *graph.Node {
	shown := x
	if x.Rank() == 4 {
		shown = graph.TransposeAllAxes(x, 0, 3, 1, 2)
	}
	c.prints = append(c.prints, printed{p.title, shown})
	return x
}
