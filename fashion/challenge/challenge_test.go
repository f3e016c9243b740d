package challenge

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/safetensors"
	"fashionlab/fashion/internal/testfiles"
)

func TestMain(m *testing.M) {
	os.Unsetenv("FASHION_EPOCHS")
	if err := fashion.UseBackend("go"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// small returns data on which a softmax regression overfits.
func small(t *testing.T) *fashion.Data {
	t.Helper()
	data, err := fashion.Synthetic(3, 300, 400)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// settings are those of a training; the fields that a test does not set are honest.
type settings struct {
	images      *fashion.Dataset // default: the training images
	model       *fashion.Model
	from        *fashion.Network // first weights; default: those of the seed
	validation  *fashion.Dataset
	held        int  // images that are held out, for validation
	unvalidated bool // held-out images are not evaluated
	epochs      int
}

// trained trains a run as "fashion train" does.
func trained(t *testing.T, data *fashion.Data, seed uint64, s settings) *fashion.Run {
	t.Helper()
	if s.images == nil {
		s.images = data.Train
	}
	if s.model == nil {
		s.model = fashion.SoftmaxRegression()
	}
	if s.epochs == 0 {
		s.epochs = 12
	}
	training := fashion.Training{
		Epochs: s.epochs, Optimizer: fashion.Adam(0.01), Seed: seed, Run: filepath.Join(t.TempDir(), "run"),
		Notes: map[string]string{"split-size": "200"},
	}
	train := s.images.All()
	var held fashion.Subset
	var err error
	if s.held > 0 {
		if train, held, err = fashion.RandomSplit(s.images, seed, s.images.Len()-s.held, s.held); err != nil {
			t.Fatal(err)
		}
	}
	if s.validation != nil {
		held = s.validation.All()
	}
	loader, err := fashion.NewLoader(train, 50, fashion.Shuffle(seed))
	if err != nil {
		t.Fatal(err)
	}
	if held.Len() > 0 && !s.unvalidated {
		if training.Validation, err = fashion.NewLoader(held, 50); err != nil {
			t.Fatal(err)
		}
	}
	net := s.from
	if net == nil {
		if net, err = s.model.Init(seed); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := net.Fit(loader, training); err != nil {
		t.Fatal(err)
	}
	return opened(t, training.Run)
}

func opened(t *testing.T, dir string) *fashion.Run {
	t.Helper()
	run, err := fashion.OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func verified(t *testing.T, data *fashion.Data, o Options, runs ...*fashion.Run) *Entry {
	t.Helper()
	entry, err := Verify(context.Background(), runs, data, o)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

// refused checks that an entry has a problem with the given words.
func refused(t *testing.T, e *Entry, words string) {
	t.Helper()
	if !strings.Contains(strings.Join(e.Problems, "\n"), words) {
		t.Errorf("the problems are %q, want one with %q", e.Problems, words)
	}
	if _, err := Insert(Header, e); err == nil {
		t.Error("an entry with problems went into the table")
	}
}

// forge changes a run's checkpoint, and opens the run again.
func forge(t *testing.T, run *fashion.Run, change func(tensors map[string]*safetensors.Tensor, info map[string]any)) *fashion.Run {
	t.Helper()
	path := filepath.Join(run.Dir, "checkpoint.safetensors")
	tensors, metadata, err := safetensors.Decode(path, testfiles.Read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	var info map[string]any
	if err := json.Unmarshal([]byte(metadata["run"]), &info); err != nil {
		t.Fatal(err)
	}
	named := map[string]*safetensors.Tensor{}
	for i := range tensors {
		named[tensors[i].Name] = &tensors[i]
	}
	change(named, info)
	text, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Encode(tensors, map[string]string{"run": string(text)})
	if err != nil {
		t.Fatal(err)
	}
	testfiles.Write(t, path, file)
	return opened(t, run.Dir)
}

// forgeConfig replaces the settings of a run by those of another.
func forgeConfig(t *testing.T, run, like *fashion.Run) *fashion.Run {
	t.Helper()
	testfiles.Write(t, filepath.Join(run.Dir, "config.json"), testfiles.Read(t, filepath.Join(like.Dir, "config.json")))
	return opened(t, run.Dir)
}

func TestHonestRunsHold(t *testing.T) {
	data := small(t)
	runs := []*fashion.Run{trained(t, data, 1, settings{}), trained(t, data, 2, settings{})}
	for _, steps := range []int{7, AllSteps} {
		e := verified(t, data, Options{Steps: steps}, runs...)
		if len(e.Problems) > 0 {
			t.Fatalf("with %d steps the problems are %q", steps, e.Problems)
		}
		if e.Name != "softmax" || e.Parameters != 7850 || e.Epochs != 12 || e.Images != 300 || !slices.Equal(e.Seeds, []uint64{1, 2}) {
			t.Errorf("the entry is %+v", e)
		}
		if e.Complete != (steps == AllSteps) || e.Steps != min(steps, 72) || e.Processor == "" || e.Minutes <= 0 {
			t.Errorf("with %d steps: complete %v, %d steps, processor %q, %v minutes", steps, e.Complete, e.Steps, e.Processor, e.Minutes)
		}
		for i, r := range e.Runs {
			net, err := runs[i].Network(nil)
			if err != nil {
				t.Fatal(err)
			}
			test, err := evaluate(context.Background(), net, data.Test.All())
			if err != nil {
				t.Fatal(err)
			}
			if r.Accuracy != test.Accuracy || r.EqualSteps != e.Steps || r.Difference != 0 || r.SameWeights != e.Complete {
				t.Errorf("the report is %+v, want the accuracy %v", r, test.Accuracy)
			}
		}
		if mean := (e.Accuracies[0] + e.Accuracies[1]) / 2; math.Abs(e.Mean-mean) > 1e-12 || e.Std == nil {
			t.Errorf("mean %v and deviation %v of %v", e.Mean, e.Std, e.Accuracies)
		}
	}
}

func TestARecipeWithAWhiteningHolds(t *testing.T) {
	data := small(t)
	recipe, err := fashion.RecipeByName("fast")
	if err != nil {
		t.Fatal(err)
	}
	recipe.BatchSize = 20
	recipe = recipe.WithEpochs(1)
	recipe.Training.Seed, recipe.Training.Run = 3, filepath.Join(t.TempDir(), "run")
	train := data.Train.All()
	train.Indices = train.Indices[:60]
	few := &fashion.Data{Train: &fashion.Dataset{Images: data.Train.Images[:60*fashion.ImagePixels], Labels: data.Train.Labels[:60], Name: "few"}, Test: data.Test}
	train = few.Train.All()
	net, err := recipe.Init(train, 3)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := recipe.Loader(train, 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.Fit(loader, recipe.Training); err != nil {
		t.Fatal(err)
	}
	e := verified(t, few, Options{Views: "six", Steps: AllSteps}, opened(t, recipe.Training.Run))
	if len(e.Problems) > 0 || !e.Runs[0].SameWeights || e.Parameters > DefaultLimit || e.Parameters <= recipe.Model.NumParameters() {
		t.Errorf("%d parameters, %d of them trained; problems %q, reports %+v", e.Parameters, recipe.Model.NumParameters(), e.Problems, e.Runs)
	}
}

func TestForgedHistoriesDoNotChangeTheFigures(t *testing.T) {
	data := small(t)
	run := trained(t, data, 1, settings{})
	want := verified(t, data, Options{Steps: 3}, run)
	run = forge(t, run, func(_ map[string]*safetensors.Tensor, info map[string]any) {
		for _, e := range info["history"].(map[string]any)["epochs"].([]any) {
			e.(map[string]any)["validated"] = true
			e.(map[string]any)["val_accuracy"] = 0.999
		}
	})
	if got := verified(t, data, Options{Steps: 3}, run); got.Mean != want.Mean || len(got.Problems) > 0 {
		t.Errorf("accuracy %v with problems %q, want %v", got.Mean, got.Problems, want.Mean)
	}
}

func TestAForgedAccuracyOnHeldOutImagesIsFound(t *testing.T) {
	data := small(t)
	run := trained(t, data, 1, settings{held: 100})
	if e := verified(t, data, Options{Steps: 3}, run); len(e.Problems) > 0 {
		t.Fatalf("before: %q", e.Problems)
	}
	run = forge(t, run, func(_ map[string]*safetensors.Tensor, info map[string]any) {
		epochs := info["history"].(map[string]any)["epochs"].([]any)
		epochs[len(epochs)-1].(map[string]any)["val_accuracy"] = 0.999
	})
	refused(t, verified(t, data, Options{Steps: 3}, run), "on the held-out images")
}

func TestForgedLossesAreFound(t *testing.T) {
	data := small(t)
	run := forge(t, trained(t, data, 1, settings{}), func(tensors map[string]*safetensors.Tensor, _ map[string]any) {
		tensors["history.step_losses"].Data[4] *= 0.9
	})
	refused(t, verified(t, data, Options{Steps: 5}, run), "the loss of step 5 is recorded")
	if e := verified(t, data, Options{Steps: 4}, run); len(e.Problems) > 0 {
		t.Errorf("step 5 was not made again, and the problems are %q", e.Problems)
	}
	refused(t, verified(t, data, Options{Steps: AllSteps}, run), "the loss of step 5 is recorded")
}

// withTest returns training images of which the last half are test images.
func withTest(data *fashion.Data) *fashion.Dataset {
	half := data.Train.Len() / 2
	return &fashion.Dataset{
		Name:   "mixed",
		Images: slices.Concat(data.Train.Images[:half*fashion.ImagePixels], data.Test.Images[:half*fashion.ImagePixels]),
		Labels: slices.Concat(data.Train.Labels[:half], data.Test.Labels[:half]),
	}
}

func TestATrainingOnTestImagesIsFound(t *testing.T) {
	data := small(t)
	honest := trained(t, data, 1, settings{})
	forged := trained(t, data, 1, settings{images: withTest(data)})
	refused(t, verified(t, data, Options{Steps: 3}, forged), "other images")
	forged = forgeConfig(t, forged, honest)
	refused(t, verified(t, data, Options{Steps: 3}, forged), "trained in another way")
	// With the losses of the honest training, the first steps are right.
	forged = forge(t, forged, func(tensors map[string]*safetensors.Tensor, _ map[string]any) {
		copy(tensors["history.step_losses"].Data, honest.History.StepLosses)
	})
	refused(t, verified(t, data, Options{Steps: AllSteps}, forged), "its weights are not those of its training")
	// Only the comparison of losses sees it without the whole training.
	only := trained(t, data, 1, settings{images: &fashion.Dataset{Name: "test", Images: data.Test.Images[:300*fashion.ImagePixels], Labels: data.Test.Labels[:300]}})
	only = forge(t, forgeConfig(t, only, honest), func(tensors map[string]*safetensors.Tensor, _ map[string]any) {
		copy(tensors["history.step_losses"].Data, honest.History.StepLosses)
	})
	refused(t, verified(t, data, Options{Steps: 3}, only), "looks as if it was trained on test images")
}

func TestWeightsFromElsewhereAreFoundByACompleteReplay(t *testing.T) {
	data := small(t)
	honest, longer := trained(t, data, 1, settings{}), trained(t, data, 1, settings{epochs: 40})
	net, err := longer.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(tensors map[string]*safetensors.Tensor, _ map[string]any) {
		for _, name := range net.Weights.Names() {
			weight, _ := net.Weights.Get(name)
			tensors[name].Data = weight.Data
		}
	}
	forged := forge(t, honest, replaced)
	if e := verified(t, data, Options{Steps: 10}, forged); len(e.Problems) > 0 {
		t.Errorf("the first steps are right, and the problems are %q", e.Problems)
	}
	e := verified(t, data, Options{Steps: AllSteps}, forged)
	refused(t, e, "its weights are not those of its training")
	if want := verified(t, data, Options{Steps: AllSteps}, trained(t, data, 1, settings{})); e.Mean != want.Mean {
		t.Errorf("the accuracy is %v, want that of the training, %v", e.Mean, want.Mean)
	}
}

func TestStartsThatTheSeedDoesNotGiveAreRefused(t *testing.T) {
	data := small(t)
	other, err := trained(t, data, 9, settings{}).Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, verified(t, data, Options{}, trained(t, data, 1, settings{from: other})), "first weights are not those of seed 1")

	dir := filepath.Join(t.TempDir(), "imported")
	if _, err := other.SaveRun(dir, nil); err != nil {
		t.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 50, fashion.Shuffle(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Fit(loader, fashion.Training{Epochs: 1, Optimizer: fashion.Adam(0.01), Seed: 1, Run: dir}); err != nil {
		t.Fatal(err)
	}
	refused(t, verified(t, data, Options{}, opened(t, dir)), "imported weights")

	refused(t, verified(t, data, Options{}, trained(t, data, 1, settings{validation: data.Test})), "validation images")
}

func TestRunsOfAnEntryDifferInTheirSeedsOnly(t *testing.T) {
	data := small(t)
	first := trained(t, data, 1, settings{})
	refused(t, verified(t, data, Options{Steps: 1}, first, first), "seed 1 is that of run run, too")
	refused(t, verified(t, data, Options{Steps: 1}, first, trained(t, data, 2, settings{epochs: 13})), "its settings are not those of run run")
	validated, not := trained(t, data, 1, settings{held: 100}), trained(t, data, 2, settings{held: 100, unvalidated: true})
	refused(t, verified(t, data, Options{Steps: 1}, validated, not), "its settings are not those of run run")

	second := trained(t, data, 2, settings{})
	net, err := first.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	second = forge(t, second, func(tensors map[string]*safetensors.Tensor, _ map[string]any) {
		for _, name := range net.Weights.Names() {
			weight, _ := net.Weights.Get(name)
			tensors[name].Data = weight.Data
		}
	})
	refused(t, verified(t, data, Options{Steps: 1}, first, second), "so it is a copy")
}

func TestLimitsAndUnfinishedRunsAreRefused(t *testing.T) {
	data := small(t)
	run := trained(t, data, 1, settings{})
	refused(t, verified(t, data, Options{Limit: 7849}, run), "7850 parameters, want at most 7849")
	if e := verified(t, data, Options{Limit: 7850, Steps: 1}, run); len(e.Problems) > 0 {
		t.Errorf("at the limit the problems are %q", e.Problems)
	}
	config := filepath.Join(run.Dir, "config.json")
	testfiles.Write(t, config, strings.Replace(string(testfiles.Read(t, config)), `"order"`, `"total_steps": 500, "order"`, 1))
	refused(t, verified(t, data, Options{}, opened(t, run.Dir)), "want whole epochs")
	if _, err := Verify(context.Background(), nil, data, Options{}); err == nil {
		t.Error("no runs were verified")
	}
	if _, err := Verify(context.Background(), []*fashion.Run{run}, data, Options{Views: "seven"}); err == nil {
		t.Error("unknown views were accepted")
	}
}

func TestForgedDurationsAreReplacedByACompleteReplay(t *testing.T) {
	data := small(t)
	run := forge(t, trained(t, data, 1, settings{}), func(_ map[string]*safetensors.Tensor, info map[string]any) {
		history := info["history"].(map[string]any)
		history["wall_seconds"], history["processor"] = 36000.0, "abacus"
	})
	if e := verified(t, data, Options{Steps: 1}, run); e.Minutes != 600 || e.Processor != "abacus" {
		t.Errorf("%v minutes on %q, want what the run records", e.Minutes, e.Processor)
	}
	if e := verified(t, data, Options{Steps: AllSteps}, run); e.Minutes > 10 || e.Processor == "abacus" {
		t.Errorf("%v minutes on %q, want what was measured", e.Minutes, e.Processor)
	}
}
