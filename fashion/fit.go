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
// notebook's stop button or by its context. With a Run, what was learnt up to
// the step under way is saved and the same call goes on from there.
var ErrInterrupted = errors.New("training interrupted")

// ErrDiverged is the error of a training whose loss or weights are no longer finite. Its
// run keeps what was saved before.
var ErrDiverged = errors.New("the training diverged")

// isFinite says whether x is neither infinite nor NaN.
func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Lines says which lines Fit writes while it trains.
type Lines int

// The homework's two ways, and a third.
const (
	// EpochLines: "Epoch [0], val_loss: 1.6975, val_acc: 0.6173" after each
	// epoch, counted from 0, with the means of the batches' means.
	EpochLines Lines = iota
	// StepLines: "Epoch [1/10], Step [100/391], Loss: 0.4059" every 100 steps.
	StepLines
	// ImageLines is not the homework's: EpochResult.String after each epoch,
	// counted from 1, with means over the images.
	ImageLines
)

// Training says how Fit trains. The zero value of a field stands for its
// default.
type Training struct {
	// Epochs is the number of passes over the training images; default 10, as
	// in the homework. The environment variable FASHION_EPOCHS lowers it.
	Epochs int
	// Optimizer is SGD or Adam; default: the model's DefaultOptimizer.
	Optimizer Optimizer
	// Validation, when given, is evaluated after each epoch.
	Validation *Loader
	// Seed makes dropout's random numbers; default 0.
	Seed uint64
	// Run names the folder that keeps the training, as in OpenRun. A run
	// that is there already and was made with the same settings goes on where
	// it stands. Default: nothing is kept.
	Run string
	// Notes are kept with a new run for the caller.
	Notes map[string]string
	// Steps ends the training after so many steps in all; default: no limit.
	Steps int
	// Output gets the lines. One that is a Watcher is told how far the training is, and
	// draws it: the package progress has a bar. Default: nothing is written.
	Output io.Writer
	// Lines chooses what is written.
	Lines Lines
	// Backend computes; default: DefaultBackend.
	Backend compute.Backend
}

// stepLinesEvery is the homework's interval of step lines.
const stepLinesEvery = 100

// callTarget is about how long one call to the device should take: long
// enough to cost nothing, short enough to stop and to show progress at once.
const callTarget = 500 * time.Millisecond

// Fit trains the network in place on the loader's batches and returns what was
// recorded: a loop of steps as a Trainer does them, with validation, a run, and lines that
// say how it goes. The same network, loader, settings and backend give the same
// result bit for bit, whether or not the training was interrupted and resumed.
//
// A loss that is no longer finite ends the training with an error. After an
// interrupt the error is ErrInterrupted, and the history and the network are
// those of the steps that were done. StopSignals interrupt it.
func (n *Network) Fit(train *Loader, training Training) (*History, error) {
	ctx, stop := signal.NotifyContext(context.Background(), StopSignals()...)
	defer stop()
	return n.FitContext(ctx, train, training)
}

// FitContext is Fit with a context that interrupts the training when it is done, in place
// of signals. The training ends within a step.
func (n *Network) FitContext(ctx context.Context, train *Loader, training Training) (*History, error) {
	f, err := newFit(n, train, training)
	if err != nil {
		return nil, err
	}
	defer f.close()
	err = f.train(ctx)
	return f.run.History, err
}

// fit is a training under way.
type fit struct {
	Training
	net      *Network
	loader   *Loader
	config   RunConfig
	run      *Run
	unlock   func()
	warning  string // of the run's lock
	trainer  *Trainer
	watching watching
	perEpoch int
	// epochStart is when the epoch began, less what an interrupted one took.
	epochStart time.Time
}

func newFit(net *Network, train *Loader, training Training) (_ *fit, err error) {
	f := &fit{Training: training, net: net, loader: train, perEpoch: train.Len()}
	if f.Epochs == 0 {
		f.Epochs = 10
	}
	if f.Epochs < 0 || f.Steps < 0 {
		return nil, fmt.Errorf("fit: %d epochs and %d steps, want numbers that are not negative", f.Epochs, f.Steps)
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
	if f.perEpoch == 0 {
		return nil, fmt.Errorf("fit: the loader has no images")
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
		return nil, fmt.Errorf("run %s already has %d epochs, %d were asked for: train into another folder, or remove this one", f.run.Dir, done, f.Epochs)
	}
	if f.run.weights != nil {
		if f.run.step == 0 {
			f.run.slots = nil // of imported weights; the optimizer starts anew, as in PyTorch
		} else if len(f.run.slots) != len(newSlots(net.Model, f.Optimizer)) {
			return nil, fmt.Errorf("run %s: the optimizer's state is not that of %v", f.run.Dir, f.Optimizer)
		}
		if err := f.run.weights.check(net.Model); err != nil {
			return nil, fmt.Errorf("run %s: %w", f.run.Dir, err)
		}
		net.Weights = f.run.weights
	}
	f.announce(choice, shortened)
	if f.done() {
		return f, nil
	}
	f.run.History.Backend = choice.String()
	f.trainer, err = newTrainer(backend, net, f.Optimizer, f.Seed, f.run.step, f.run.slots)
	return f, err
}

// shorten applies FASHION_EPOCHS and says so.
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
		return f.Backend, BackendChoice{f.Backend.Name(), "given by the program"}, nil
	}
	return DefaultBackend()
}

func (f *fit) makeConfig() RunConfig {
	if f.Run == "" {
		return RunConfig{}
	}
	c := RunConfig{
		Version: runVersion, Model: f.net.Model.Name(), Structure: f.net.Model.String(), Layers: f.net.Model.describe(),
		Optimizer: f.Optimizer, BatchSize: f.loader.BatchSize(), Seed: f.Seed,
		Images: sumOfImages(f.loader.Subset().Dataset), Order: sumOfOrder(f.loader),
		Initial: sumOfWeights(f.net.Weights), Notes: f.Notes,
	}
	if f.Validation != nil {
		c.Validation = sumOfOrder(f.Validation)
	}
	return c
}

// openRun locks and opens the run's folder, or makes a run that is not kept.
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

// announce writes the first lines: the backend, what was shortened, and what a
// run already holds.
func (f *fit) announce(choice BackendChoice, shortened string) {
	f.line("%v", choice)
	if f.warning != "" {
		f.line("%s", f.warning)
	}
	if shortened != "" {
		f.line("%s", shortened)
	}
	if f.run.step == 0 {
		return
	}
	switch was := f.run.History.Backend; {
	case f.done():
		f.line("%s holds this training already; remove the folder to train anew", shortPath(f.run.Dir))
	case was != choice.String():
		f.line("going on after %d steps in %s; they were made on another backend (%s), so the last digits may differ", f.run.step, shortPath(f.run.Dir), was)
	default:
		f.line("going on after %d steps in %s", f.run.step, shortPath(f.run.Dir))
	}
	// The lines of what was done before, as they were then.
	for step := 1; step <= f.run.step; step++ {
		f.stepLine(step)
		if step%f.perEpoch == 0 && step/f.perEpoch <= f.epoch() {
			f.epochLine(step/f.perEpoch - 1)
		}
	}
}

// shortPath gives a folder relative to the working directory where that is
// shorter.
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

// totalSteps is where the training ends.
func (f *fit) totalSteps() int {
	total := f.Epochs * f.perEpoch
	if f.Steps > 0 {
		total = min(total, f.Steps)
	}
	return total
}

// epoch is the number of the epoch under way, from 0. An epoch whose validation was
// interrupted is under way still, though all of its steps are done.
func (f *fit) epoch() int { return len(f.run.History.Epochs) }

func (f *fit) done() bool {
	return f.run.step >= f.totalSteps() && f.epoch() == f.run.step/f.perEpoch
}

// train runs all epochs that are left.
func (f *fit) train(ctx context.Context) error {
	f.watching.from = f.run.step
	f.watching.watcher, _ = f.Output.(Watcher)
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

// trainEpoch runs what is left of an epoch.
func (f *fit) trainEpoch(ctx context.Context, epoch int) error {
	order, err := f.trainer.order(f.loader.Subset().Dataset, f.loader.Order(epoch), f.loader.BatchSize())
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

// endEpoch validates, records and saves.
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

// epochResult computes an epoch's training loss from its steps'.
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

// outOfMemory says in words what XLA's error of a batch that is too large means, and leaves
// other errors as they are.
func outOfMemory(err error, batch int) error {
	_, memory, ok := strings.Cut(err.Error(), "Out of memory")
	if !ok {
		return err
	}
	return fmt.Errorf("out of memory in a training step with a batch of %d images: take a smaller batch (XLA: out of memory%s)", batch, memory)
}

// diverged is the error of a training that went wrong as told. What its run has on disk
// stays as it is: the last state with finite numbers.
func (f *fit) diverged(how string) error { return diverged(how, f.Optimizer.LearningRate) }

func diverged(how string, rate float64) error {
	return fmt.Errorf("%w: %s; try a smaller learning rate than %g", ErrDiverged, how, rate)
}

// interrupted saves what was learnt and returns ErrInterrupted.
func (f *fit) interrupted() error {
	if err := f.save(); err != nil {
		return fmt.Errorf("%w, and what was learnt since the last epoch could not be saved: %w", ErrInterrupted, err)
	}
	where := fmt.Sprintf("after %d steps (epoch %d)", f.run.step, min(f.epoch()+1, f.Epochs))
	if f.Run == "" {
		return fmt.Errorf("%w %s; nothing is kept, since no Run was given", ErrInterrupted, where)
	}
	return fmt.Errorf("%w %s; all of it is saved in %s, and running it again goes on from there", ErrInterrupted, where, f.run.Dir)
}

// save copies the state from the device into the network and the run.
func (f *fit) save() error {
	weights, slots, err := f.trainer.snapshot()
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
		return fmt.Errorf("%w; the run keeps what it had: when the cause is removed, running it again goes on from there", err)
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

// close frees the device and the lock.
func (f *fit) close() {
	if f.trainer != nil {
		f.trainer.Close()
	}
	if f.unlock != nil {
		f.unlock()
		f.unlock = nil
	}
}
