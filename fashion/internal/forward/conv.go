package forward

// Conv is PyTorch's Conv2d with a square kernel. A linear layer is one with kernels of 1×1 on a
// picture of one pixel, whose channels are the features.
type Conv struct {
	// In, Height and Width are the shape of the input, Out is the number of output channels.
	In       int `json:"in"`
	Height   int `json:"height"`
	Width    int `json:"width"`
	Out      int `json:"out"`
	Kernel   int `json:"kernel"`
	Stride   int `json:"stride"`
	Dilation int `json:"dilation"`
	Groups   int `json:"groups"`
	Padding  int `json:"padding"`
	// Mode is PyTorch's padding mode: zeros, reflect, replicate or circular.
	Mode string `json:"mode"`
	// Weight has the shape [Out In/Groups Kernel Kernel], Bias [Out]; it may be empty.
	Weight Values `json:"weight"`
	Bias   Values `json:"bias,omitempty"`
}

// The convolution is a product of matrices: the kernels [out, in·kernel²], and the columns
// [in·kernel², places], which hold the input pixel under each element of a kernel at each place.

func (c *Conv) forward(x []float32) []float32 {
	sources := c.sources()
	taps := c.Kernel * c.Kernel
	places := len(sources) / taps
	in, out := c.In/c.Groups, c.Out/c.Groups
	y := make([]float32, c.Out*places)
	columns := make([]float32, in*taps*places)
	for g := range c.Groups {
		for i := range in {
			plane := x[(g*in+i)*c.Height*c.Width:][:c.Height*c.Width]
			column := columns[i*len(sources):][:len(sources)]
			for k, from := range sources {
				if from >= 0 {
					column[k] = plane[from]
				} // else zero padding, which stays 0
			}
		}
		addProduct(y[g*out*places:], c.Weight[g*out*in*taps:], in*taps, 1, columns, out, in*taps, places)
	}
	for o, b := range c.Bias {
		row := y[o*places:][:places]
		for i := range row {
			row[i] += b
		}
	}
	return y
}

func (c *Conv) backward(_, dy []float32) []float32 {
	sources := c.sources()
	taps := c.Kernel * c.Kernel
	places := len(sources) / taps
	in, out := c.In/c.Groups, c.Out/c.Groups
	dx := make([]float32, c.In*c.Height*c.Width)
	for g := range c.Groups {
		columns := make([]float32, in*taps*places)
		addProduct(columns, c.Weight[g*out*in*taps:], 1, in*taps, dy[g*out*places:], in*taps, out, places)
		for i := range in {
			plane := dx[(g*in+i)*c.Height*c.Width:][:c.Height*c.Width]
			for k, to := range sources {
				if to >= 0 {
					plane[to] += columns[i*len(sources)+k]
				}
			}
		}
	}
	return dx
}

// sources returns the position in the input's plane for each element of a kernel at each place, or
// -1 for a zero of the padding.
func (c *Conv) sources() []int {
	size := func(n int) int { return (n+2*c.Padding-c.Dilation*(c.Kernel-1)-1)/c.Stride + 1 }
	height, width := size(c.Height), size(c.Width)
	sources := make([]int, 0, c.Kernel*c.Kernel*height*width)
	for ky := range c.Kernel {
		for kx := range c.Kernel {
			for y := range height {
				from := c.padded(y*c.Stride+ky*c.Dilation, c.Height)
				for x := range width {
					column := c.padded(x*c.Stride+kx*c.Dilation, c.Width)
					if from < 0 || column < 0 {
						sources = append(sources, -1)
						continue
					}
					sources = append(sources, from*c.Width+column)
				}
			}
		}
	}
	return sources
}

// padded returns the position in a row of n pixels for a position in the padded row, or -1 for a
// zero.
func (c *Conv) padded(i, n int) int {
	i -= c.Padding
	if i >= 0 && i < n {
		return i
	}
	switch c.Mode {
	case "reflect":
		if i < 0 {
			return -i
		}
		return 2*(n-1) - i
	case "replicate":
		return min(max(i, 0), n-1)
	case "circular":
		return (i + n) % n
	}
	return -1
}

// addProduct adds the product of a matrix a [rows inner] and b [inner columns] to y [rows columns].
// Element (r, k) of a is at r·rowStride + k·innerStride.
func addProduct(y, a []float32, rowStride, innerStride int, b []float32, rows, inner, columns int) {
	if columns == 1 {
		for r := range rows {
			sum := float32(0)
			for k, v := range b[:inner] {
				sum += a[r*rowStride+k*innerStride] * v
			}
			y[r] += sum
		}
		return
	}
	r := 0
	for ; r+2 <= rows; r += 2 {
		// Two rows and four products at once load and store less: twice as fast in WebAssembly.
		y0, y1 := y[r*columns:][:columns], y[(r+1)*columns:][:columns]
		k := 0
		for ; k+4 <= inner; k += 4 {
			at := r*rowStride + k*innerStride
			v0, v1, v2, v3 := a[at], a[at+innerStride], a[at+2*innerStride], a[at+3*innerStride]
			at += rowStride
			w0, w1, w2, w3 := a[at], a[at+innerStride], a[at+2*innerStride], a[at+3*innerStride]
			b0, b1, b2, b3 := b[k*columns:][:columns], b[(k+1)*columns:][:columns], b[(k+2)*columns:][:columns], b[(k+3)*columns:][:columns]
			for i := range y0 {
				x0, x1, x2, x3 := b0[i], b1[i], b2[i], b3[i]
				y0[i] += v0*x0 + v1*x1 + v2*x2 + v3*x3
				y1[i] += w0*x0 + w1*x1 + w2*x2 + w3*x3
			}
		}
		for ; k < inner; k++ {
			addScaled(y0, a[r*rowStride+k*innerStride], b[k*columns:])
			addScaled(y1, a[(r+1)*rowStride+k*innerStride], b[k*columns:])
		}
	}
	for ; r < rows; r++ {
		for k := range inner {
			addScaled(y[r*columns:][:columns], a[r*rowStride+k*innerStride], b[k*columns:])
		}
	}
}

// addScaled adds factor·x to y.
func addScaled(y []float32, factor float32, x []float32) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += factor * v
	}
}
