package fashion

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

type residual struct{ branch, shortcut []Layer }

type shortcut []Layer

func (shortcut) isPart() {}

// Shortcut lists the layers of a Residual's second way, such as a 1×1 convolution that changes
// the number of channels. It is a part of Residual only.
func Shortcut(layers ...Layer) Part { return shortcut(layers) }

// Residual adds the output of a branch of layers to its input (He et al. 2015,
// https://arxiv.org/abs/1512.03385): y = branch(x) + shortcut(x). The parts are the layers of
// the branch and at most one Shortcut, without which shortcut(x) is x. Both have to give the
// same shape. PyTorch has no such class; printing and names of parameters
// ("branch.0.weight", "shortcut.0.weight") are those of
//
//	class Residual(nn.Module):
//	    def __init__(self, branch, shortcut=None):
//	        super().__init__()
//	        self.branch = nn.Sequential(*branch)
//	        self.shortcut = nn.Sequential(*shortcut) if shortcut else nn.Identity()
//
//	    def forward(self, x):
//	        return self.branch(x) + self.shortcut(x)
//
// A Residual is one layer for Summary and Activations. It can stand in a Block and in another
// Residual.
func Residual(parts ...Part) Layer {
	var r residual
	for _, part := range parts {
		switch p := part.(type) {
		case Layer:
			r.branch = append(r.branch, p)
		case shortcut:
			if len(r.shortcut) > 0 {
				r.branch = append(r.branch, noLayer(p))
			}
			r.shortcut = append(r.shortcut, p...)
		default:
			r.branch = append(r.branch, noLayer(p))
		}
	}
	return r
}

// paths returns the layers of the branch and of the shortcut with the prefixes of their names.
func (r residual) paths(prefix string) [2][]placedLayer {
	return [2][]placedLayer{placedIn(prefix+"branch.", r.branch), placedIn(prefix+"shortcut.", r.shortcut)}
}

func (residual) Kind() string { return "Residual" }

func (r residual) String() string {
	second := "Identity()"
	if len(r.shortcut) > 0 {
		second = sequential(r.shortcut)
	}
	return fmt.Sprintf("Residual(\n  (branch): %s\n  (shortcut): %s\n)", indented(sequential(r.branch)), indented(second))
}

func (r residual) Parameters() []ParameterSpec {
	paths := r.paths("")
	return append(parametersOf(paths[0]), parametersOf(paths[1])...)
}

func (r residual) OutputShape(input []int) ([]int, error) {
	var shapes [2][]int
	for i, path := range r.paths("") {
		shapes[i] = input
		for _, s := range path {
			var err error
			if shapes[i], err = outputOf(s.layer, shapes[i]); err != nil {
				return nil, fmt.Errorf("Residual, layer %s: %w", s.name(), err)
			}
		}
	}
	if len(r.branch) == 0 || !slices.Equal(shapes[0], shapes[1]) {
		return nil, fmt.Errorf("Residual: a branch of %d layers that gives shape %v, and a shortcut that gives %v, want at least 1 layer and equal shapes", len(r.branch), shapes[0], shapes[1])
	}
	return shapes[0], nil
}

func (r residual) Build(c *Context, x *Node) *Node {
	paths := r.paths(c.prefix)
	return Add(c.build(paths[0], x), c.build(paths[1], x))
}
