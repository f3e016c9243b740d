package fashion

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// Whiten sets the weight of a convolution, named as in Summary, to kernels that decorrelate
// its input's patches (airbench, Jordan 2024, https://arxiv.org/abs/2404.00498, section 3.2).
// The layers before it, such as Normalize and PixelUnshuffle, are applied to the images; a
// few thousand training images are enough. With the eigenvalues λ and eigenvectors v of the
// patches' matrix of second moments Σ p·pᵀ/n, largest first, and with out output channels,
// the first out/2 kernels are v/√(λ+epsilon) and the others are their negatives. The largest
// element of each eigenvector is positive, so the result does not depend on the method.
//
// The convolution has one group, an even number of output channels and at most two for each
// value of a patch. Give it the option Frozen("weight"), so that training does not change the
// kernels. Call Whiten after Init, and before the training; a run stores the kernels with the
// other weights.
func (n *Network) Whiten(layer string, images Subset, epsilon float64) error {
	place, conv, err := n.Model.whitened(layer)
	if err != nil {
		return fmt.Errorf("whiten: %w", err)
	}
	if err := images.check(); err != nil {
		return fmt.Errorf("whiten %s: %w", layer, err)
	}
	if images.Len() == 0 || !(epsilon >= 0) || math.IsInf(epsilon, 0) {
		return fmt.Errorf("whiten %s: %d images and ε %v, want at least 1 image and a finite ε ≥ 0", layer, images.Len(), epsilon)
	}
	pixels := images.Dataset.data().Gather(images.Indices).Images
	out, _, err := n.view(pixels, func(c *Context, x *Node) []*Node {
		return []*Node{channelsFirst(c.build(n.Model.layers()[:place], x))}
	})
	if err != nil {
		return fmt.Errorf("whiten %s: %w", layer, err)
	}
	values, vectors := symmetricEigen(patchMoments(out[0], conv.kernel))
	weight := NewTensor(conv.out, conv.in, conv.kernel, conv.kernel)
	size := len(vectors)
	half := conv.out / 2 * size
	for i := range conv.out / 2 {
		scale := 1 / math.Sqrt(max(values[i], 0)+epsilon)
		if math.IsInf(scale, 0) {
			return fmt.Errorf("whiten %s: eigenvalue %d of the patches is 0, want ε > 0 or fewer kernels", layer, i)
		}
		for k, v := range vectors[i] {
			weight.Data[i*size+k] = float32(v * scale)
			weight.Data[half+i*size+k] = -weight.Data[i*size+k]
		}
	}
	n.Weights.Set(layer+".weight", weight)
	return nil
}

// whitened returns the place of a convolution that can be whitened.
func (m *Model) whitened(layer string) (int, conv2D, error) {
	if err := m.check(); err != nil {
		return 0, conv2D{}, err
	}
	layers := m.layers()
	place := slices.IndexFunc(layers, func(s placedLayer) bool { return s.name() == layer })
	if place < 0 {
		return 0, conv2D{}, fmt.Errorf("model %s has no layer %q; Summary lists its layers", m.name, layer)
	}
	conv, ok := layers[place].layer.(conv2D)
	if !ok || conv.groups != 1 || conv.out%2 != 0 || conv.out > 2*conv.in*conv.kernel*conv.kernel {
		return 0, conv2D{}, fmt.Errorf("model %s, layer %s: %v, want a convolution with one group and an even number of output channels, at most twice in·kernel²", m.name, layer, layers[place].layer)
	}
	return place, conv, nil
}

// patchMoments returns the mean of p·pᵀ over all patches p of size×size pixels of images
// [n channels height width]. The elements of p are in the order of a kernel's.
func patchMoments(images *Tensor, size int) [][]float64 {
	n, channels, height, width := images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]
	moments := make([][]float64, channels*size*size)
	for i := range moments {
		moments[i] = make([]float64, len(moments))
	}
	patch := make([]float64, len(moments))
	count := 0
	for image := range n {
		for y := range height - size + 1 {
			for x := range width - size + 1 {
				for i := range patch {
					c, r, k := i/(size*size), i/size%size, i%size
					patch[i] = float64(images.Data[((image*channels+c)*height+y+r)*width+x+k])
				}
				for i, a := range patch {
					for k, b := range patch[:i+1] {
						moments[i][k] += a * b
					}
				}
				count++
			}
		}
	}
	for i := range moments {
		for k := range i + 1 {
			moments[i][k] /= float64(count)
			moments[k][i] = moments[i][k]
		}
	}
	return moments
}

// symmetricEigen returns the eigenvalues of a symmetric matrix, largest first, and the
// eigenvectors of length 1, by Jacobi's method (Golub and Van Loan, Matrix Computations,
// section 8.5). It changes the matrix.
func symmetricEigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	vectors = make([][]float64, n) // the rows are the vectors
	for i := range vectors {
		vectors[i] = make([]float64, n)
		vectors[i][i] = 1
	}
	const sweeps = 50 // convergence is quadratic: about 10 are enough
	for range sweeps {
		off, diagonal := 0.0, 0.0
		for i := range n {
			diagonal += a[i][i] * a[i][i]
			for k := range i {
				off += a[i][k] * a[i][k]
			}
		}
		if off <= 1e-32*diagonal {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				if a[p][q] == 0 {
					continue
				}
				tau := (a[q][q] - a[p][p]) / (2 * a[p][q])
				t := math.Copysign(1, tau) / (math.Abs(tau) + math.Hypot(1, tau))
				c := 1 / math.Hypot(1, t)
				s := t * c
				for k := range n {
					a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
				}
				for k := range n {
					a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
					vectors[p][k], vectors[q][k] = c*vectors[p][k]-s*vectors[q][k], s*vectors[p][k]+c*vectors[q][k]
				}
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(a[k][k], a[i][i]) })
	sorted := make([][]float64, n)
	for place, i := range order {
		values = append(values, a[i][i])
		sorted[place] = vectors[i]
		largest := slices.MaxFunc(vectors[i], func(x, y float64) int { return cmp.Compare(math.Abs(x), math.Abs(y)) })
		if largest < 0 {
			for k := range vectors[i] {
				vectors[i][k] = -vectors[i][k]
			}
		}
	}
	return values, sorted
}
