package fashion

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

type gelu struct{ approximate string }

// GELUOption changes GELU's setting.
type GELUOption func(*gelu)

// Approximate selects the form of GELU, as approximate in PyTorch: "none", the default, or
// "tanh". Any other form is an error of the model that has it.
func Approximate(form string) GELUOption { return func(g *gelu) { g.approximate = form } }

// GELU is PyTorch's nn.GELU(): x·Φ(x), where Φ is the distribution function of the normal
// distribution (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415):
//
//	x/2 · (1 + erf(x/√2))
//
// With Approximate("tanh") it is x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))).
func GELU(options ...GELUOption) Layer {
	g := gelu{"none"}
	for _, option := range options {
		option(&g)
	}
	return g
}

func (gelu) Kind() string                { return "GELU" }
func (g gelu) String() string            { return fmt.Sprintf("GELU(approximate='%s')", g.approximate) }
func (gelu) Parameters() []ParameterSpec { return nil }

func (g gelu) OutputShape(input []int) ([]int, error) {
	if g.approximate != "none" && g.approximate != "tanh" {
		return nil, fmt.Errorf("GELU: approximate %q, want none or tanh", g.approximate)
	}
	return input, nil
}

func (g gelu) Build(_ *Context, x *Node) *Node {
	var inner *Node // 2Φ(x) - 1
	if g.approximate == "tanh" {
		cubic := Mul(x, OnePlus(MulScalar(Square(x), 0.044715)))
		inner = Tanh(MulScalar(cubic, math.Sqrt(2/math.Pi)))
	} else {
		inner = Erf(MulScalar(x, math.Sqrt(0.5)))
	}
	return Mul(MulScalar(x, 0.5), OnePlus(inner))
}
