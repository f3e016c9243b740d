package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

type printLayer struct{ title string }

// Print returns a layer that leaves its input unchanged. Network.Forward writes the
// input under the title to its writer; Fit, Evaluate and Predict write nothing.
// Use it to look at intermediate values, as with a print statement in PyTorch's
// forward.
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
