package fashion

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// withBool returns a node's shape with the type of a condition.
func withBool(x *Node) shapes.Shape { return shapes.Make(dtypes.Bool, x.Shape().Dimensions...) }

// clipNorm scales the gradients so that their total norm is at most the given number, as
// torch.nn.utils.clip_grad_norm_(max_norm) with its norm_type 2:
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
func clipNorm(gradients []*Node, most float64) []*Node {
	var total *Node
	for _, g := range gradients {
		square := ReduceAllSum(Mul(g, g))
		if total != nil {
			square = Add(total, square)
		}
		total = square
	}
	scale := MinScalar(Div(ConstAs(total, most), AddScalar(Sqrt(total), 1e-6)), 1.0)
	clipped := make([]*Node, len(gradients))
	for i, g := range gradients {
		clipped[i] = Mul(g, BroadcastToShape(scale, g.Shape()))
	}
	return clipped
}

// clipValue limits each value of the gradients to [-most, most], as
// torch.nn.utils.clip_grad_value_(clip_value).
func clipValue(gradients []*Node, most float64) []*Node {
	clipped := make([]*Node, len(gradients))
	for i, g := range gradients {
		clipped[i] = MaxScalar(MinScalar(g, most), -most)
	}
	return clipped
}

// stepsOf returns a share of the steps as a whole number.
func stepsOf(share float64, steps int) int { return int(math.Round(share * float64(steps))) }
