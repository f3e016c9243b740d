package serve

import (
	"context"
	"fmt"
	"time"

	"fashionlab/fashion"
)

// job is a request that waits for its batch.
type job struct {
	ctx    context.Context
	pixels []float32
	images int
	result chan result // with room for the one result
}

type result struct {
	logits *fashion.Tensor
	err    error
}

// batcher computes the jobs of a queue in batches.
type batcher struct {
	predictor Predictor
	maxImages int
	maxWait   time.Duration
	queue     chan *job
	done      chan struct{} // closed when all jobs are answered
	metrics   *metrics
}

// run computes batches until the queue is closed and empty.
func (b *batcher) run() {
	defer close(b.done)
	var next *job // did not fit into the batch before
	for {
		first := next
		if next = nil; first == nil {
			var open bool
			if first, open = <-b.queue; !open {
				return
			}
		}
		var batch []*job
		batch, next = b.gather(first)
		b.compute(batch)
	}
}

// gather adds jobs to the first one until the batch is full or the time is over. It returns a job
// that does not fit as next.
func (b *batcher) gather(first *job) (batch []*job, next *job) {
	batch = []*job{first}
	images := first.images
	timer := time.NewTimer(b.maxWait)
	defer timer.Stop()
	for images < b.maxImages {
		select {
		case j, open := <-b.queue:
			if !open {
				return batch, nil
			}
			if images+j.images > b.maxImages {
				return batch, j
			}
			batch = append(batch, j)
			images += j.images
		case <-timer.C:
			return batch, nil
		}
	}
	return batch, nil
}

// compute answers the jobs whose clients still wait.
func (b *batcher) compute(batch []*job) {
	var waiting []*job
	var pixels []float32
	for _, j := range batch {
		if j.ctx.Err() == nil {
			waiting = append(waiting, j)
			pixels = append(pixels, j.pixels...)
		}
	}
	if len(waiting) == 0 {
		return
	}
	begin := time.Now()
	logits, err := b.predictor.Logits(pixels)
	b.metrics.batchSeconds.Observe(time.Since(begin).Seconds())
	images := len(pixels) / fashion.ImagePixels
	b.metrics.batchImages.Observe(float64(images))
	if err == nil && logits.Len() != images*fashion.NumClasses {
		err = fmt.Errorf("the predictor returned %d logits for %d images, want %d for each", logits.Len(), images, fashion.NumClasses)
	}
	from := 0
	for _, j := range waiting {
		r := result{err: err}
		if err == nil {
			r.logits, r.err = logits.Rows(from, from+j.images)
		}
		from += j.images
		j.result <- r
	}
}
