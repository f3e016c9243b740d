package graphtest

// This file holds definitions written as loops in float64, as an independent
// reference for the kernels.

// Conv holds the settings of a convolution with PyTorch's meaning and names. Zero means
// PyTorch's default. The pairs are height and width.
type Conv struct {
	Stride, Dilation [2]int
	Padding          [2]int
	PaddingMode      string
	Groups           int
}

// NaiveConvolution is PyTorch's conv2d by its definition, on x [n h w in] and w
// [out in/groups kh kw], with the gradients of Σ y·dy.
func NaiveConvolution(x, w, dy *Array, cfg Conv) (y, dx, dw *Array) {
	for axis := range 2 {
		cfg.Stride[axis], cfg.Dilation[axis] = max(cfg.Stride[axis], 1), max(cfg.Dilation[axis], 1)
	}
	cfg.Groups = max(cfg.Groups, 1)
	n, height, width, in := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	out, perGroup, kh, kw := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	outHeight := (height+2*cfg.Padding[0]-cfg.Dilation[0]*(kh-1)-1)/cfg.Stride[0] + 1
	outWidth := (width+2*cfg.Padding[1]-cfg.Dilation[1]*(kw-1)-1)/cfg.Stride[1] + 1
	y, dx, dw = New(n, outHeight, outWidth, out), New(x.Shape...), New(w.Shape...)
	sums, dxs, dws := make([]float64, len(y.Data)), make([]float64, len(x.Data)), make([]float64, len(w.Data))
	// at returns the row or column of the image at position i; -1 means a zero.
	at := func(i, size int) int {
		if i >= 0 && i < size {
			return i
		}
		switch cfg.PaddingMode {
		case "reflect":
			if i < 0 {
				return -i
			}
			return 2*(size-1) - i
		case "replicate":
			return min(max(i, 0), size-1)
		case "circular":
			return (i + size) % size
		}
		return -1
	}
	for b := range n {
		for oy := range outHeight {
			for ox := range outWidth {
				for o := range out {
					yi := ((b*outHeight+oy)*outWidth+ox)*out + o
					for c := range perGroup {
						channel := o/(out/cfg.Groups)*perGroup + c
						for r := range kh {
							for k := range kw {
								sy := at(oy*cfg.Stride[0]+r*cfg.Dilation[0]-cfg.Padding[0], height)
								sx := at(ox*cfg.Stride[1]+k*cfg.Dilation[1]-cfg.Padding[1], width)
								if sy < 0 || sx < 0 {
									continue
								}
								xi := ((b*height+sy)*width+sx)*in + channel
								wi := ((o*perGroup+c)*kh+r)*kw + k
								sums[yi] += float64(x.Data[xi]) * float64(w.Data[wi])
								if dy != nil {
									dxs[xi] += float64(dy.Data[yi]) * float64(w.Data[wi])
									dws[wi] += float64(dy.Data[yi]) * float64(x.Data[xi])
								}
							}
						}
					}
				}
			}
		}
	}
	for _, pair := range []struct {
		to   *Array
		from []float64
	}{{y, sums}, {dx, dxs}, {dw, dws}} {
		for i, v := range pair.from {
			pair.to.Data[i] = float32(v)
		}
	}
	return y, dx, dw
}

// NaiveMaxPool is max pooling of x [n h w c] in windows of
// size×size by its definition; the gradient of
// Σ y·dy goes to the first maximum of each window, row by row.
func NaiveMaxPool(x, dy *Array, size int) (y, dx *Array) {
	n, height, width, channels := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	outHeight, outWidth := height/size, width/size
	y, dx = New(n, outHeight, outWidth, channels), New(x.Shape...)
	for b := range n {
		for oy := range outHeight {
			for ox := range outWidth {
				for c := range channels {
					best := -1
					for r := range size {
						for k := range size {
							sy, sx := oy*size+r, ox*size+k
							if i := ((b*height+sy)*width+sx)*channels + c; best < 0 || x.Data[i] > x.Data[best] {
								best = i
							}
						}
					}
					yi := ((b*outHeight+oy)*outWidth+ox)*channels + c
					y.Data[yi] = x.Data[best]
					dx.Data[best] += dy.Data[yi]
				}
			}
		}
	}
	return y, dx
}
