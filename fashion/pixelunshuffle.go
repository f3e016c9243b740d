package fashion

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

type pixelUnshuffle struct{ factor int }

// PixelUnshuffle is PyTorch's nn.PixelUnshuffle(factor), also known as space to depth: each
// factor×factor square of pixels becomes one pixel with factor² times the channels, so
// [channels height width] becomes [channels·factor² height/factor width/factor]. Channel
// c·factor² + i·factor + j has row i and column j of the squares of channel c. factor must
// divide height and width.
func PixelUnshuffle(factor int) Layer { return pixelUnshuffle{factor} }

func (pixelUnshuffle) Kind() string { return "PixelUnshuffle" }

func (p pixelUnshuffle) String() string {
	return fmt.Sprintf("PixelUnshuffle(downscale_factor=%d)", p.factor)
}

func (pixelUnshuffle) Parameters() []ParameterSpec { return nil }

func (p pixelUnshuffle) OutputShape(input []int) ([]int, error) {
	if err := checkImages(p, input); err != nil {
		return nil, err
	}
	if p.factor < 1 || input[1]%p.factor != 0 || input[2]%p.factor != 0 {
		return nil, fmt.Errorf("%v: an image of %d×%d, want a factor that divides both", p, input[1], input[2])
	}
	return []int{input[0] * p.factor * p.factor, input[1] / p.factor, input[2] / p.factor}, nil
}

func (p pixelUnshuffle) Build(_ *Context, x *Node) *Node {
	d, f := x.Shape().Dimensions, p.factor
	squares := Reshape(x, d[0], d[1]/f, f, d[2]/f, f, d[3])
	return Reshape(TransposeAllAxes(squares, 0, 1, 3, 5, 2, 4), d[0], d[1]/f, d[2]/f, d[3]*f*f)
}
