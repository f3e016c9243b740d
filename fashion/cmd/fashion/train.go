package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fashionlab/fashion"
	"fashionlab/fashion/progress"
)

var trainCommand = command{
	name: "train", usage: "-model M -run DIR [flags]",
	short: "train a model into a run, or continue a run",
	long: `
The defaults are those of the homework: 10 epochs, batches of 128, 50,000 images
for training and 10,000 for validation, SGD with learning rate 0.001 for softmax
and Adam with 0.01 for the other models. Epochs are counted from 1; losses and
accuracies are means over the images. Ctrl-C stops the training and saves its
state; the same command with -resume continues it to the same figures as without
the stop. With -resume, the defaults are the settings of the run.`,
	setup: setupTrain,
}

// modelsOwn is the value of -dropout that means the model's own rates.
const modelsOwn = -1

// trainFlags are the flags of train.
type trainFlags struct {
	model, run, dir, optimizer string
	epochs, batch, splitSize   int
	steps                      int
	rate, dropout              float64
	seed                       uint64
	shuffle, resume            bool
	settings                   settingFlags
	resumed                    *fashion.RunConfig // of the run that -resume continues
	augment                    augmentFlag
}

func setupTrain(flags *flag.FlagSet) func(*session) error {
	parsed := newTrainFlags(flags)
	return func(s *session) error { return parsed().train(s) }
}

// newTrainFlags declares the flags of train and returns the function that returns their values.
func newTrainFlags(flags *flag.FlagSet) func() *trainFlags {
	f := &trainFlags{}
	model, run, dir := modelFlag(flags), runFlag(flags), dirFlag(flags)
	flags.IntVar(&f.epochs, "epochs", 10, "passes over the training images")
	flags.IntVar(&f.batch, "batch", defaultBatch, "images in a batch")
	flags.Float64Var(&f.rate, "lr", 0, "learning rate; default: 0.001 for softmax, 0.01 for the others")
	flags.StringVar(&f.optimizer, "optimizer", "", "sgd, adam or adamw; default: sgd for softmax, adam for the others")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the split, the first weights, the shuffles, dropout and augmentation")
	flags.BoolVar(&f.shuffle, "shuffle", true, "shuffle the training images before each epoch; false takes them in file order, without a random split")
	flags.IntVar(&f.splitSize, "split-size", defaultSplit, "training images; the rest, at most 10,000, is for validation")
	flags.Float64Var(&f.dropout, "dropout", modelsOwn, "replace every dropout rate; 0 turns dropout off; default: the model's own")
	flags.Var(&f.augment, "augment", "random `changes` of the training images, separated by commas or +: flip[=P], alternating (flips), shift[=N] pixels with reflected edges, crop[=N] with black edges, erase[=P]; default: none")
	flags.IntVar(&f.steps, "steps", 0, "largest number of steps in total; default: no limit")
	flags.BoolVar(&f.resume, "resume", false, "continue the run, which must exist")
	f.settings.setup(flags)
	return func() *trainFlags {
		f.model, f.run, f.dir = *model, *run, *dir
		return f
	}
}

type trainResult struct {
	Model         string    `json:"model"`
	Epochs        int       `json:"epochs"`
	Losses        []float64 `json:"losses"`
	StepLosses    []float32 `json:"step_losses,omitempty"`
	ValLosses     []float64 `json:"val_loss"`
	ValAccuracies []float64 `json:"val_accuracy"`
	Seconds       float64   `json:"seconds"`
	Backend       string    `json:"backend"`
	Run           string    `json:"run"`
	// Diverged is true if the loss or the weights were no longer finite.
	Diverged bool   `json:"diverged"`
	Error    string `json:"error,omitempty"`
}

func (f *trainFlags) train(s *session) error {
	start := time.Now()
	path, err := runPath(f.run)
	if err != nil {
		return err
	}
	if err := f.fromRun(s, path); err != nil {
		return err
	}
	net, loader, training, err := f.prepare(s)
	if err != nil {
		return err
	}
	training.Run = path
	history, fitErr := net.FitContext(s.ctx, loader, training)
	switch {
	case errors.Is(fitErr, fashion.ErrInterrupted):
		return fmt.Errorf("%w, with -resume", fitErr)
	case fitErr != nil && !errors.Is(fitErr, fashion.ErrDiverged):
		return fitErr
	}
	result := trainResult{
		Diverged: fitErr != nil,
		Model:    f.model, Epochs: len(history.Epochs), Losses: history.TrainLosses(),
		ValLosses: []float64{}, ValAccuracies: []float64{},
		Seconds: time.Since(start).Seconds(), Backend: history.Backend, Run: path,
	}
	if fitErr != nil {
		result.Error = fitErr.Error()
	}
	if training.Validation != nil {
		result.ValLosses, result.ValAccuracies = history.ValLosses(), history.ValAccuracies()
	}
	if f.steps > 0 {
		result.StepLosses = history.StepLosses
	}
	err = s.print(result, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d epochs in %.1f s, run %s\n", f.model, len(history.Epochs), history.Seconds(), path)
		for _, e := range history.Epochs {
			fmt.Fprintln(w, e)
		}
	})
	return errors.Join(fitErr, err)
}

// fromRun checks that the run exists if and only if -resume is given, and sets the
// flags that were not given to the settings of the run.
func (f *trainFlags) fromRun(s *session, path string) error {
	_, err := os.Stat(filepath.Join(path, "config.json"))
	switch {
	case err == nil && !f.resume:
		return fmt.Errorf("a run exists in %s; continue it with -resume, or name another folder", path)
	case errors.Is(err, fs.ErrNotExist) && f.resume:
		return fmt.Errorf("no run in %s to resume; omit -resume to start one", path)
	case !f.resume:
		return nil
	}
	run, err := fashion.OpenRun(path)
	if err != nil {
		return err
	}
	if s.isSet("model") && f.model != run.Config.Model {
		return fmt.Errorf("run %s: model %s, want %s as in -model", path, run.Config.Model, f.model)
	}
	if _, err := fashion.ModelByName(run.Config.Model); err != nil {
		return fmt.Errorf("run %s: model %s, want one of the course's; continue the run with the program that made it", path, run.Config.Model)
	}
	f.model = run.Config.Model
	if trained := run.Config.Optimizer; trained.Name != "" {
		if !s.isSet("optimizer") {
			f.optimizer = trained.Name
		}
		if !s.isSet("lr") {
			f.rate = trained.LearningRate
		}
		if !s.isSet("batch") {
			f.batch = run.Config.BatchSize
		}
		f.resumed = &run.Config
		if !s.isSet("augment") {
			f.augment.list = run.Config.Augment
		}
	}
	for name, value := range run.Config.Notes {
		known := s.flags.Lookup(name)
		if known == nil || known.DefValue == value || s.isSet(name) {
			continue
		}
		if err := s.flags.Set(name, value); err != nil {
			return fmt.Errorf("run %s: note %s=%q: %w", path, name, value, err)
		}
	}
	return nil
}

// prepare returns the arguments of Fit.
func (f *trainFlags) prepare(s *session) (net *fashion.Network, loader *fashion.Loader, training fashion.Training, err error) {
	model, err := modelNamed(f.model)
	if err != nil {
		return nil, nil, training, err
	}
	recipe, err := fashion.RecipeByName(f.model)
	isRecipe := err == nil
	if isRecipe && f.resumed == nil {
		f.useRecipe(s, recipe)
	}
	if f.epochs < 1 || f.batch < 1 || f.steps < 0 || f.steps == 0 && s.isSet("steps") {
		return nil, nil, training, usagef("-epochs %d -batch %d -steps %d, want at least 1 of each; without -steps there is no limit", f.epochs, f.batch, f.steps)
	}
	if f.dropout != modelsOwn || s.isSet("dropout") {
		if model, err = model.WithDropout(f.dropout); err != nil {
			return nil, nil, training, usageError{err}
		}
	}
	if isRecipe {
		recipe = recipe.WithEpochs(f.epochs)
	}
	training, err = f.training(s, model, recipe.Training)
	if err != nil {
		return nil, nil, training, err
	}
	data, err := s.load(fashion.LoadOptions{Dir: f.dir})
	if err != nil {
		return nil, nil, training, err
	}
	train, validation, err := f.subsets(data)
	if err != nil {
		return nil, nil, training, err
	}
	var options []fashion.LoaderOption
	if f.shuffle {
		options = append(options, fashion.Shuffle(f.seed))
	}
	if isRecipe {
		options = append(options, fashion.DropLast())
	}
	if loader, err = fashion.NewLoader(train, f.batch, options...); err != nil {
		return nil, nil, training, err
	}
	if validation.Len() > 0 {
		if training.Validation, err = fashion.NewLoader(validation, f.batch); err != nil {
			return nil, nil, training, err
		}
	}
	if isRecipe {
		recipe.Model = model
		net, err = recipe.Init(train, f.seed)
	} else {
		net, err = model.Init(f.seed)
	}
	return net, loader, training, err
}

// useRecipe sets the flags that were not given to the values of a recipe.
func (f *trainFlags) useRecipe(s *session, r fashion.Recipe) {
	if !s.isSet("batch") {
		f.batch = r.BatchSize
	}
	if !s.isSet("epochs") {
		f.epochs = r.Training.Epochs
	}
	if !s.isSet("augment") {
		f.augment.list = r.Training.Augment
	}
}

// subsets divides the training images, at random or in file order.
func (f *trainFlags) subsets(data *fashion.Data) (train, validation fashion.Subset, err error) {
	all, size := data.Train.All(), f.splitSize
	if size < 1 || size > all.Len() {
		return train, validation, usagef("-split-size %d, want 1 to %d", size, all.Len())
	}
	train, validation = all, all
	train.Indices, validation.Indices = all.Indices[:size], all.Indices[size:]
	if f.shuffle && size < all.Len() {
		train, validation, err = fashion.RandomSplit(data.Train, f.seed, size, all.Len()-size)
	}
	validation.Indices = validation.Indices[:min(len(validation.Indices), maxValidation)]
	return train, validation, err
}

// training returns the settings of Fit: those of the flags, and for the others those of base.
func (f *trainFlags) training(s *session, model *fashion.Model, base fashion.Training) (fashion.Training, error) {
	optimizer := base.Optimizer
	if optimizer == (fashion.Optimizer{}) {
		optimizer = model.DefaultOptimizer()
	}
	if f.optimizer != "" {
		optimizer.Name = strings.ToLower(f.optimizer)
	}
	if optimizer.Name == "adamw" && base.Optimizer.Name != "adamw" {
		optimizer = fashion.AdamW(optimizer.LearningRate)
	}
	if f.resumed != nil && optimizer.Name == f.resumed.Optimizer.Name {
		optimizer = f.resumed.Optimizer
	}
	if s.isSet("lr") || f.rate != 0 { // a rate other than 0 is that of the run
		optimizer.LearningRate = f.rate
	}
	training := base
	if f.resumed != nil {
		training = f.resumed.Training()
	}
	training.Epochs, training.Optimizer, training.Seed, training.Steps, training.Augment = f.epochs, optimizer, f.seed, f.steps, f.augment.list
	training.Output, training.Lines = progress.Bar(s.log), fashion.ImageLines
	training.Notes = map[string]string{
		noteSeed: strconv.FormatUint(f.seed, 10), noteSplitSize: strconv.Itoa(f.splitSize),
		noteShuffle: strconv.FormatBool(f.shuffle), noteDropout: strconv.FormatFloat(f.dropout, 'g', -1, 64),
	}
	if err := f.settings.apply(s, &training); err != nil {
		return fashion.Training{}, err
	}
	if training.Schedule != (fashion.Schedule{}) {
		training.Notes["epochs"] = strconv.Itoa(f.epochs) // -resume has to give the same schedule
	}
	if err := training.Optimizer.Check(); err != nil {
		return fashion.Training{}, usageError{err}
	}
	return training, nil
}
