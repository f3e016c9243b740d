package fashion

import (
	"fmt"
	"os"
	"path/filepath"
)

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
	if settings := f.settings.String(); settings != "" {
		f.line("%v, %s", f.Optimizer, settings)
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
