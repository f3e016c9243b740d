package fashion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
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
	// Optimizer is SGD, Adam or AdamW; default: the model's DefaultOptimizer.
	Optimizer Optimizer
	// Schedule changes the learning rate from step to step; default: it is constant.
	Schedule Schedule
	// LabelSmoothing is the label_smoothing of PyTorch's CrossEntropyLoss, in [0, 1);
	// default 0. The validation loss is without it.
	LabelSmoothing float64
	// ClipNorm is the largest total norm of the gradients, ClipValue the largest absolute
	// value in them, as torch.nn.utils.clip_grad_norm_ and clip_grad_value_ limit them.
	// With both, the values are clipped first. Default 0: no limit.
	ClipNorm, ClipValue float64
	// EMA averages the weights; default: no average.
	EMA EMA
	// KeepBest makes the weights after the best validated epoch the network's and the run's,
	// in place of those after the last one.
	KeepBest bool
	// Patience ends the training after so many epochs in a row that were not better than
	// the best one before by more than MinDelta; default 0: never.
	Patience int
	MinDelta float64
	// Monitor is the measure for KeepBest and Patience; default ByLoss.
	Monitor Measure
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
	settings stepSettings
	net      *Network
	loader   *Loader
	config   RunConfig
	run      *Run
	unlock   func()
	warning  string // about the run's lock
	trainer  *Trainer
	watching watching
	perEpoch int
	// limit is the number of steps after which a replay stops; 0 is no limit.
	limit int
	// began is the time at which this process began the training, and earlier the duration in
	// seconds before that.
	began   time.Time
	earlier float64
	// epochStart is the time at which this process began the epoch.
	epochStart time.Time
}

// Trained opens the run of a training without training anything: the arguments are those
// of Fit, with a Run. complete reports that Fit would have nothing left to do. A run that
// does not exist is an error that wraps [io/fs.ErrNotExist], and a run with other settings
// is the same error as in Fit.
func (n *Network) Trained(train *Loader, training Training) (run *Run, complete bool, err error) {
	f, _, err := checkedFit(n, train, training)
	if err != nil {
		return nil, false, err
	}
	if f.Run == "" {
		return nil, false, fmt.Errorf("trained: no Run, want the folder of one")
	}
	if f.run, err = OpenRun(f.Run); err != nil {
		return nil, false, err
	}
	if f.run.untrained() {
		return f.run, false, nil
	}
	if err := errors.Join(f.run.checkSettings(f.makeConfig()), f.checkEpochs()); err != nil {
		return nil, false, err
	}
	return f.run, f.done(), nil
}

// checkedFit checks the settings of a training. shortened is a line that reports a reduced
// number of epochs.
func checkedFit(net *Network, train *Loader, training Training) (f *fit, shortened string, err error) {
	f = &fit{Training: training, net: net, loader: train, perEpoch: train.Len()}
	if f.Epochs == 0 {
		f.Epochs = 10
	}
	if f.Epochs < 0 || f.Steps < 0 {
		return nil, "", fmt.Errorf("fit: %d epochs and %d steps, want 0 or more of each", f.Epochs, f.Steps)
	}
	if f.Optimizer == (Optimizer{}) {
		f.Optimizer = net.Model.DefaultOptimizer()
	}
	if err := f.checkStopping(); err != nil {
		return nil, "", fmt.Errorf("fit: %w", err)
	}
	if err := net.Model.check(); err != nil {
		return nil, "", fmt.Errorf("fit: %w", err)
	}
	if err := net.Weights.check(net.Model); err != nil {
		return nil, "", fmt.Errorf("fit: %w", err)
	}
	if err := checkAugmentations(f.Augment); err != nil {
		return nil, "", fmt.Errorf("fit: %w", err)
	}
	if f.perEpoch == 0 {
		return nil, "", fmt.Errorf("fit: a loader with 0 images, want at least 1")
	}
	if shortened, err = f.shorten(); err != nil {
		return nil, "", err
	}
	f.settings = f.Training.stepSettings(f.totalSteps())
	f.Optimizer = f.settings.optimizer
	if err := f.settings.check(net.Model); err != nil {
		return nil, "", fmt.Errorf("fit: %w", err)
	}
	if err := net.Model.checkBatches(train.images(), train.BatchSize(), f.totalSteps()); err != nil {
		return nil, "", fmt.Errorf("fit: %w", err)
	}
	return f, shortened, nil
}

func newFit(net *Network, train *Loader, training Training) (_ *fit, err error) {
	began := time.Now()
	f, shortened, err := checkedFit(net, train, training)
	if err != nil {
		return nil, err
	}
	f.began = began
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
	if err := f.checkEpochs(); err != nil {
		return nil, err
	}
	if f.run.weights != nil {
		if f.run.step == 0 {
			f.run.slots, f.run.averages = nil, nil // imported weights: the optimizer starts without a state, as in PyTorch
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
		f.net.Weights = f.run.result()
		return f, nil
	}
	f.run.History.Backend, f.run.History.Processor = choice.String(), processor()
	f.earlier = f.run.History.WallSeconds
	f.trainer, err = newTrainer(backend, choice.Devices, net, f.settings, f.Seed, trainerState{f.run.step, f.run.slots, f.run.averages}, net.Model.linearOnly())
	return f, err
}

// checkEpochs returns an error if the run is longer than the training.
func (f *fit) checkEpochs() error {
	if done := f.run.step / f.perEpoch; done > f.Epochs || done == f.Epochs && f.run.step > f.Epochs*f.perEpoch {
		return fmt.Errorf("run %s already has %d epochs, want at most the %d of this training; train into another folder, or remove this one", f.run.Dir, done, f.Epochs)
	}
	return nil
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
		Schedule: f.Schedule, LabelSmoothing: f.LabelSmoothing, ClipNorm: f.ClipNorm, ClipValue: f.ClipValue, EMA: f.EMA,
		TotalSteps: f.settings.steps, KeepBest: f.KeepBest, Patience: f.Patience, MinDelta: f.MinDelta, Monitor: f.Monitor,
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
	if f.epoch() != f.run.step/f.perEpoch {
		return false
	}
	return f.run.step >= f.totalSteps() || f.stoppedEarly()
}

// stoppedEarly reports whether early stopping ends the training after the recorded epochs.
func (f *fit) stoppedEarly() bool {
	return f.run.step == f.epoch()*f.perEpoch && f.run.History.stopped(f.Monitor, f.Patience, f.MinDelta)
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
	for !f.done() && (f.limit == 0 || f.run.step < f.limit) {
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
	if f.limit > 0 {
		end = min(end, f.limit)
	}
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
			e, err := f.trainer.evaluate(ctx, f.Validation, f.trainer.deviceWeights)
			if err == nil && f.EMA.used() {
				var average *Evaluation
				if average, err = f.trainer.evaluate(ctx, f.Validation, f.trainer.deviceAverages); err == nil {
					result.Averaged, result.AveragedValLoss, result.AveragedValAccuracy = true, average.Loss, average.Accuracy
				}
			}
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
		if f.stoppedEarly() && f.run.step < f.totalSteps() {
			best, _ := f.run.History.Best(f.Monitor)
			f.line("stopped after %d of %d epochs: none of the last %d was better; the best is epoch %d", epoch+1, f.Epochs, f.Patience, best.Epoch)
		}
		f.watch(false)
	}
	return nil
}

// epochResult computes an epoch's training loss from the losses of its steps.
func (f *fit) epochResult(epoch int) EpochResult {
	losses := f.run.History.StepLosses[epoch*f.perEpoch : (epoch+1)*f.perEpoch]
	images, batch := f.loader.images(), f.loader.BatchSize()
	weighted, plain := 0.0, 0.0
	for i, loss := range losses {
		weighted += float64(loss) * float64(min(batch, images-i*batch))
		plain += float64(loss)
	}
	result := EpochResult{
		Epoch: epoch + 1, TrainLoss: weighted / float64(images), BatchMeanTrainLoss: plain / float64(len(losses)),
	}
	if !f.Schedule.constant() {
		result.LearningRate = f.Schedule.Rate(f.Optimizer.LearningRate, (epoch+1)*f.perEpoch-1, f.settings.steps)
	}
	return result
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
	averages, err := f.trainer.averages()
	if err != nil {
		return err
	}
	f.run.weights, f.run.slots, f.run.averages = weights, slots, averages
	f.run.History.WallSeconds = f.earlier + time.Since(f.began).Seconds()
	if best, ok := f.run.History.Best(f.Monitor); f.KeepBest && ok && f.run.step == best.Epoch*f.perEpoch {
		f.run.best = f.run.last()
	}
	f.net.Weights = f.run.result()
	if f.Run == "" {
		return nil
	}
	if err := f.run.writeCheckpoint(integerNames(f.net.Model)); err != nil {
		return fmt.Errorf("%w; the run keeps its last saved state; remove the cause and run it again to continue from there", err)
	}
	return nil
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
