package fashion

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestATrainingWithAllSettingsIsMadeAgain(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		data, err := Synthetic(7, 300, 50)
		if err != nil {
			t.Fatal(err)
		}
		const seed = 4
		train, held, err := RandomSplit(data.Train, seed, 200, 100)
		if err != nil {
			t.Fatal(err)
		}
		validation := newLoader(t, held, 40)
		training := everySetting(validation)
		training.Augment = []Augmentation{RandomHorizontalFlip(0.5), RandomShift(1, "reflect")}
		training.Notes = map[string]string{"split-size": "200"}
		training.Run = filepath.Join(t.TempDir(), "run")
		net, err := SoftmaxRegression().Init(seed)
		if err != nil {
			t.Fatal(err)
		}
		// Interrupted and resumed, as a run may be.
		ctx, cancel := context.WithCancel(t.Context())
		training.Output = &stopAfter{lines: 4, stop: cancel} // the backend, the settings, the augmentation and an epoch
		loader := newLoader(t, train, 40, Shuffle(seed), DropLast())
		if _, err := net.FitContext(ctx, loader, training); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("error %v, want an interruption", err)
		}
		run, err := OpenRun(training.Run)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Rebuild(data); err == nil || !strings.Contains(err.Error(), "not finished") {
			t.Errorf("an interrupted training: error %v", err)
		}
		first := run.History.WallSeconds
		training.Output = nil
		if net, err = SoftmaxRegression().Init(seed); err != nil {
			t.Fatal(err)
		}
		if _, err := net.Fit(loader, training); err != nil {
			t.Fatal(err)
		}
		if run, err = OpenRun(training.Run); err != nil {
			t.Fatal(err)
		}
		if run.History.WallSeconds <= first || first <= 0 || run.History.Processor == "" {
			t.Errorf("%v seconds after the first part, %v in all, on %q", first, run.History.WallSeconds, run.History.Processor)
		}
		rebuilt, err := run.Rebuild(data)
		if err != nil {
			t.Fatal(err)
		}
		if !rebuilt.SameStart || !slices.Equal(rebuilt.Held.Indices, held.Indices) || rebuilt.Training.Validation.Len() != validation.Len() {
			t.Errorf("the training is not that of the run: %+v", rebuilt)
		}
		for _, steps := range []int{1, 7, 1000} {
			replay, err := rebuilt.Replay(t.Context(), steps, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := min(steps, run.Steps())
			if len(replay.Losses) != want || replay.Equal != want || (replay.Network != nil) != (steps == 1000) || replay.SameWeights != (steps == 1000) {
				t.Errorf("%d steps: %d losses, %d equal, the same weights: %v", steps, len(replay.Losses), replay.Equal, replay.SameWeights)
			}
		}
		if _, err := rebuilt.Replay(t.Context(), 0, nil); err == nil {
			t.Error("0 steps were made again")
		}
		t.Setenv("FASHION_EPOCHS", "1")
		if _, err := rebuilt.Replay(t.Context(), 5, nil); err == nil || !strings.Contains(err.Error(), "FASHION_EPOCHS") {
			t.Errorf("a shortened replay: error %v", err)
		}
	})
}
