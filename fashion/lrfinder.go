package fashion

import (
	"context"
	"fmt"
	"math"
)

// LRFinder holds the settings of FindLearningRate. The zero value of a field means
// its default.
type LRFinder struct {
	// From and To are the smallest and the largest learning rate; default 1e-5 and 1.
	From, To float64
	// Steps is the number of steps from From to To, one batch each; default 100.
	Steps int
	// Optimizer is "sgd", "adam" or "adamw"; default: as in Training.
	Optimizer string
	// Options are the optimizer's further settings, such as WithMomentum(0.9).
	Options []OptimizerOption
	// Seed seeds the dropout masks.
	Seed uint64
}

// LRFinderResult holds the measurements of FindLearningRate.
type LRFinderResult struct {
	// Optimizer is "sgd", "adam" or "adamw".
	Optimizer string
	// Rates holds the learning rate of each step. They grow by a constant factor.
	// There are fewer than LRFinder.Steps if the search ended early, because the
	// loss had grown too much.
	Rates []float64
	// Losses holds the mean loss of each step's batch before the update, in nats.
	// Smoothed is their exponential moving average.
	Losses, Smoothed []float64
	// Best is the learning rate with the lowest smoothed loss. Suggested is a tenth
	// of it, at which training is still stable, by fastai's rule
	// (https://docs.fast.ai/callback.schedule.html, "minimum").
	Best, Suggested float64
}

const (
	// rateSmoothing is the weight of the previous average in the smoothed loss.
	// fastai's 0.98 is for longer searches; over a hundred steps it reacts too late.
	rateSmoothing = 0.9
	// rateBlowUp ends the search when the smoothed loss exceeds the lowest one by
	// this factor, as in fastai.
	rateBlowUp = 4
)

// FindLearningRate trains with a learning rate that grows from step to step, and
// records the loss. The loss falls while the rate is suitable, and grows when the
// steps become too large. This is the "LR range test" of Smith 2015,
// https://arxiv.org/abs/1506.01186. The network does not change. Rates that are not
// 0 < From < To and fewer than 10 steps are errors.
func (n *Network) FindLearningRate(loader *Loader, search LRFinder) (*LRFinderResult, error) {
	return n.FindLearningRateContext(context.Background(), loader, search)
}

// FindLearningRateContext is FindLearningRate with a context. When the context is done, it
// returns an error after the current step.
func (n *Network) FindLearningRateContext(ctx context.Context, loader *Loader, search LRFinder) (*LRFinderResult, error) {
	if search.From == 0 {
		search.From = 1e-5
	}
	if search.To == 0 {
		search.To = 1
	}
	if search.Steps == 0 {
		search.Steps = 100
	}
	if search.Optimizer == "" {
		search.Optimizer = n.Model.DefaultOptimizer().Name
	}
	if !(search.From > 0 && search.To > search.From) || math.IsInf(search.To, 0) {
		return nil, fmt.Errorf("find a learning rate: from %v to %v, want 0 < from < to", search.From, search.To)
	}
	if search.Steps < 10 {
		return nil, fmt.Errorf("find a learning rate: %d steps, want at least 10", search.Steps)
	}
	if err := n.Model.check(); err != nil {
		return nil, fmt.Errorf("find a learning rate: %w", err)
	}
	optimizer := Optimizer{Name: search.Optimizer, LearningRate: 1} // each step has its own rate
	if optimizer.Name == "adamw" {
		optimizer = AdamW(1)
	}
	r := stepSettings{optimizer: newOptimizer(optimizer, search.Options), steps: search.Steps}
	if err := r.check(n.Model); err != nil {
		return nil, fmt.Errorf("find a learning rate: %w", err)
	}
	if err := n.Model.checkBatches(loader.images(), loader.BatchSize(), search.Steps); err != nil {
		return nil, fmt.Errorf("find a learning rate: %w", err)
	}
	backend, choice, err := DefaultBackend()
	if err != nil {
		return nil, fmt.Errorf("find a learning rate: %w", err)
	}
	t, err := newTrainer(backend, choice.Devices, n, r, search.Seed, trainerState{}, false)
	if err != nil {
		return nil, fmt.Errorf("find a learning rate: %w", err)
	}
	defer t.Close()
	data := loader.Subset().Dataset.data()
	curve := &LRFinderResult{Optimizer: optimizer.Name}
	average, lowest := 0.0, math.Inf(1)
	var order []int32
	for k := range search.Steps {
		rate := search.From * math.Pow(search.To/search.From, float64(k)/float64(search.Steps-1))
		if at := k % loader.Len(); at == 0 {
			order = loader.Order(k / loader.Len())
		}
		start := k % loader.Len() * loader.BatchSize()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("find a learning rate: stopped after %d of %d steps: %w", k, search.Steps, context.Cause(ctx))
		}
		single, err := t.engine.One(data.Gather(order[start:min(start+loader.BatchSize(), len(order))]), float32(rate))
		if err != nil {
			return nil, fmt.Errorf("find a learning rate: step %d: %w", k, err)
		}
		loss := float64(single)
		if !isFinite(loss) {
			break
		}
		average = rateSmoothing*average + (1-rateSmoothing)*loss
		smoothed := average / (1 - math.Pow(rateSmoothing, float64(k+1)))
		curve.Rates = append(curve.Rates, rate)
		curve.Losses = append(curve.Losses, loss)
		curve.Smoothed = append(curve.Smoothed, smoothed)
		if smoothed < lowest {
			lowest, curve.Best = smoothed, rate
		}
		if smoothed > rateBlowUp*lowest {
			break
		}
	}
	if len(curve.Rates) < 2 {
		return nil, fmt.Errorf("find a learning rate: the loss is not finite after the first step; begin below %g", search.From)
	}
	curve.Suggested = curve.Best / 10
	return curve, nil
}
