package forward

// Pool takes the maximum or the mean of windows of each channel.
type Pool struct {
	Max      bool `json:"max,omitempty"`
	Channels int  `json:"channels"`
	Height   int  `json:"height"`
	Width    int  `json:"width"`
	// Rows and Columns are the first row, and the one after the last, of each window.
	Rows    [][2]int `json:"rows"`
	Columns [][2]int `json:"columns"`
}

func (p *Pool) forward(x []float32) []float32 {
	y := make([]float32, p.Channels*len(p.Rows)*len(p.Columns))
	p.windows(func(i, channel int, rows, columns [2]int) {
		if p.Max {
			y[i] = x[p.largest(x, channel, rows, columns)]
			return
		}
		sum := float32(0)
		for r := rows[0]; r < rows[1]; r++ {
			for c := columns[0]; c < columns[1]; c++ {
				sum += x[channel+r*p.Width+c]
			}
		}
		y[i] = sum / float32((rows[1]-rows[0])*(columns[1]-columns[0]))
	})
	return y
}

func (p *Pool) backward(x, dy []float32) []float32 {
	dx := make([]float32, len(x))
	p.windows(func(i, channel int, rows, columns [2]int) {
		if p.Max {
			dx[p.largest(x, channel, rows, columns)] += dy[i]
			return
		}
		part := dy[i] / float32((rows[1]-rows[0])*(columns[1]-columns[0]))
		for r := rows[0]; r < rows[1]; r++ {
			for c := columns[0]; c < columns[1]; c++ {
				dx[channel+r*p.Width+c] += part
			}
		}
	})
	return dx
}

// windows calls f for each window, with its position in the output and its channel's in the input.
func (p *Pool) windows(f func(i, channel int, rows, columns [2]int)) {
	i := 0
	for channel := range p.Channels {
		for _, rows := range p.Rows {
			for _, columns := range p.Columns {
				f(i, channel*p.Height*p.Width, rows, columns)
				i++
			}
		}
	}
}

// largest returns the position of a window's largest value, of equal ones the first, as in PyTorch.
func (p *Pool) largest(x []float32, channel int, rows, columns [2]int) int {
	best := channel + rows[0]*p.Width + columns[0]
	for r := rows[0]; r < rows[1]; r++ {
		for c := columns[0]; c < columns[1]; c++ {
			if at := channel + r*p.Width + c; x[at] > x[best] {
				best = at
			}
		}
	}
	return best
}
