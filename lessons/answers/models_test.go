package answers

import (
	"testing"

	. "fashionlab/fashion"
	"fashionlab/lessons"
)

type modelFunc = func() *Model

// as makes a function of a model's parts.
func as(parts ...Part) modelFunc { return func() *Model { return NewModel("student", parts...) } }

func unwrittenModel() *Model { panic(stubPanic) }

func TestBaselineCheckTellsTypicalAnswersApart(t *testing.T) {
	conv1 := Block("conv1", Conv2D(1, 12, 5, Padding(2)), ReLU(), MaxPool2D(2))
	conv2 := Block("conv2", Conv2D(12, 24, 5, Padding(2)), ReLU(), MaxPool2D(2))
	out := Named("out", Linear(24*7*7, 10))
	testChecks(t, []func(modelFunc) error{lessons.CheckBaseline, CheckBaselineFurther}, as(conv1, conv2, Flatten(), out),
		wrongAnswer[modelFunc]{"no padding", as(Block("conv1", Conv2D(1, 12, 5), ReLU(), MaxPool2D(2)), conv2, Flatten(), out), "makes 24×24 of 28×28, expected 28×28"},
		wrongAnswer[modelFunc]{"kernel size", as(Block("conv1", Conv2D(1, 12, 3, Padding(1)), ReLU(), MaxPool2D(2)), conv2, Flatten(), out), "expected a kernel of 5×5"},
		wrongAnswer[modelFunc]{"channels that do not fit", as(conv1, Block("conv2", Conv2D(1, 24, 5, Padding(2)), ReLU(), MaxPool2D(2)), Flatten(), out), "but 12 channels arrive"},
		wrongAnswer[modelFunc]{"too many channels", as(Block("conv1", Conv2D(1, 24, 5, Padding(2)), ReLU(), MaxPool2D(2)), conv2, Flatten(), out), "expected 12 channels to come out"},
		wrongAnswer[modelFunc]{"no ReLU", as(conv1, Block("conv2", Conv2D(12, 24, 5, Padding(2)), MaxPool2D(2)), Flatten(), out), "a ReLU is missing"},
		wrongAnswer[modelFunc]{"no pooling", as(conv1, Block("conv2", Conv2D(12, 24, 5, Padding(2)), ReLU()), Flatten(), Named("out", Linear(24*14*14, 10))), "a MaxPool2d is missing"},
		wrongAnswer[modelFunc]{"no Flatten", as(conv1, conv2, out), "a Flatten is missing"},
		wrongAnswer[modelFunc]{"size of the linear layer", as(conv1, conv2, Flatten(), Named("out", Linear(24*14*14, 10))), "1176 values arrive: 24 channels of 7×7"},
		wrongAnswer[modelFunc]{"classes", as(conv1, conv2, Flatten(), Named("out", Linear(24*7*7, 9))), "expected 10 values to come out"},
		wrongAnswer[modelFunc]{"no bias", as(Block("conv1", Conv2D(1, 12, 5, Padding(2), NoBias()), ReLU(), MaxPool2D(2)), conv2, Flatten(), out), "leave NoBias out"},
		wrongAnswer[modelFunc]{"order", as(Block("conv1", Conv2D(1, 12, 5, Padding(2)), MaxPool2D(2), ReLU()), conv2, Flatten(), out), "the other way round"},
		wrongAnswer[modelFunc]{"ReLU at the end", as(conv1, conv2, Flatten(), out, ReLU()), "they may be negative"},
		wrongAnswer[modelFunc]{"window", as(Block("conv1", Conv2D(1, 12, 5, Padding(2)), ReLU(), MaxPool2D(4)), conv2, Flatten(), out), "expected windows of 2×2"},
		wrongAnswer[modelFunc]{"names", as(conv1, Block("second", Conv2D(12, 24, 5, Padding(2)), ReLU(), MaxPool2D(2)), Flatten(), out), `is called "second.0", expected "conv2.0"`},
		wrongAnswer[modelFunc]{"half of it", as(conv1, conv2), "ends after 6 layers, expected 8"},
		wrongAnswer[modelFunc]{"nothing", func() *Model { return nil }, "Baseline() is nil"},
		wrongAnswer[modelFunc]{"stub", unwrittenModel, "not written yet"},
	)
}

func TestNamesOfLayersWithoutWeightsAreFree(t *testing.T) {
	expectPass(t, lessons.CheckBaseline(as(
		Block("conv1", Conv2D(1, 12, 5, Padding(2)), ReLU(), MaxPool2D(2)),
		Block("conv2", Conv2D(12, 24, 5, Padding(2)), ReLU(), MaxPool2D(2)),
		Named("flat", Flatten()),
		Named("out", Linear(24*7*7, 10)))))
}

func TestVersionOneCheckTellsTypicalAnswersApart(t *testing.T) {
	block := func(name string, in, out int, more ...Layer) Part {
		return Block(name, append([]Layer{Conv2D(in, out, 5, Padding(2))}, more...)...)
	}
	conv1 := block("conv1", 1, 24, BatchNorm2D(24), ReLU(), MaxPool2D(2), Dropout(0.25))
	conv2 := block("conv2", 24, 48, BatchNorm2D(48), ReLU(), MaxPool2D(2), Dropout(0.25))
	out := Named("out", Linear(48*7*7, 10))
	testChecks(t, []func(modelFunc) error{lessons.CheckVersionOne, CheckVersionOneFurther}, as(conv1, conv2, Flatten(), out),
		wrongAnswer[modelFunc]{"no batch norm", as(block("conv1", 1, 24, ReLU(), MaxPool2D(2), Dropout(0.25)), conv2, Flatten(), out), "a BatchNorm2d is missing"},
		wrongAnswer[modelFunc]{"batch norm after ReLU", as(block("conv1", 1, 24, ReLU(), BatchNorm2D(24), MaxPool2D(2), Dropout(0.25)), conv2, Flatten(), out), "come ReLU and BatchNorm2d, expected them the other way round"},
		wrongAnswer[modelFunc]{"batch norm's channels", as(conv1, block("conv2", 24, 48, BatchNorm2D(24), ReLU(), MaxPool2D(2), Dropout(0.25)), Flatten(), out), "but 48 channels or features arrive"},
		wrongAnswer[modelFunc]{"no dropout", as(conv1, block("conv2", 24, 48, BatchNorm2D(48), ReLU(), MaxPool2D(2)), Flatten(), out), "a Dropout is missing"},
		wrongAnswer[modelFunc]{"rate", as(block("conv1", 1, 24, BatchNorm2D(24), ReLU(), MaxPool2D(2), Dropout(0.75)), conv2, Flatten(), out), "expected a rate of 0.25"},
		wrongAnswer[modelFunc]{"the baseline", baseline, "expected 24 channels to come out"},
		wrongAnswer[modelFunc]{"one-dimensional", as(block("conv1", 1, 24, BatchNorm1D(24), ReLU(), MaxPool2D(2), Dropout(0.25)), conv2, Flatten(), out), "comes BatchNorm1d, expected BatchNorm2d"},
		wrongAnswer[modelFunc]{"stub", unwrittenModel, "not written yet"},
	)
}

func TestVersionTwoCheckTellsTypicalAnswersApart(t *testing.T) {
	block := func(name string, in, out, kernel, padding int) Part {
		return Block(name, Conv2D(in, out, kernel, Padding(padding)), BatchNorm2D(out), ReLU(), MaxPool2D(2), Dropout(0.25))
	}
	conv1, conv2, conv3 := block("conv1", 1, 24, 3, 2), block("conv2", 24, 48, 3, 2), block("conv3", 48, 96, 3, 1)
	out := Named("out", Linear(96*4*4, 10))
	testChecks(t, []func(modelFunc) error{lessons.CheckVersionTwo, CheckVersionTwoFurther}, as(conv1, conv2, conv3, Flatten(), out),
		wrongAnswer[modelFunc]{"padding that keeps the size", as(block("conv1", 1, 24, 3, 1), conv2, conv3, Flatten(), out), "makes 28×28 of 28×28, expected 30×30"},
		wrongAnswer[modelFunc]{"padding of the third", as(conv1, conv2, block("conv3", 48, 96, 3, 2), Flatten(), out), "makes 10×10 of 8×8, expected 8×8"},
		wrongAnswer[modelFunc]{"old kernels", as(block("conv1", 1, 24, 5, 3), conv2, conv3, Flatten(), out), "expected a kernel of 3×3"},
		wrongAnswer[modelFunc]{"two convolutions", as(conv1, conv2, Flatten(), Named("out", Linear(48*8*8, 10))), "a Conv2d is missing"},
		wrongAnswer[modelFunc]{"rounded up", as(conv1, conv2, conv3, Flatten(), Named("out", Linear(96*5*5, 10))), "1536 values arrive: 96 channels of 4×4"},
		wrongAnswer[modelFunc]{"version 3", wanted["VersionThree"], "expected 10 values to come out"},
		wrongAnswer[modelFunc]{"stub", unwrittenModel, "not written yet"},
	)
}

func TestVersionThreeCheckTellsTypicalAnswersApart(t *testing.T) {
	block := func(name string, in, out, padding int) Part {
		return Block(name, Conv2D(in, out, 3, Padding(padding)), BatchNorm2D(out), ReLU(), MaxPool2D(2), Dropout(0.25))
	}
	with := func(parts ...Part) modelFunc {
		return as(append([]Part{block("conv1", 1, 24, 2), block("conv2", 24, 48, 2), block("conv3", 48, 96, 1), Flatten()}, parts...)...)
	}
	head := func(hidden int, norm Layer, rate float64) Part {
		return Block("fc_block", Linear(96*4*4, hidden), norm, ReLU(), Dropout(rate), Linear(hidden, 10))
	}
	testChecks(t, []func(modelFunc) error{lessons.CheckVersionThree, CheckVersionThreeFurther}, with(head(200, BatchNorm1D(200), 0.5)),
		wrongAnswer[modelFunc]{"version 2", wanted["VersionTwo"], "expected 200 values to come out"},
		wrongAnswer[modelFunc]{"batch norm for images", with(head(200, BatchNorm2D(200), 0.5)), "comes BatchNorm2d, expected BatchNorm1d"},
		wrongAnswer[modelFunc]{"rate", with(head(200, BatchNorm1D(200), 0.25)), "expected a rate of 0.5"},
		wrongAnswer[modelFunc]{"no ReLU", with(Block("fc_block", Linear(1536, 200), BatchNorm1D(200), Dropout(0.5), Linear(200, 10))), "a ReLU is missing"},
		wrongAnswer[modelFunc]{"hidden size in the last layer", with(Block("fc_block", Linear(1536, 200), BatchNorm1D(200), ReLU(), Dropout(0.5), Linear(1536, 10))), "but 200 values arrive: the layer before"},
		wrongAnswer[modelFunc]{"no logits", with(Block("fc_block", Linear(1536, 200), BatchNorm1D(200), ReLU(), Dropout(0.5))), "ends after"},
		wrongAnswer[modelFunc]{"other names", with(Block("head", Linear(1536, 200), BatchNorm1D(200), ReLU(), Dropout(0.5), Linear(200, 10))), `is called "head.0", expected "fc_block.0"`},
		wrongAnswer[modelFunc]{"stub", unwrittenModel, "not written yet"},
	)
}

// The library's models are in the students' copy: copied, they are no answers.
func TestTheLibrarysModelsAreNoAnswers(t *testing.T) {
	for _, check := range []func(modelFunc) error{lessons.CheckBaseline, lessons.CheckVersionOne, lessons.CheckVersionTwo, lessons.CheckVersionThree, lessons.CheckDesign} {
		for _, name := range ModelNames() {
			model, err := ModelByName(name)
			if err != nil {
				t.Fatal(err)
			}
			if check(func() *Model { return model }) == nil {
				t.Errorf("%s passes", name)
			}
		}
	}
	for name, model := range wanted {
		if lessons.CheckDesign(model) == nil {
			t.Errorf("%s passes for a design", name)
		}
	}
}

func TestTheModelsHaveTheParameterCountsOfTheTexts(t *testing.T) {
	for name, want := range map[string]int{"Baseline": 19306, "VersionOne": 53146, "VersionTwo": 67930, "VersionThree": 362370} {
		if got := wanted[name]().NumParameters(); got != want {
			t.Errorf("%s has %d parameters, want %d", name, got, want)
		}
	}
}
