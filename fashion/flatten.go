package fashion

import "github.com/gomlx/gomlx/core/graph"

type flatten struct{}

// Flatten is PyTorch's nn.Flatten(): it turns an image [channels height width]
// into a vector [channels·height·width], channel by channel and row by row.
func Flatten() Layer { return flatten{} }

func (flatten) Kind() string   { return "Flatten" }
func (flatten) String() string { return "Flatten(start_dim=1, end_dim=-1)" }

func (flatten) OutputShape(input []int) ([]int, error) { return []int{sizeOf(input)}, nil }
func (flatten) Parameters() []ParameterSpec            { return nil }

func (flatten) Build(_ *Context, x *graph.Node) *graph.Node {
	if x.Rank() == 4 {
		// PyTorch's features are ordered channels first.
		x = graph.TransposeAllAxes(x, 0, 3, 1, 2)
	}
	return graph.Reshape(x, x.Shape().Dimensions[0], -1)
}
