package fashion

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

type leakyReLU struct{ slope float64 }

// LeakyReLU is PyTorch's nn.LeakyReLU(slope), whose default slope is 0.01: x if x > 0, and
// slope·x otherwise, with gradient slope at 0 (Maas, Hannun and Ng 2013, "Rectifier
// nonlinearities improve neural network acoustic models").
func LeakyReLU(slope float64) Layer { return leakyReLU{slope} }

func (leakyReLU) Kind() string                { return "LeakyReLU" }
func (l leakyReLU) String() string            { return "LeakyReLU(negative_slope=" + pythonFloat(l.slope) + ")" }
func (leakyReLU) Parameters() []ParameterSpec { return nil }
func (l leakyReLU) OutputShape(input []int) ([]int, error) {
	if err := checkNumber(l.slope); err != nil {
		return nil, fmt.Errorf("%v: %w", l, err)
	}
	return input, nil
}

func (l leakyReLU) Build(_ *Context, x *Node) *Node {
	return Where(GreaterThan(x, ScalarZero(x.Graph(), x.DType())), x, MulScalar(x, l.slope))
}
