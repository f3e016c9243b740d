package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/testfiles"
)

// TestMain selects the Go backend, which compiles quickly.
func TestMain(m *testing.M) {
	if os.Getenv("GOMLX_BACKEND") == "" {
		os.Setenv("GOMLX_BACKEND", "go")
	}
	os.Unsetenv("FASHION_EPOCHS")
	os.Exit(m.Run())
}

// invoke runs a command line and returns its exit status and outputs.
func invoke(args ...string) (status int, stdout, stderr string) {
	var out, log bytes.Buffer
	status = run(context.Background(), args, &out, &log)
	return status, out.String(), log.String()
}

// succeed runs a command line with -json and decodes the one object that it
// must print.
func succeed(t *testing.T, args ...string) map[string]any {
	t.Helper()
	status, stdout, stderr := invoke(append(args, "-json")...)
	if status != exitDone {
		t.Fatalf("fashion %v: status %d: %s", args, status, stderr)
	}
	decoder := json.NewDecoder(strings.NewReader(stdout))
	var result map[string]any
	if err := decoder.Decode(&result); err != nil {
		t.Fatalf("fashion %v: standard output is not JSON: %v\n%s", args, err, stdout)
	}
	if decoder.More() {
		t.Fatalf("fashion %v: more than one object on standard output:\n%s", args, stdout)
	}
	return result
}

// wantFields checks that an object has the fields that scripts rely on.
func wantFields(t *testing.T, verb string, result map[string]any, fields ...string) {
	t.Helper()
	for _, field := range fields {
		if result[field] == nil {
			t.Errorf("%s: the JSON object lacks %q; it has %v", verb, field, result)
		}
	}
}

// skipLongInShort leaves out what trains on all images where tests should be short.
func skipLongInShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("trains on all images")
	}
}

func TestVerbsWorkTogetherAndPrintTheFieldsThatScriptsRelyOn(t *testing.T) {
	skipLongInShort(t)
	dir := t.TempDir()
	trained, imported := filepath.Join(dir, "trained"), filepath.Join(dir, "imported")
	weights, onnx, html := filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "m.onnx"), filepath.Join(dir, "page.html")

	data := succeed(t, "data")
	wantFields(t, "data", data, "dir", "train", "test", "sha256", "verified")
	if data["train"] != 60000.0 || data["test"] != 10000.0 || data["verified"] != true {
		t.Errorf("data: %v", data)
	}
	if sums := data["sha256"].(map[string]any); len(sums) != 4 {
		t.Errorf("data: %d checksums, want 4", len(sums))
	}

	train := succeed(t, "train", "-model", "softmax", "-run", trained, "-epochs", "1", "-seed", "3")
	wantFields(t, "train", train, "model", "epochs", "losses", "val_loss", "val_accuracy", "seconds", "backend")
	if losses := train["losses"].([]any); len(losses) != 1 || losses[0].(float64) < 1.5 || losses[0].(float64) > 2.3 {
		t.Errorf("train: losses %v after one epoch", losses)
	}
	resumed := succeed(t, "train", "-run", trained, "-epochs", "2", "-resume")
	if resumed["epochs"] != 2.0 || resumed["losses"].([]any)[0] != train["losses"].([]any)[0] {
		t.Errorf("train -resume: %v, want the first epoch of %v and one more", resumed, train)
	}

	for _, part := range []string{"train", "validation", "test"} {
		wantFields(t, "eval", succeed(t, "eval", "-run", trained, "-split", part), "loss", "accuracy", "confusion", "seconds")
	}
	test := succeed(t, "eval", "-run", trained, "-split", "test")
	total := 0.0
	for _, row := range test["confusion"].([]any) {
		for _, count := range row.([]any) {
			total += count.(float64)
		}
	}
	if total != 10000 {
		t.Errorf("eval: the confusion matrix counts %v images, want 10000", total)
	}
	validation := succeed(t, "eval", "-run", trained, "-split", "validation")
	if want := resumed["val_loss"].([]any)[1].(float64); math.Abs(validation["loss"].(float64)-want) > 1e-9 {
		t.Errorf("eval: validation loss %v, training reported %v: not the same images", validation["loss"], want)
	}

	predictions := succeed(t, "predict", "-run", trained, "-index", "0,5", "-split", "test")["predictions"].([]any)
	if len(predictions) != 2 {
		t.Fatalf("predict: %v", predictions)
	}
	second := predictions[1].(map[string]any)
	wantFields(t, "predict", second, "index", "label", "predicted", "logits", "probabilities")
	if second["index"] != 5.0 || second["label"] != 1.0 {
		t.Errorf("predict: image 5 of the test images is a trouser (1), got %v", second)
	}
	sum := 0.0
	for _, p := range second["probabilities"].([]any) {
		sum += p.(float64)
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("predict: probabilities sum to %v", sum)
	}

	for _, tta := range []string{"flip", "six"} {
		viewed := succeed(t, "eval", "-run", trained, "-split", "test", "-tta", tta)
		if viewed["loss"] == test["loss"] || viewed["accuracy"].(float64) < 0.5 {
			t.Errorf("eval -tta %s: loss %v and accuracy %v, without it %v and %v", tta, viewed["loss"], viewed["accuracy"], test["loss"], test["accuracy"])
		}
	}
	views := succeed(t, "predict", "-run", trained, "-index", "5", "-tta", "flip")["predictions"].([]any)
	if got := views[0].(map[string]any)["probabilities"]; fmt.Sprint(got) == fmt.Sprint(second["probabilities"]) {
		t.Error("predict -tta flip: the probabilities are those without it")
	}

	wantFields(t, "export", succeed(t, "export", "-run", trained, "-format", "safetensors", "-out", weights), "file", "format")
	succeed(t, "export", "-run", trained, "-format", "onnx", "-out", onnx)
	page := succeed(t, "export", "-run", trained, "-format", "html", "-out", html)
	wantFields(t, "export", page, "file", "format")
	text := string(testfiles.Read(t, html))
	if page["images"] != 200.0 || page["bytes"] != float64(len(text)) {
		t.Errorf("export: %v for a page of %d bytes, want 20 images of each class", page, len(text))
	}
	if note := fmt.Sprintf("accuracy on the validation images %.4f, after epoch 2", validation["accuracy"]); !strings.Contains(text, note) {
		t.Errorf("export: the page does not say %q", note)
	}
	wantFields(t, "import", succeed(t, "import", "-model", "softmax", "-weights", weights, "-run", imported), "model", "tensors")
	if again := succeed(t, "eval", "-run", imported, "-split", "test"); again["loss"] != test["loss"] {
		t.Errorf("exported and imported again, the test loss is %v, was %v", again["loss"], test["loss"])
	}
}

func TestTrainInFileOrderReportsEveryStep(t *testing.T) {
	skipLongInShort(t)
	result := succeed(t, "train", "-model", "softmax", "-run", filepath.Join(t.TempDir(), "r"),
		"-shuffle=false", "-split-size", "60000", "-steps", "5", "-lr", "0.01", "-optimizer", "adam", "-dropout", "0", "-batch", "64")
	if losses := result["step_losses"].([]any); len(losses) != 5 {
		t.Errorf("%d step losses, want 5", len(losses))
	}
}

func TestSummaryAndBench(t *testing.T) {
	for model, parameters := range map[string]float64{"softmax": 7850, "cnn": 28938, "cnn_v1": 83658, "cnn_v2": 113610, "cnn_v3": 620746} {
		summary := succeed(t, "summary", "-model", model)
		wantFields(t, "summary", summary, "model", "parameters", "layers")
		if summary["parameters"] != parameters {
			t.Errorf("summary of %s: %v parameters, want %v", model, summary["parameters"], parameters)
		}
		wantFields(t, "summary", summary["layers"].([]any)[0].(map[string]any), "name", "kind", "output")
	}
	bench := succeed(t, "bench", "-model", "softmax", "-steps", "5", "-batch", "16")
	wantFields(t, "bench", bench, "train_ms_per_step", "eval_ms_per_batch", "compile_seconds", "backend")
	wantFields(t, "bench", bench["train_ms_per_step"].(map[string]any), "median", "min", "max")
	training := succeed(t, "bench", "-model", "softmax", "-steps", "5", "-batch", "16", "-forward=false")
	wantFields(t, "bench", training, "train_ms_per_step", "compile_seconds")
	if _, there := training["forward_10000_seconds"]; there {
		t.Errorf("bench -forward=false measured the forward pass: %v", training)
	}
}

func TestAnAugmentedRunContinuesWithItsAugmentation(t *testing.T) {
	skipLongInShort(t)
	run := filepath.Join(t.TempDir(), "run")
	succeed(t, "train", "-run", run, "-split-size", "1000", "-epochs", "1", "-augment", "flip=0.3,alternating,shift=2,crop,erase")
	succeed(t, "train", "-run", run, "-epochs", "2", "-resume")
	r, err := fashion.OpenRun(run)
	if err != nil {
		t.Fatal(err)
	}
	want := []fashion.Augmentation{
		fashion.RandomHorizontalFlip(0.3), fashion.AlternatingFlip(), fashion.RandomShift(2, "reflect"), fashion.RandomCrop(1), fashion.RandomErasing(0.5),
	}
	if !slices.Equal(r.Config.Augment, want) || len(r.History.Epochs) != 2 {
		t.Errorf("after %d epochs the augmentation is %v, want %v", len(r.History.Epochs), r.Config.Augment, want)
	}
}

func TestARecipeIsTrainedWithItsSettingsUnlessFlagsChangeThem(t *testing.T) {
	skipLongInShort(t)
	t.Setenv("GOMLX_BACKEND", "go")
	run := filepath.Join(t.TempDir(), "run")
	succeed(t, "train", "-model", "fast", "-run", run, "-split-size", "600", "-batch", "200", "-epochs", "2", "-lr", "0.004", "-steps", "2")
	succeed(t, "train", "-run", run, "-resume", "-steps", "2")
	r, err := fashion.OpenRun(run)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fashion.RecipeByName("fast")
	if err != nil {
		t.Fatal(err)
	}
	want = want.WithEpochs(2)
	want.Training.Optimizer.LearningRate = 0.004
	c := r.Config
	if c.BatchSize != 200 || c.Optimizer != want.Training.Optimizer || c.Schedule != want.Training.Schedule || c.EMA != want.Training.EMA ||
		c.LabelSmoothing != want.Training.LabelSmoothing || !slices.Equal(c.Augment, want.Training.Augment) || r.Steps() != 2 {
		t.Errorf("after %d steps the settings are %+v, want those of %+v", r.Steps(), c, want)
	}
}

func TestWrongCommandLinesEndWithStatus2(t *testing.T) {
	for _, args := range [][]string{
		{}, {"dance"}, {"train", "-epocs", "3"}, {"train", "extra"}, {"summary", "-model", "resnet"},
		{"train", "-model", "cnn"}, {"eval", "-run", "x", "-split", "tset"}, {"predict", "-run", "x"},
		{"predict", "-run", "x", "-index", "1", "-image", "y.png"}, {"predict", "-run", "x", "-index", "1", "-seen", "y.png"}, {"export", "-run", "x"},
		{"export", "-run", "x", "-out", "y", "-format", "pickle"}, {"export", "-run", "x", "-out", "y", "-format", "onnx", "-dir", "z"}, {"import", "-model", "cnn", "-run", "x"}, {"help", "dance"},
		{"bench", "-steps", "1"}, {"bench", "-batch", "0"},
	} {
		status, stdout, stderr := invoke(args...)
		if status != exitUsage {
			t.Errorf("fashion %v: status %d, want %d: %s", args, status, exitUsage, stderr)
		}
		if stdout != "" || stderr == "" {
			t.Errorf("fashion %v: standard output %q, standard error %q: want the reason on the latter only", args, stdout, stderr)
		}
	}
}

// An explicit zero or empty value must not select the default of a flag.
func TestZeroAndEmptyValuesAreNotTheDefaults(t *testing.T) {
	run := filepath.Join(t.TempDir(), "r")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"learning rate", []string{"train", "-lr", "0"}},
		{"learning rate", []string{"train", "-lr", "-1"}},
		{"learning rate", []string{"train", "-lr", "NaN"}},
		{"learning rate", []string{"train", "-lr", "Inf"}},
		{"-epochs 0", []string{"train", "-epochs", "0"}},
		{"-batch 0", []string{"train", "-batch", "0"}},
		{"-steps 0", []string{"train", "-steps", "0"}},
		{"-steps -1", []string{"train", "-steps", "-1"}},
		{"dropout rate -1", []string{"train", "-dropout", "-1"}},
		{"dropout rate 1", []string{"train", "-dropout", "1"}},
		{"dropout rate NaN", []string{"train", "-dropout", "NaN"}},
		{"-split-size 0", []string{"train", "-split-size", "0"}},
		{"-split-size 60001", []string{"train", "-split-size", "60001"}},
		{"-split-size 0", []string{"train", "-shuffle=false", "-split-size", "0"}},
		{"-seed", []string{"train", "-seed", "-1"}},
		{"-seed", []string{"train", "-seed", ""}},
		{"-optimizer", []string{"train", "-optimizer", ""}},
		{"-augment", []string{"train", "-augment", ""}},
		{"p is 2", []string{"train", "-augment", "flip=2"}},
		{"whole pixels", []string{"train", "-augment", "shift=0.5"}},
		{"alternating takes no number", []string{"train", "-augment", "alternating=1"}},
		{"-tta", []string{"eval", "-tta", ""}},
		{"-model", []string{"train", "-model", ""}},
		{"-dir", []string{"train", "-dir", ""}},
		{"-split", []string{"eval", "-split", ""}},
		{"-batch", []string{"eval", "-batch", ""}},
		{"-index", []string{"predict", "-index", ""}},
		{"-image", []string{"predict", "-index", "0", "-image", ""}},
	} {
		status, stdout, stderr := invoke(append(c.args, "-run", run)...)
		if status != exitUsage || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("fashion %q: status %d, %q; want %d and %q", c.args, status, stderr, exitUsage, c.says)
		}
	}
	if _, err := os.Stat(run); err == nil {
		t.Error("a wrong command line made a run")
	}
}

// decode reads the one object that must be on standard output, also after a failure.
func decode(t *testing.T, stdout string) map[string]any {
	t.Helper()
	var result map[string]any
	if err := json.Unmarshal([]byte(stdout), &result); err != nil {
		t.Fatalf("standard output is not JSON: %v\n%s", err, stdout)
	}
	return result
}

func TestATrainingThatDivergesIsReportedInJSON(t *testing.T) {
	run := filepath.Join(t.TempDir(), "r")
	status, stdout, stderr := invoke("train", "-run", run, "-lr", "3e38", "-steps", "5", "-split-size", "1000", "-json")
	result := decode(t, stdout)
	if status != exitFailed || result["diverged"] != true || !strings.Contains(fmt.Sprint(result["error"]), "smaller learning rate") {
		t.Errorf("status %d, %v, want %d, diverged and why", status, result, exitFailed)
	}
	if losses := result["step_losses"].([]any); losses[0] == nil || losses[len(losses)-1] != nil {
		t.Errorf("step losses %v, want a number first and null at the end", losses)
	}
	if where := fmt.Sprint(result["not_finite"]); !strings.Contains(where, "step_losses[1]") {
		t.Errorf("not_finite is %v", where)
	}
	if lines := strings.Split(strings.TrimSpace(stderr), "\n"); !strings.Contains(lines[len(lines)-1], "smaller learning rate") {
		t.Errorf("the last line is %q", lines[len(lines)-1])
	}
}

func TestWeightsThatAreNotFiniteAreReportedByEvalAndPredict(t *testing.T) {
	for name, value := range map[string]float64{"infinity": math.Inf(1), "minus infinity": math.Inf(-1), "NaN": math.NaN(), "too large": 3e38} {
		run := filepath.Join(t.TempDir(), "r")
		net, err := fashion.SoftmaxRegression().Init(1)
		if err != nil {
			t.Fatal(err)
		}
		weights, _ := net.Weights.Get("linear.weight")
		for i := range weights.Data {
			weights.Data[i] = float32(value)
		}
		if _, err := net.SaveRun(run, nil); err != nil {
			t.Skipf("such weights are not saved: %v", err)
		}
		for verb, field := range map[string]string{"eval": "loss", "predict": "predictions"} {
			args := []string{verb, "-run", run}
			if verb == "predict" {
				args = append(args, "-index", "0,1")
			}
			status, stdout, stderr := invoke(args...)
			if status != exitFailed || stdout == "" || !strings.Contains(stderr, "smaller -lr") || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%s, %s: status %d, %q: want the result and one line of what to do", name, verb, status, stderr)
			}
			status, stdout, _ = invoke(append(args, "-json")...)
			result := decode(t, stdout)
			if status != exitFailed || len(result["not_finite"].([]any)) == 0 || !strings.Contains(stdout, field) {
				t.Errorf("%s, %s -json: status %d, %s", name, verb, status, stdout)
			}
		}
	}
}

func TestARunOfAModelOfOnesOwnIsEvaluatedPredictedAndExported(t *testing.T) {
	dir := t.TempDir()
	run, out := filepath.Join(dir, "r"), filepath.Join(dir, "m.onnx")
	model := fashion.NewModel("mine", fashion.MaxPool2D(4), fashion.Flatten(), fashion.Linear(49, 20), fashion.ReLU(), fashion.Linear(20, 10))
	net, err := model.Init(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.SaveRun(run, nil); err != nil {
		t.Fatal(err)
	}
	wantFields(t, "eval", succeed(t, "eval", "-run", run), "loss", "confusion")
	wantFields(t, "predict", succeed(t, "predict", "-run", run, "-index", "0"), "predictions")
	for _, format := range []string{"safetensors", "onnx"} {
		succeed(t, "export", "-run", run, "-format", format, "-out", out)
	}
	status, _, stderr := invoke("train", "-run", run, "-resume")
	if status != exitFailed || !strings.Contains(stderr, "the program that made it") {
		t.Errorf("train -resume: status %d, %s", status, stderr)
	}
}

func TestVersionNamesWhatComputes(t *testing.T) {
	result := succeed(t, "version")
	wantFields(t, "version", result, "go", "platform", "modules", "backend")
	if result["go"] != runtime.Version() {
		t.Errorf("version: Go is %v, want %s", result["go"], runtime.Version())
	}
	_, text, _ := invoke("version")
	if !strings.Contains(text, runtime.Version()) || !strings.Contains(text, "backend ") {
		t.Errorf("version prints %q", text)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAResultThatCannotBeWrittenIsAFailure(t *testing.T) {
	for _, args := range [][]string{{"summary", "-model", "cnn"}, {"summary", "-json"}, {"version"}, {"help"}, {"help", "train"}} {
		var log bytes.Buffer
		if status := run(context.Background(), args, full{}, &log); status != exitFailed || !strings.Contains(log.String(), "no space left") {
			t.Errorf("fashion %v: status %d, %q; want %d and the reason", args, status, log.String(), exitFailed)
		}
	}
}

func TestFailuresAreExplainedInOneLine(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "good.safetensors")
	if err := net.SaveSafetensors(good); err != nil {
		t.Fatal(err)
	}
	sound := filepath.Join(dir, "sound")
	if _, err := net.SaveRun(sound, nil); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "damaged")
	if _, err := net.SaveRun(damaged, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(damaged, "checkpoint.safetensors"), 200); err != nil {
		t.Fatal(err)
	}
	bytesOf, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	cut := write("cut.safetensors", string(bytesOf[:len(bytesOf)-4]))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"data", "-offline", "-dir", filepath.Join(dir, "nowhere")}, "nowhere"},
		{[]string{"eval", "-run", filepath.Join(dir, "none"), "-split", "test"}, "no run in"},
		{[]string{"eval", "-run", damaged, "-split", "test"}, "checkpoint.safetensors"},
		{[]string{"predict", "-run", sound, "-image", write("note.png", "not a picture")}, "note.png"},
		{[]string{"predict", "-run", sound, "-image", filepath.Join(dir, "absent.png")}, "absent.png"},
		{[]string{"import", "-model", "softmax", "-weights", cut, "-run", filepath.Join(dir, "i1")}, "cut.safetensors"},
		{[]string{"import", "-model", "cnn", "-weights", good, "-run", filepath.Join(dir, "i2")}, "conv1.0.weight"},
		{[]string{"import", "-model", "softmax", "-weights", good, "-run", sound}, "sound"},
		{[]string{"export", "-run", sound, "-out", filepath.Join(dir, "no", "folder", "w.safetensors")}, "folder"},
		{[]string{"train", "-run", filepath.Join(dir, "none"), "-resume"}, "to resume"},
	} {
		status, stdout, stderr := invoke(c.args...)
		if status != exitFailed {
			t.Errorf("fashion %v: status %d, want %d: %s", c.args, status, exitFailed, stderr)
		}
		if stdout != "" {
			t.Errorf("fashion %v: %q on standard output", c.args, stdout)
		}
		if lines := strings.Split(strings.TrimSpace(stderr), "\n"); len(lines) != 1 || !strings.Contains(stderr, c.says) {
			t.Errorf("fashion %v: want one line with %q, got:\n%s", c.args, c.says, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "i1")); err == nil {
		t.Error("a failed import left a run behind")
	}
}

func TestPredictStatesHowAPictureWasPreparedAndWritesWhatTheNetworkSees(t *testing.T) {
	dir := t.TempDir()
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "r")
	if _, err := net.SaveRun(run, nil); err != nil {
		t.Fatal(err)
	}
	page := image.NewGray(image.Rect(0, 0, 100, 60))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(page, image.Rect(20, 10, 40, 50), image.Black, image.Point{}, draw.Src)
	write := func(name string, encode func(io.Writer) error) string {
		var content bytes.Buffer
		if err := encode(&content); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	picture := write("p.jpg", func(w io.Writer) error { return jpeg.Encode(w, page, &jpeg.Options{Quality: 100}) })
	seen := filepath.Join(dir, "seen.png")
	result := succeed(t, "predict", "-run", run, "-image", picture, "-seen", seen)
	if p := result["predictions"].([]any)[0].(map[string]any); p["label"] != -1.0 {
		t.Errorf("a picture's label is %v, want -1: it is not known", p["label"])
	}
	if done := fmt.Sprint(result["preparation"]); done != "[trimmed to 20×40 scaled to 14×28 inverted]" {
		t.Errorf("preparation %s", done)
	}
	again := succeed(t, "predict", "-run", run, "-image", seen)
	if fmt.Sprint(again["predictions"]) != fmt.Sprint(result["predictions"]) {
		t.Error("what the network sees, read again, is predicted differently")
	}
	_, stdout, _ := invoke("predict", "-run", run, "-image", picture)
	if !strings.HasPrefix(stdout, "picture: trimmed to 20×40, scaled to 14×28, inverted\n") {
		t.Errorf("standard output:\n%s", stdout)
	}
	blank := write("blank.png", func(w io.Writer) error { return png.Encode(w, image.NewGray(page.Rect)) })
	if status, _, stderr := invoke("predict", "-run", run, "-image", blank, "-seen", filepath.Join(dir, "none.png")); status != exitFailed || !strings.Contains(stderr, "blank.png: the picture is blank") {
		t.Errorf("a blank picture: status %d, %s", status, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.png")); err == nil {
		t.Error("a blank picture was written as what the network sees")
	}
}

func TestHelpExplainsEveryVerbAndFlag(t *testing.T) {
	_, all, _ := invoke("help")
	for _, c := range commands() {
		if !strings.Contains(all, c.name) || !strings.Contains(all, c.short) {
			t.Errorf("help does not list %s", c.name)
		}
		status, text, _ := invoke("help", c.name)
		if status != exitDone || !strings.Contains(text, "-json") || !strings.Contains(text, c.usage) {
			t.Errorf("help %s: status %d:\n%s", c.name, status, text)
		}
	}
}

func TestThePageOnTheCommandLineListsTheCommandsAsTheyAre(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "command-line.md"))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&table, "    %s\n        %s\n", strings.TrimSpace(c.name+" "+c.usage), c.short)
	}
	if !strings.Contains(string(page), table.String()) {
		t.Errorf("docs/command-line.md does not hold this list of commands:\n%s", table.String())
	}
}

func TestTildeInEveryPathIsTheHomeFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(t.TempDir())
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := net.SaveSafetensors(filepath.Join(home, "a b.safetensors")); err != nil {
		t.Fatal(err)
	}
	succeed(t, "import", "-model", "softmax", "-weights=~/a b.safetensors", "-run=~/runs/r")
	succeed(t, "export", "-run=~/runs/r", "-out", "~/out.onnx", "-format", "onnx")
	for _, name := range []string{filepath.Join("runs", "r", "config.json"), "out.onnx"} {
		if _, err := os.Stat(filepath.Join(home, name)); err != nil {
			t.Error(err)
		}
	}
	for _, args := range [][]string{{"predict", "-run=~/runs/r", "-image=~/none.png"}, {"data", "-offline", "-dir=~/none"}} {
		if status, _, stderr := invoke(args...); status != exitFailed || !strings.Contains(stderr, filepath.Join(home, "none")) {
			t.Errorf("fashion %v: status %d: %s", args, status, stderr)
		}
	}
	for _, args := range [][]string{
		{"import", "-model", "softmax", "-weights=~jana/w", "-run=r"}, {"import", "-model", "softmax", "-weights=w", "-run=~jana/r"},
		{"export", "-run=~/runs/r", "-out=~jana/x"}, {"data", "-dir=~jana/d"}, {"predict", "-run=~/runs/r", "-image=~jana/x"}, {"train", "-run=~jana"},
	} {
		if status, _, stderr := invoke(args...); status != exitUsage || !strings.Contains(stderr, "another user") {
			t.Errorf("fashion %v: status %d: %s", args, status, stderr)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) != 0 {
		t.Errorf("made %v here (%v)", left, err)
	}
}

func TestImportReportsItsChangesOfTheWeights(t *testing.T) {
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := net.SaveSafetensors(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// "linear.…" becomes "module.linear.…"; the header's length and padding follow.
	length := binary.LittleEndian.Uint64(text)
	header := strings.ReplaceAll(strings.TrimRight(string(text[8:8+length]), " "), `"linear.`, `"module.linear.`)
	text = append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), text[8+length:]...)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	result := succeed(t, "import", "-model", "softmax", "-weights", path, "-run", filepath.Join(t.TempDir(), "r"))
	if notes, _ := result["notes"].([]any); len(notes) != 1 || !strings.Contains(fmt.Sprint(notes...), `"module."`) {
		t.Errorf("import: %v, want a note on the prefix", result)
	}
}
