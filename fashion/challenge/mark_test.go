package challenge

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/safetensors"
	"fashionlab/fashion/internal/testfiles"
)

const testSecret = "not very secret: 1"

// smallRules are rules for the data of small.
func smallRules() Rules {
	r := DefaultRules()
	r.Secret, r.Images, r.Steps, r.None, r.Full, r.Points = testSecret, 300, 5, 0.2, 0.9, 10
	return r
}

func marked(t *testing.T, data *fashion.Data, run *fashion.Run, rules Rules) *Mark {
	t.Helper()
	mark, err := Grade(context.Background(), run, data, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

func TestMarksFollowTheAccuracyOnSecretImages(t *testing.T) {
	data := small(t)
	run := trained(t, data, 1, settings{})
	mark := marked(t, data, run, smallRules())
	net, err := run.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := SecretTest(data.Test, testSecret, 300)
	if err != nil {
		t.Fatal(err)
	}
	result, err := evaluate(context.Background(), net, secret.All())
	if err != nil {
		t.Fatal(err)
	}
	if len(mark.Problems) > 0 || mark.Accuracy != result.Accuracy || mark.Points != smallRules().PointsFor(result.Accuracy) || mark.Points <= 0 || mark.Of != 10 || mark.Parameters != 7850 {
		t.Errorf("the mark is %+v, want one for the accuracy %v", mark, result.Accuracy)
	}
}

func TestRunsThatDoNotHoldEarnNothing(t *testing.T) {
	data := small(t)
	honest := trained(t, data, 1, settings{})
	nothing := func(run *fashion.Run, rules Rules, why string) {
		t.Helper()
		mark := marked(t, data, run, rules)
		if mark.Points != 0 || mark.Accuracy != 0 || !strings.Contains(strings.Join(mark.Problems, "\n"), why) {
			t.Errorf("the mark is %+v, want 0 points, since %q", mark, why)
		}
	}
	rules := smallRules()
	rules.Parameters = 7000
	nothing(honest, rules, "7850 parameters, want at most 7000")
	rules = smallRules()
	rules.Minutes = 1e-9
	nothing(honest, rules, "minutes of training, want at most 1e-09")
	nothing(trained(t, data, 1, settings{images: withTest(data)}), smallRules(), "other images")
	cheat := trained(t, data, 1, settings{images: &fashion.Dataset{Name: "test", Images: data.Test.Images[:300*fashion.ImagePixels], Labels: data.Test.Labels[:300]}})
	cheat = forgeConfig(t, cheat, honest)
	nothing(cheat, smallRules(), "trained in another way")
	cheat = forge(t, cheat, func(tensors map[string]*safetensors.Tensor, _ map[string]any) {
		copy(tensors["history.step_losses"].Data, honest.History.StepLosses)
	})
	nothing(cheat, smallRules(), "looks as if it was trained on test images")
}

func TestALooseFitIsADoubtThatACompleteReplaySettles(t *testing.T) {
	data, err := fashion.Synthetic(3, 4000, 400)
	if err != nil {
		t.Fatal(err)
	}
	run := trained(t, data, 1, settings{epochs: 1})
	if mark := marked(t, data, run, smallRules()); len(mark.Problems) > 0 || len(mark.Doubts) != 1 {
		t.Errorf("the mark is %+v, want one with a doubt", mark)
	}
	rules := smallRules()
	rules.Steps = 0
	if mark := marked(t, data, run, rules); len(mark.Problems)+len(mark.Doubts) > 0 {
		t.Errorf("after a replay of all steps the mark is %+v", mark)
	}
	refused(t, verified(t, data, Options{Steps: 2}, run), "only a replay of all steps decides")
}

func TestSecretImagesAreTestImagesThatWereMoved(t *testing.T) {
	data := small(t)
	a, err := SecretTest(data.Test, testSecret, 100)
	if err != nil {
		t.Fatal(err)
	}
	b, err := SecretTest(data.Test, testSecret, 100)
	if err != nil {
		t.Fatal(err)
	}
	c, err := SecretTest(data.Test, testSecret+"2", 100)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Images, b.Images) || bytes.Equal(a.Images, c.Images) || a.Len() != 100 {
		t.Error("the images are not a function of the secret")
	}
	moves := map[[2]int]int{}
	next := 0
	for i := range a.Len() {
		image := a.Images[i*fashion.ImagePixels : (i+1)*fashion.ImagePixels]
		found := false
		for ; next < data.Test.Len() && !found; next++ {
			original, err := data.Test.Image(next)
			if err != nil {
				t.Fatal(err)
			}
			for right := -1; right <= 1; right++ {
				for down := -1; down <= 1; down++ {
					if !found && original.Label == int(a.Labels[i]) && bytes.Equal(image, moved(original.Pixels, right, down)) {
						found = true
						moves[[2]int{right, down}]++
					}
				}
			}
		}
		if !found {
			t.Fatalf("secret image %d is no later test image that was moved", i)
		}
	}
	if len(moves) != 9 {
		t.Errorf("the moves are %v, want all nine", moves)
	}
	for _, count := range []int{0, 401} {
		if _, err := SecretTest(data.Test, testSecret, count); err == nil {
			t.Errorf("%d secret images were made", count)
		}
	}
	if _, err := SecretTest(data.Test, "short", 10); err == nil {
		t.Error("a short secret was accepted")
	}
}

func TestPointsRiseEvenlyBetweenTwoAccuracies(t *testing.T) {
	r := DefaultRules()
	for accuracy, want := range map[float64]float64{0: 0, 0.88: 0, 0.915: 10, 0.92: 11.4, 0.95: 20, 1: 20} {
		if got := r.PointsFor(accuracy); got != want {
			t.Errorf("an accuracy of %v earns %v points, want %v", accuracy, got, want)
		}
	}
}

func TestRulesAreReadAndChecked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.json")
	testfiles.Write(t, path, `{"secret": "0123456789abcdef", "points": 8}`)
	want := DefaultRules()
	if want.Parameters != DefaultLimit {
		t.Errorf("a course's limit is %d parameters, that of the table %d", want.Parameters, DefaultLimit)
	}
	want.Secret, want.Points = "0123456789abcdef", 8
	if got, err := ReadRules(path); err != nil || got != want {
		t.Errorf("the rules are %+v (%v), want %+v", got, err, want)
	}
	for content, words := range map[string]string{
		`{`:                   "rules.json",
		`{"secret": "short"}`: "secret has 5 bytes",
		`{"secret": "0123456789abcdef", "secrets": 1}`:                   "secrets",
		`{"secret": "0123456789abcdef", "points": 0}`:                    "must be above 0",
		`{"secret": "0123456789abcdef", "accuracy_for_no_points": 0.99}`: "accuracy_for_no_points",
		`{"secret": "0123456789abcdef", "views": "seven"}`:               "views",
	} {
		testfiles.Write(t, path, content)
		if _, err := ReadRules(path); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: error %v, want one with %q", content, err, words)
		}
	}
	if _, err := ReadRules(path + "x"); err == nil {
		t.Error("missing rules were read")
	}
}

func TestARecordedTimeThatIsMuchTooShortIsAProblemForTheTableAndADoubtForACourse(t *testing.T) {
	data := small(t)
	run := trained(t, data, 1, settings{})
	training, err := run.Rebuild(data)
	if err != nil {
		t.Fatal(err)
	}
	replay, err := training.Replay(t.Context(), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	replay.StepSeconds = 60
	for _, course := range []bool{false, true} {
		var e Entry
		e.compareReplay(run, training, replay, Options{AcceptOpen: course}, &RunReport{RecordedMinutes: recordedSeconds(run) / 60})
		noted := e.Problems
		if course {
			noted = e.Doubts
		}
		if len(e.Problems)+len(e.Doubts) != 1 || len(noted) != 1 || !strings.Contains(noted[0], "on the same processor and backend") {
			t.Errorf("for a course %v: problems %q, doubts %q", course, e.Problems, e.Doubts)
		}
	}
}
