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

// The library's models are in the students' copy: copied, they are no answers.
func TestTheLibrarysModelsAreNoAnswers(t *testing.T) {
	for _, check := range []func(modelFunc) error{lessons.CheckBaseline, lessons.CheckDesign} {
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

func TestTheBaselineHasTheParametersOfTheText(t *testing.T) {
	if got, want := baseline().NumParameters(), 19306; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
}
