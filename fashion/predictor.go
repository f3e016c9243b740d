package fashion

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"

	"fashionlab/fashion/internal/engine"
)

// Predictor computes a network's logits for many small batches, for example in a server.
// Predict compiles the network in each call; a Predictor compiles it once for each batch size.
// Batches are padded to a power of two, so there are few sizes. It may be used from several
// goroutines, which compute one after the other. Call Close to release the device's memory.
type Predictor struct {
	mu   sync.Mutex
	eval *evaluator // nil after Close
	max  int
}

// Predictor compiles the network for batches of up to maxBatch images, on the process's backend.
// Later changes of the network's Weights do not affect it. A maxBatch below 1 and a network with
// views (WithViews) are errors.
func (n *Network) Predictor(maxBatch int) (*Predictor, error) {
	if maxBatch < 1 {
		return nil, fmt.Errorf("predictor: batches of %d images, want at least 1", maxBatch)
	}
	if len(n.views) > 0 {
		return nil, fmt.Errorf("predictor: a network with %d views, want one without; WithViews() removes them", len(n.views))
	}
	e, err := n.evaluator(n.Model.logits)
	if err != nil {
		return nil, fmt.Errorf("predictor: %w", err)
	}
	p := &Predictor{eval: e, max: maxBatch}
	for size := 1; ; size *= 2 {
		if _, err := p.Logits(make([]float32, min(size, maxBatch)*ImagePixels)); err != nil {
			p.Close()
			return nil, err
		}
		if size >= maxBatch {
			return p, nil
		}
	}
}

// Logits returns the logits [n 10] of n images in evaluation mode. The pixels are those of
// n images of 28×28 values in [0, 1], row by row. The number of images must be from 1 to the
// Predictor's largest batch.
func (p *Predictor) Logits(pixels []float32) (*Tensor, error) {
	n := len(pixels) / ImagePixels
	if len(pixels)%ImagePixels != 0 || n < 1 || n > p.max {
		return nil, fmt.Errorf("predictor: %d pixels, want those of 1 to %d images of %d pixels", len(pixels), p.max, ImagePixels)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.eval == nil {
		return nil, fmt.Errorf("predictor: it is closed; make another one")
	}
	size := 1 << bits.Len(uint(n-1)) // the next power of two
	padded := append(slices.Clone(pixels), make([]float32, (size-n)*ImagePixels)...)
	results, err := p.eval.call(engine.Data{Floats: padded, Pixels: ImagePixels})
	if err != nil {
		return nil, fmt.Errorf("predictor: %w", err)
	}
	defer engine.Replicas{results}.Release()
	out, err := fromDevice(results[:1])
	if err != nil {
		return nil, fmt.Errorf("predictor: %w", err)
	}
	return out[0].Rows(0, n)
}

// Close releases the compiled graphs. Later calls of Logits return an error.
func (p *Predictor) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.eval != nil {
		p.eval.close()
		p.eval.weights.Release()
		p.eval = nil
	}
}
