package fashion

import (
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
)

// BenchResult says how fast a model trains and evaluates.
type BenchResult struct {
	Model   string `json:"model"`
	Batch   int    `json:"batch"`
	Steps   int    `json:"steps"`
	Data    string `json:"data"`
	Backend string `json:"backend"`
	// TrainStep is the time of a training step, in milliseconds.
	TrainStep Spread `json:"train_ms_per_step"`
	// EvalBatch is the time of one batch in evaluation mode, in milliseconds; nil
	// where the forward pass is not measured.
	EvalBatch *Spread `json:"eval_ms_per_batch,omitempty"`
	// Forward10000 is the time to evaluate 10,000 images, in seconds; nil where
	// the forward pass is not measured.
	Forward10000 *Spread `json:"forward_10000_seconds,omitempty"`
	// CompileSeconds is the time until the first training step was done, less
	// that of a step.
	CompileSeconds float64 `json:"compile_seconds"`
}

// Spread is the median and the range of several measurements.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(values []float64) Spread {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	n := len(sorted)
	return Spread{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Min: sorted[0], Max: sorted[n-1]}
}

// benchRounds is how many measurements a Spread is made of.
const benchRounds = 5

// forwardRounds is how often all 10,000 images are evaluated, which takes seconds.
const forwardRounds = 3

// Bench measures a model's training steps, with the homework's optimizer, and,
// with forward, its forward pass, in evaluation mode, on synthetic images: the
// time does not depend on what they show. Steps is the number of training steps in all, at
// least 5; they are measured in five rounds, after a warm-up.
func Bench(model *Model, steps, batch int, forward bool) (*BenchResult, error) {
	if steps < benchRounds || batch < 1 {
		return nil, fmt.Errorf("bench: %d steps of %d images, want at least %d steps and 1 image", steps, batch, benchRounds)
	}
	if err := model.checkBatches(steps*batch, batch, steps); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	_, choice, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	const images = 10000 // as many as the test set has
	data, err := Synthetic(1, max(images, batch), 1)
	if err != nil {
		return nil, err
	}
	net, err := model.Init(1)
	if err != nil {
		return nil, err
	}
	result := &BenchResult{Model: model.Name(), Batch: batch, Steps: steps, Data: "synthetic", Backend: choice.String()}
	if err := benchTraining(result, net, data.Train, steps, batch); err != nil {
		return nil, err
	}
	if !forward {
		return result, nil
	}
	return result, benchEvaluation(result, net, data.Train, batch)
}

// benchTraining fills in the times of training steps.
func benchTraining(result *BenchResult, net *Network, d *Dataset, steps, batch int) error {
	backend, _, err := DefaultBackend()
	if err != nil {
		return err
	}
	t, err := newTrainer(backend, net, net.Model.defaultOptimizer(), d, 1, 0, nil)
	if err != nil {
		return err
	}
	defer t.Close()
	all := d.All().Indices
	perEpoch := len(all) / batch
	order := t.NewOrder(all[:perEpoch*batch], batch)
	position := 0
	run := func(count int) (time.Duration, error) {
		start := time.Now()
		for count > 0 {
			losses, err := t.run(order, position, min(count, perEpoch-position))
			if err != nil {
				return 0, err
			}
			count -= len(losses)
			position = (position + len(losses)) % perEpoch
		}
		return time.Since(start), nil
	}
	first, err := run(1)
	if err != nil {
		return err
	}
	warm, err := run(min(3, steps))
	if err != nil {
		return err
	}
	result.CompileSeconds = max(0, (first - warm/time.Duration(min(3, steps))).Seconds())
	var times []float64
	perRound := steps / benchRounds
	for range benchRounds {
		took, err := run(perRound)
		if err != nil {
			return err
		}
		times = append(times, took.Seconds()*1000/float64(perRound))
	}
	result.TrainStep = spreadOf(times)
	return nil
}

// benchEvaluation fills in the times of the forward pass.
func benchEvaluation(result *BenchResult, net *Network, d *Dataset, batch int) error {
	e, err := net.evaluator(net.Model.outputs)
	if err != nil {
		return err
	}
	defer e.close()
	all := d.All().Indices
	data, err := toDevice(e.backend, d)
	if err != nil {
		return err
	}
	one := func() (time.Duration, error) {
		start := time.Now()
		out, err := e.call(data.Images, all[:batch])
		if err == nil {
			_, err = tensors.CopyFlatData[float32](out[0])
		}
		return time.Since(start), err
	}
	whole := func() (time.Duration, error) {
		start := time.Now()
		_, err := e.logits(data.Images, all[:10000])
		return time.Since(start), err
	}
	batches, err := repeat(one, benchRounds, 1000)
	if err != nil {
		return err
	}
	images, err := repeat(whole, forwardRounds, 1)
	result.EvalBatch, result.Forward10000 = &batches, &images
	return err
}

// repeat measures so many times after a warm-up and gives the spread in units of 1/scale
// seconds.
func repeat(measure func() (time.Duration, error), rounds int, scale float64) (Spread, error) {
	if _, err := measure(); err != nil {
		return Spread{}, err
	}
	var times []float64
	for range rounds {
		took, err := measure()
		if err != nil {
			return Spread{}, err
		}
		times = append(times, took.Seconds()*scale)
	}
	return spreadOf(times), nil
}
