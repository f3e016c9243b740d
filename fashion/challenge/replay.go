package challenge

import (
	"context"
	"math"

	"fashionlab/fashion"
)

// The limits of a comparison with a replay on another processor or backend, whose rounding differs.
// docs/challenge.md has the differences that were measured.
const (
	// stepTolerance is the largest relative difference of a step's loss among the first comparedSteps.
	stepTolerance = 0.02
	comparedSteps = 50
	// epochTolerance is that of an epoch's mean loss.
	epochTolerance = 0.05
	// accuracyTolerance is the largest difference of the accuracy on the test images between the
	// run's network and the one that was trained here.
	accuracyTolerance = 0.01
	// leastShare is the least share of the time that the training takes here, if the run names
	// the same processor and backend, and it takes at least leastMinutes. Other programs can make it
	// several times slower.
	leastShare   = 0.2
	leastMinutes = 1
)

// compareReplay compares a run's losses and duration with those of the replay.
func (e *Entry) compareReplay(run *fashion.Run, training *fashion.Rebuilt, replay *fashion.Replay, o Options, report *RunReport) {
	recorded := run.History.StepLosses
	report.ReplayedSteps, report.EqualSteps, report.SameWeights = len(replay.Losses), replay.Equal, replay.SameWeights
	wrong := 0
	for i, loss := range replay.Losses[:min(len(replay.Losses), comparedSteps)] {
		difference := relative(float64(loss), float64(recorded[i]))
		report.Difference = max(report.Difference, difference)
		if !(difference <= stepTolerance) && wrong == 0 {
			wrong = i + 1
		}
	}
	if wrong > 0 {
		e.problem(run, "the loss of step %d is recorded as %.5f, and is %.5f when its training is made again: it was trained in another way than it says", wrong, recorded[wrong-1], replay.Losses[wrong-1])
	}
	report.MinutesHere = replay.StepSeconds * float64(training.Steps()) / 60
	if replay.Network != nil {
		report.MinutesHere = replay.History.WallSeconds / 60
	}
	same := run.History.Processor == replay.History.Processor && run.History.Backend == replay.History.Backend
	if same && report.MinutesHere >= leastMinutes && report.RecordedMinutes < leastShare*report.MinutesHere {
		e.open(run, o, "it records %.1f minutes, and on the same processor and backend the training takes %.1f", report.RecordedMinutes, report.MinutesHere)
	}
}

// relative returns the relative difference of two losses.
func relative(a, b float64) float64 {
	return math.Abs(a-b) / max(math.Abs(a), math.Abs(b), 0.01)
}

// afterReplay compares the result of a complete replay with the run's network, and returns the
// replay's.
func (e *Entry) afterReplay(ctx context.Context, run *fashion.Run, net *fashion.Network, replay *fashion.Replay, data *fashion.Data) (*fashion.Network, error) {
	if replay.SameWeights {
		return net, nil
	}
	if replay.Equal == len(run.History.StepLosses) {
		e.problem(run, "its weights are not those of its training, whose losses are equal")
		return replay.Network, nil
	}
	for i, epoch := range replay.History.Epochs {
		if got := run.History.Epochs[i].TrainLoss; !(relative(epoch.TrainLoss, got) <= epochTolerance) {
			e.problem(run, "the training loss of epoch %d is recorded as %.4f, and is %.4f when its training is made again", epoch.Epoch, got, epoch.TrainLoss)
			break
		}
	}
	claimed, err := evaluate(ctx, net, data.Test.All())
	if err != nil {
		return nil, err
	}
	made, err := evaluate(ctx, replay.Network, data.Test.All())
	if err != nil {
		return nil, err
	}
	if !(math.Abs(claimed.Accuracy-made.Accuracy) <= accuracyTolerance) {
		e.problem(run, "its network has the accuracy %.4f on the test images, and the one from its training, made again, %.4f: its weights come from elsewhere", claimed.Accuracy, made.Accuracy)
	}
	return replay.Network, nil
}

// compareValidation compares the recorded accuracy on the held-out images with that of the network.
func (e *Entry) compareValidation(ctx context.Context, run *fashion.Run, training *fashion.Rebuilt, net *fashion.Network) error {
	if training.Training.Validation == nil {
		return nil
	}
	epoch, _ := run.ResultEpoch() // Rebuild has found all epochs
	recorded := epoch.ResultAccuracy()
	plain, err := net.WithViews()
	if err != nil {
		return err
	}
	got, err := plain.EvaluateContext(ctx, training.Training.Validation)
	if err != nil {
		return err
	}
	if !(math.Abs(got.Accuracy-recorded) <= accuracyTolerance) {
		e.problem(run, "it records the accuracy %.4f on the held-out images, and its network has %.4f", recorded, got.Accuracy)
	}
	return nil
}
