package fashion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Rebuilt is the training of a run, made again from its settings up to the first step: nothing
// in it comes from the run's weights or history.
type Rebuilt struct {
	// Run is the run that was rebuilt.
	Run *Run
	// Network has the first weights of the training.
	Network *Network
	// Train has the training images in their order, Training the settings, without a Run.
	Train    *Loader
	Training Training
	// Held are the images of data.Train on which the run was not trained. There may be none.
	Held Subset
	// SameStart reports whether the first weights are equal, bit for bit, to those of the run.
	// Kernels of a whitening that were computed on another processor may be rounded differently.
	SameStart bool
}

// Rebuild makes the training of a run again, on the given data: the model with its first weights,
// the split and the order of the images, and all settings. One seed, that of Training.Seed, must
// have been used for all of them, as the command "fashion train" and Recipe do:
//
//	train, validation, err := RandomSplit(data.Train, seed, size, data.Train.Len()-size) // or data.Train.All()
//	net, err := recipe.Init(train, seed)     // or model.Init(seed)
//	loader, err := recipe.Loader(train, seed) // or NewLoader(train, …, Shuffle(seed))
//
// A note "split-size" in the run helps to find a split of another size than 50,000 and 10,000.
//
// These are errors: a run that is not finished, that began with imported weights, or whose model has a
// layer of the program that trained it; images, an order of the images, first weights, or
// validation images that are not made from data.Train and the seed.
func (r *Run) Rebuild(data *Data) (*Rebuilt, error) {
	b, err := r.rebuild(data)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	return b, nil
}

func (r *Run) rebuild(data *Data) (*Rebuilt, error) {
	c := r.Config
	if err := errors.Join(data.Train.check(), data.Test.check()); err != nil {
		return nil, err
	}
	switch {
	case c.Imported:
		return nil, fmt.Errorf("it began with imported weights, want first weights that its seed gives")
	case r.step == 0:
		return nil, fmt.Errorf("it has no trained weights; train first")
	case c.Images != sumOfImages(data.Train):
		return nil, fmt.Errorf("it was trained on other images than the %d of %s (their SHA-256 sums differ)", data.Train.Len(), data.Train.title())
	}
	model, err := r.model()
	if err != nil {
		return nil, err
	}
	b := &Rebuilt{Run: r, Training: c.Training()}
	if err := b.findImages(data.Train); err != nil {
		return nil, err
	}
	if err := b.findStart(model); err != nil {
		return nil, err
	}
	perEpoch, steps := b.Train.Len(), r.step
	if c.TotalSteps > 0 {
		steps = c.TotalSteps
	}
	b.Training.Epochs = steps / perEpoch
	if steps%perEpoch != 0 {
		return nil, fmt.Errorf("it has %d steps, want whole epochs of %d steps", steps, perEpoch)
	}
	training := b.Training
	training.Run = r.Dir
	f, _, err := checkedFit(b.Network, b.Train, training)
	if err != nil {
		return nil, err
	}
	if f.Epochs != training.Epochs {
		return nil, errShortened
	}
	config := f.makeConfig()
	if !b.SameStart {
		config.Initial = c.Initial // findStart has compared it
	}
	if difference := c.difference(config); difference != "" {
		return nil, fmt.Errorf("its settings do not fit together: %s", difference)
	}
	f.run = r
	if len(r.History.Epochs) != r.step/perEpoch || !f.done() {
		return nil, fmt.Errorf("it is not finished: %d of %d steps, %d epochs recorded; continue the training first", r.step, steps, len(r.History.Epochs))
	}
	return b, nil
}

// findImages finds the split and the order of the images whose sums the run has.
func (b *Rebuilt) findImages(d *Dataset) error {
	c, all := b.Run.Config, d.All()
	sizes := []int{d.Len(), 50000}
	if noted, err := strconv.Atoi(c.Notes["split-size"]); err == nil {
		sizes = append(sizes, noted)
	}
	for _, size := range sizes {
		if size < 1 || size > d.Len() {
			continue
		}
		inOrder, after := all, all
		inOrder.Indices, after.Indices = all.Indices[:size], all.Indices[size:]
		split, held, err := RandomSplit(d, c.Seed, size, d.Len()-size)
		if err != nil {
			return err
		}
		for _, s := range []struct{ train, held Subset }{{inOrder, after}, {split, held}} {
			for _, options := range [][]LoaderOption{{Shuffle(c.Seed)}, {Shuffle(c.Seed), DropLast()}, nil, {DropLast()}} {
				if b.Train, err = NewLoader(s.train, c.BatchSize, options...); err != nil {
					return err
				}
				if sumOfOrder(b.Train) == c.Order {
					b.Held = s.held
					return b.findValidation()
				}
			}
		}
	}
	return fmt.Errorf("the order of its training images is not that of seed %d (Training.Seed): use one seed for the split, the first weights, the shuffle and the training, and name the size of the split in a note \"split-size\" if it is not %d or 50000", c.Seed, d.Len())
}

// findValidation finds the validation images whose sum the run has, among those that are held out.
func (b *Rebuilt) findValidation() error {
	c := b.Run.Config
	if c.Validation == "" {
		return nil
	}
	for _, n := range []int{b.Held.Len(), min(b.Held.Len(), 10000)} {
		if n == 0 {
			continue
		}
		held := b.Held
		held.Indices = held.Indices[:n]
		validation, err := NewLoader(held, c.BatchSize)
		if err != nil {
			return err
		}
		if sumOfOrder(validation) == c.Validation {
			b.Training.Validation = validation
			return nil
		}
	}
	return fmt.Errorf("its validation images are not the %d training images that were held out; on all training images, train without a validation", b.Held.Len())
}

// findStart finds the first weights whose sum the run has: those of the seed, perhaps with a
// frozen convolution that whitens the images.
func (b *Rebuilt) findStart(model *Model) error {
	c := b.Run.Config
	net, err := model.Init(c.Seed)
	if err != nil {
		return err
	}
	b.Network, b.SameStart = net, sumOfWeights(net.Weights) == c.Initial
	if b.SameStart {
		return nil
	}
	for _, p := range model.Parameters() {
		layer, ok := strings.CutSuffix(p.Name, ".weight")
		if !ok || !p.Frozen {
			continue
		}
		if _, _, err := model.whitened(layer); err != nil {
			continue
		}
		if b.Network, err = (Recipe{Model: model, Whiten: layer}).Init(b.Train.Subset(), c.Seed); err != nil {
			return err
		}
		b.SameStart = sumOfWeights(b.Network.Weights) == c.Initial
		return nil
	}
	return fmt.Errorf("its first weights are not those of seed %d", c.Seed)
}

// Steps returns the number of steps of the whole training.
func (b *Rebuilt) Steps() int { return b.Run.step }

// Replay is the result of training the first steps of a run, or all of them, again.
type Replay struct {
	// Losses are the losses of the steps, in nats. The run's are in History.StepLosses.
	Losses []float32
	// Equal is the number of steps before the first loss that is not equal, bit for bit, to the
	// run's.
	Equal int
	// Network has the result of the training; nil unless all steps were trained. SameWeights
	// reports whether its weights are equal, bit for bit, to those of the run.
	Network     *Network
	SameWeights bool
	// History is that of the replay: its epochs, duration, backend and processor.
	History *History
	// StepSeconds is the mean duration of a step in seconds without compilation, or 0 if there
	// were too few steps to measure it.
	StepSeconds float64
}

// Replay trains the first steps again, or all of them if steps is at least their number. It starts
// from the rebuilt weights and images, so losses that are not those of the run show that the run was
// trained in another way. They are equal bit for bit on the same processor with the same backend and
// number of devices; others round differently, and the difference grows from step to step. output
// receives the lines of the training; it may be nil.
func (b *Rebuilt) Replay(ctx context.Context, steps int, output io.Writer) (*Replay, error) {
	if steps < 1 {
		return nil, fmt.Errorf("replay %d steps, want at least 1", steps)
	}
	speed := &speedometer{Writer: output, watcher: watcherOf(output)}
	if output == nil {
		speed.Writer = io.Discard
	}
	training := b.Training
	training.Output, training.Lines = speed, ImageLines
	net := &Network{Model: b.Network.Model, Weights: b.Network.Weights.Clone()}
	f, err := newFit(net, b.Train, training)
	if err != nil {
		return nil, fmt.Errorf("replay of run %s: %w", b.Run.Dir, err)
	}
	defer f.close()
	if f.Epochs != training.Epochs {
		return nil, errShortened
	}
	f.limit = min(steps, b.Steps())
	if err := f.train(ctx); err != nil {
		return nil, fmt.Errorf("replay of run %s: %w", b.Run.Dir, err)
	}
	r := &Replay{Losses: f.run.History.StepLosses, History: f.run.History}
	recorded := b.Run.History.StepLosses
	for r.Equal < min(len(r.Losses), len(recorded)) && r.Losses[r.Equal] == recorded[r.Equal] {
		r.Equal++
	}
	if speed.images > 0 {
		r.StepSeconds = float64(b.Train.BatchSize()) / speed.images
	}
	if f.done() {
		r.Network = net
		r.SameWeights = sumOfWeights(net.Weights) == sumOfWeights(b.Run.result())
	}
	return r, nil
}

// errShortened is the error of a replay that would end too early.
var errShortened = errors.New("FASHION_EPOCHS shortens every training, so none can be made again; unset it")

// speedometer keeps the last speed of a training, and passes everything on.
type speedometer struct {
	io.Writer
	watcher Watcher // nil if the output is not one
	images  float64 // a second
}

// Watch is that of Watcher.
func (m *speedometer) Watch(s TrainingStatus) {
	m.images = s.ImagesPerSecond
	if m.watcher != nil {
		m.watcher.Watch(s)
	}
}
