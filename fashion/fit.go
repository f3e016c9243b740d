package fashion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"fashionlab/fashion/internal/engine"
)

// ErrInterrupted is the error of a training that was stopped by Ctrl-C, by a
// notebook's stop button or by its context. With a Run, the state after the last
// completed step is saved, and the same call continues from there.
var ErrInterrupted = errors.New("training interrupted")

// ErrDiverged is the error of a training whose loss or weights are no longer finite. Its
// run keeps the last state with finite values.
var ErrDiverged = errors.New("the training diverged")

// isFinite reports whether x is neither infinite nor NaN.
func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Lines selects the lines that Fit writes while it trains.
type Lines int

// The two forms of the homework, and a third one.
const (
	// EpochLines writes "Epoch [0], val_loss: 1.6975, val_acc: 0.6173" after each
	// epoch, counted from 0, with the means over the batches of each batch's mean.
	EpochLines Lines = iota
	// StepLines writes "Epoch [1/10], Step [100/391], Loss: 0.4059" every 100 steps.
	StepLines
	// ImageLines writes EpochResult.String after each epoch, counted from 1, with
	// means over the images. The homework does not use it.
	ImageLines
)

// Training holds the settings of Fit. The zero value of a field means its default.
type Training struct {
	// Epochs is the number of passes over the training images; default 10, as in
	// the homework. The environment variable FASHION_EPOCHS can only lower it.
	Epochs int
	// Optimizer is an SGD or Adam optimizer; default: the model's DefaultOptimizer.
	Optimizer Optimizer
	// Validation is evaluated after each epoch; default: no validation.
	Validation *Loader
	// Augment changes the training images at random, in this order; default: no change. The
	// changes depend on Seed, the image and the epoch. Augment, the function, shows them.
	Augment []Augmentation
	// Seed seeds the dropout masks and the augmentation; default 0.
	Seed uint64
	// Run names the folder in which the training is saved, as in OpenRun. If a run
	// with the same settings exists there, the training continues it. Default:
	// nothing is saved.
	Run string
	// Notes holds arbitrary text from the caller, which a new run stores.
	Notes map[string]string
	// Steps is the largest number of training steps in total; default: no limit.
	Steps int
	// Output receives the lines. If it is a Watcher, it also receives the status of the
	// training, to show the progress: package progress has a bar. Default: nothing is
	// written.
	Output io.Writer
	// Lines selects the lines.
	Lines Lines
	// Backend is the backend to use; default: DefaultBackend.
	Backend compute.Backend
}

// stepLinesEvery is the homework's interval of step lines.
const stepLinesEvery = 100

// callTarget is the intended duration of one call to the device: long enough
// that the overhead of a call does not matter, and short enough that a training
// stops and shows its progress without a delay.
const callTarget = 500 * time.Millisecond

// Fit trains the network in place on the loader's batches and returns the recorded
// history. It is a loop of a Trainer's steps with validation, a run and progress
// lines. The same network, loader, settings, backend and number of devices give the same
// result bit for bit, even if the training was interrupted and resumed.
//
// The error is ErrDiverged if the loss or the weights are no longer finite. It is
// ErrInterrupted after one of the StopSignals; the history and the network are then
// those after the last completed step. Settings that do not fit the model or the run
// are errors, too.
func (n *Network) Fit(train *Loader, training Training) (*History, error) {
	ctx, stop := signal.NotifyContext(context.Background(), StopSignals()...)
	defer stop()
	return n.FitContext(ctx, train, training)
}

// FitContext is Fit with a context: when the context is done, the training is interrupted
// after the current step. It does not react to signals.
func (n *Network) FitContext(ctx context.Context, train *Loader, training Training) (*History, error) {
	f, err := newFit(n, train, training)
	if err != nil {
		return nil, err
	}
	defer f.close()
	err = f.train(ctx)
	return f.run.History, err
}

// fit is a training in progress.
type fit struct {
	Training
	net      *Network
	loader   *Loader
	config   RunConfig
	run      *Run
	unlock   func()
	warning  string // about the run's lock
	trainer  *Trainer
	watching watching
	perEpoch int
	// epochStart is the time at which this process began the epoch.
	epochStart time.Time
}

func newFit(net *Network, train *Loader, training Training) (_ *fit, err error) {
	f := &fit{Training: training, net: net, loader: train, perEpoch: train.Len()}
	if f.Epochs == 0 {
		f.Epochs = 10
	}
	if f.Epochs < 0 || f.Steps < 0 {
		return nil, fmt.Errorf("fit: %d epochs and %d steps, want 0 or more of each", f.Epochs, f.Steps)
	}
	if f.Optimizer == (Optimizer{}) {
		f.Optimizer = net.Model.DefaultOptimizer()
	}
	if err := f.Optimizer.Check(); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	if err := net.Model.check(); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	if err := net.Weights.check(net.Model); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	if err := checkAugmentations(f.Augment); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	if f.perEpoch == 0 {
		return nil, fmt.Errorf("fit: a loader with 0 images, want at least 1")
	}
	shortened, err := f.shorten()
	if err != nil {
		return nil, err
	}
	if err := net.Model.checkBatches(train.Subset().Len(), train.BatchSize(), f.totalSteps()); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	backend, choice, err := f.chooseBackend()
	if err != nil {
		return nil, err
	}
	f.config = f.makeConfig()
	if err := f.openRun(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	if done := f.run.step / f.perEpoch; done > f.Epochs || done == f.Epochs && f.run.step > f.Epochs*f.perEpoch {
		return nil, fmt.Errorf("run %s already has %d epochs, want at most the %d of this training; train into another folder, or remove this one", f.run.Dir, done, f.Epochs)
	}
	if f.run.weights != nil {
		if f.run.step == 0 {
			f.run.slots = nil // imported weights: the optimizer starts without a state, as in PyTorch
		} else if len(f.run.slots) != len(newSlots(net.Model, f.Optimizer)) {
			return nil, fmt.Errorf("run %s: the state of another optimizer, want that of %v", f.run.Dir, f.Optimizer)
		}
		if err := f.run.weights.check(net.Model); err != nil {
			return nil, fmt.Errorf("run %s: %w", f.run.Dir, err)
		}
		net.Weights = f.run.weights
	}
	choice.Devices = net.Model.devices(choice.Devices)
	f.announce(choice, shortened)
	if f.done() {
		return f, nil
	}
	f.run.History.Backend = choice.String()
	f.trainer, err = newTrainer(backend, choice.Devices, net, f.Optimizer, f.Seed, f.run.step, f.run.slots)
	return f, err
}

// shorten applies FASHION_EPOCHS, and returns a line that reports it.
func (f *fit) shorten() (string, error) {
	text := os.Getenv("FASHION_EPOCHS")
	if text == "" {
		return "", nil
	}
	epochs, err := strconv.Atoi(text)
	if err != nil || epochs < 1 {
		return "", fmt.Errorf("fit: FASHION_EPOCHS=%q, want a whole number of at least 1", text)
	}
	if epochs >= f.Epochs {
		return "", nil
	}
	was := f.Epochs
	f.Epochs = epochs
	return fmt.Sprintf("FASHION_EPOCHS=%d: %d of %d epochs", epochs, epochs, was), nil
}

func (f *fit) chooseBackend() (compute.Backend, BackendChoice, error) {
	if f.Backend != nil {
		return f.Backend, BackendChoice{Config: f.Backend.Name(), Reason: "given by the program", Devices: 1}, nil
	}
	return DefaultBackend()
}

func (f *fit) makeConfig() RunConfig {
	if f.Run == "" {
		return RunConfig{}
	}
	c := RunConfig{
		Version: runVersion, Model: f.net.Model.Name(), Structure: f.net.Model.String(), Layers: f.net.Model.describe(),
		Optimizer: f.Optimizer, BatchSize: f.loader.BatchSize(), Augment: f.Augment, Seed: f.Seed,
		Images: sumOfImages(f.loader.Subset().Dataset), Order: sumOfOrder(f.loader),
		Initial: sumOfWeights(f.net.Weights), Notes: f.Notes,
	}
	if f.Validation != nil {
		c.Validation = sumOfOrder(f.Validation)
	}
	return c
}

// openRun locks and opens the run's folder, or makes a run in memory.
func (f *fit) openRun() error {
	if f.Run == "" {
		f.run = &Run{History: &History{}}
		return nil
	}
	dir := runDir(f.Run)
	unlock, warning, err := lockRun(dir)
	if err != nil {
		return err
	}
	if f.run, err = startRun(dir, f.config, f.net.Model); err != nil {
		unlock()
		return err
	}
	f.unlock, f.warning = unlock, warning
	return nil
}

// line writes a line to the output.
func (f *fit) line(format string, args ...any) {
	if f.Output != nil {
		fmt.Fprintf(f.Output, format+"\n", args...)
	}
}

// announce writes the first lines: the backend, the reduced number of epochs, and
// the lines of steps and epochs that the run already has.
func (f *fit) announce(choice BackendChoice, shortened string) {
	f.line("%v", choice)
	if f.warning != "" {
		f.line("%s", f.warning)
	}
	if shortened != "" {
		f.line("%s", shortened)
	}
	if len(f.Augment) > 0 {
		f.line("augmentation: %s", augmentationText(f.Augment))
	}
	if f.run.step == 0 {
		return
	}
	switch was := f.run.History.Backend; {
	case f.done():
		f.line("%s already holds this training; remove the folder to train again from the start", shortPath(f.run.Dir))
	case was != choice.String():
		f.line("continuing after %d steps in %s; they were computed on another backend or number of devices (%s), so the last digits may differ", f.run.step, shortPath(f.run.Dir), was)
	default:
		f.line("continuing after %d steps in %s", f.run.step, shortPath(f.run.Dir))
	}
	// The lines of the earlier steps and epochs, as they were written then.
	for step := 1; step <= f.run.step; step++ {
		f.stepLine(step)
		if step%f.perEpoch == 0 && step/f.perEpoch <= f.epoch() {
			f.epochLine(step/f.perEpoch - 1)
		}
	}
}

// shortPath returns the folder's path relative to the working directory if that
// is shorter.
func shortPath(dir string) string {
	here, err := os.Getwd()
	if err != nil {
		return dir
	}
	if short, err := filepath.Rel(here, dir); err == nil && len(short) < len(dir) {
		return short
	}
	return dir
}

// totalSteps returns the number of steps after which the training ends.
func (f *fit) totalSteps() int {
	total := f.Epochs * f.perEpoch
	if f.Steps > 0 {
		total = min(total, f.Steps)
	}
	return total
}

// epoch returns the number of the current epoch, from 0. An epoch whose validation was
// interrupted is still the current one, although all of its steps are done.
func (f *fit) epoch() int { return len(f.run.History.Epochs) }

func (f *fit) done() bool {
	return f.run.step >= f.totalSteps() && f.epoch() == f.run.step/f.perEpoch
}

// train runs the remaining epochs.
func (f *fit) train(ctx context.Context) error {
	f.watching.from = f.run.step
	f.watching.watcher = watcherOf(f.Output)
	defer f.watch(true)
	if f.done() {
		return nil
	}
	f.watch(false)
	for !f.done() {
		if err := f.trainEpoch(ctx, f.epoch()); err != nil {
			return err
		}
	}
	return nil
}

// trainEpoch runs the remaining steps of an epoch.
func (f *fit) trainEpoch(ctx context.Context, epoch int) error {
	data := f.loader.Subset().Dataset.data()
	data.Change = changeBy(f.Augment, epoch, f.Seed)
	order, err := f.trainer.engine.NewOrder(data, f.loader.Order(epoch), f.loader.BatchSize())
	if err != nil {
		return err
	}
	f.epochStart = time.Now()
	chunk := 1
	end := min((epoch+1)*f.perEpoch, f.totalSteps())
	for f.run.step < end {
		inEpoch := f.run.step - epoch*f.perEpoch
		if ctx.Err() != nil {
			return f.interrupted()
		}
		count := min(chunk, end-f.run.step)
		start := time.Now()
		losses, err := f.trainer.run(order, inEpoch, count)
		if err != nil {
			return outOfMemory(err, f.loader.BatchSize())
		}
		perStep := time.Since(start) / time.Duration(len(losses))
		chunk = max(1, min(engine.MaxSteps, int(callTarget/max(perStep, 1))))
		for _, loss := range losses {
			f.run.step++
			f.run.History.StepLosses = append(f.run.History.StepLosses, loss)
			if !isFinite(float64(loss)) {
				return f.diverged(fmt.Sprintf("the loss became %v in epoch %d, step %d", loss, epoch+1, f.run.step-epoch*f.perEpoch))
			}
			f.stepLine(f.run.step)
		}
		f.watch(false)
	}
	return f.endEpoch(ctx, epoch)
}

// endEpoch evaluates the validation images, records the result and saves the state.
func (f *fit) endEpoch(ctx context.Context, epoch int) error {
	complete := f.run.step == (epoch+1)*f.perEpoch
	if complete {
		result := f.epochResult(epoch)
		if f.Validation != nil {
			e, err := f.trainer.evaluate(ctx, f.Validation)
			if ctx.Err() != nil {
				return f.interrupted()
			}
			if err != nil {
				return err
			}
			result.Validated = true
			result.ValLoss, result.ValAccuracy = e.Loss, e.Accuracy
			result.BatchMeanValLoss, result.BatchMeanValAccuracy = e.BatchMeanLoss, e.BatchMeanAccuracy
		}
		result.Seconds = time.Since(f.epochStart).Seconds()
		f.run.History.Epochs = append(f.run.History.Epochs, result)
	}
	if complete && f.Validation != nil && !isFinite(f.run.History.Epochs[epoch].ValLoss) {
		return f.diverged(fmt.Sprintf("the validation loss became %v after epoch %d", f.run.History.Epochs[epoch].ValLoss, epoch+1))
	}
	if err := f.save(); err != nil {
		return err
	}
	if complete {
		f.epochLine(epoch)
		f.watch(false)
	}
	return nil
}

// epochResult computes an epoch's training loss from the losses of its steps.
func (f *fit) epochResult(epoch int) EpochResult {
	losses := f.run.History.StepLosses[epoch*f.perEpoch : (epoch+1)*f.perEpoch]
	images, batch := f.loader.Subset().Len(), f.loader.BatchSize()
	weighted, plain := 0.0, 0.0
	for i, loss := range losses {
		weighted += float64(loss) * float64(min(batch, images-i*batch))
		plain += float64(loss)
	}
	return EpochResult{
		Epoch: epoch + 1, TrainLoss: weighted / float64(images), BatchMeanTrainLoss: plain / float64(len(losses)),
	}
}

// outOfMemory explains XLA's error for a batch that is too large. It returns other errors
// unchanged.
func outOfMemory(err error, batch int) error {
	_, memory, ok := strings.Cut(err.Error(), "Out of memory")
	if !ok {
		return err
	}
	return fmt.Errorf("out of memory in a training step with a batch of %d images; use a smaller batch (XLA: out of memory%s)", batch, memory)
}

// diverged returns the error of a training whose values are no longer finite. The files of
// its run do not change: they hold the last state with finite values.
func (f *fit) diverged(how string) error { return diverged(how, f.Optimizer.LearningRate) }

func diverged(how string, rate float64) error {
	return fmt.Errorf("%w: %s; try a smaller learning rate than %g", ErrDiverged, how, rate)
}

// interrupted saves the state and returns ErrInterrupted.
func (f *fit) interrupted() error {
	if err := f.save(); err != nil {
		return fmt.Errorf("%w, and the steps since the last epoch could not be saved: %w", ErrInterrupted, err)
	}
	where := fmt.Sprintf("after %d steps (epoch %d)", f.run.step, min(f.epoch()+1, f.Epochs))
	if f.Run == "" {
		return fmt.Errorf("%w %s; nothing is saved, since no Run was given", ErrInterrupted, where)
	}
	return fmt.Errorf("%w %s; these are saved in %s; run it again to continue from there", ErrInterrupted, where, f.run.Dir)
}

// save copies the state from the device into the network and the run.
func (f *fit) save() error {
	weights, err := f.trainer.weights()
	if err != nil {
		return err
	}
	slots, err := f.trainer.slots()
	if err != nil {
		return err
	}
	if names := weights.NotFinite(); len(names) > 0 {
		return f.diverged(fmt.Sprintf("after step %d the weights are no longer finite (%s)", f.run.step, names[0]))
	}
	f.net.Weights = weights
	f.run.weights, f.run.slots = weights, slots
	if f.Run == "" {
		return nil
	}
	if err := f.run.writeCheckpoint(integerNames(f.net.Model)); err != nil {
		return fmt.Errorf("%w; the run keeps its last saved state; remove the cause and run it again to continue from there", err)
	}
	return nil
}

// stepLine writes the line of a step, counted from 1 over all epochs.
func (f *fit) stepLine(step int) {
	inEpoch := (step-1)%f.perEpoch + 1
	if f.Lines != StepLines || inEpoch%stepLinesEvery != 0 {
		return
	}
	f.line("Epoch [%d/%d], Step [%d/%d], Loss: %.4f", (step-1)/f.perEpoch+1, f.Epochs, inEpoch, f.perEpoch, f.run.History.StepLosses[step-1])
}

// epochLine writes the line of an epoch, counted from 0.
func (f *fit) epochLine(epoch int) {
	e := f.run.History.Epochs[epoch]
	switch {
	case f.Lines == StepLines:
		return
	case f.Lines == ImageLines:
		f.line("%v", e)
		return
	case !e.Validated:
		f.line("Epoch [%d], train_loss: %.4f", epoch, e.TrainLoss)
		return
	}
	f.line("Epoch [%d], val_loss: %.4f, val_acc: %.4f", epoch, e.BatchMeanValLoss, e.BatchMeanValAccuracy)
}

// close releases the device's memory and the lock.
func (f *fit) close() {
	if f.trainer != nil {
		f.trainer.Close()
	}
	if f.unlock != nil {
		f.unlock()
		f.unlock = nil
	}
}
