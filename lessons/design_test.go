package lessons

import (
	"testing"

	. "fashionlab/fashion"
	"fashionlab/lessons/checktest"

	"github.com/gomlx/gomlx/core/graph"
)

type modelFunc = func() *Model

// as makes a function of a model's parts.
func as(parts ...Part) modelFunc { return func() *Model { return NewModel("student", parts...) } }

func unwrittenModel() *Model { panic(stubPanic) }

// small is a block of a design: a 3×3 convolution, batch norm, ReLU, pooling.
func small(name string, in, out int) Part {
	return Block(name, Conv2D(in, out, 3, Padding(1)), BatchNorm2D(out), ReLU(), MaxPool2D(2))
}

func TestDesignCheckTellsTypicalAnswersApart(t *testing.T) {
	middle, end := small("b", 16, 24), small("c", 24, 32)
	out := Named("out", Linear(32*3*3, 10))
	checktest.Checks(t, []func(modelFunc) error{CheckDesign}, as(small("a", 1, 16), middle, end, Flatten(), out),
		wrong("does not fit", as(small("a", 1, 16), small("b", 8, 24), end, Flatten(), out), "does not fit together"),
		wrong("too many parameters", as(small("a", 1, 16), middle, end, Flatten(), Block("fc", Linear(32*3*3, 300), ReLU(), Linear(300, 10))), "most of them, 86700, are in fc.0 (Linear)"),
		wrong("too expensive", as(Block("a", Conv2D(1, 16, 3, Padding(1)), ReLU(), Conv2D(16, 16, 5, Padding(2)), ReLU(), MaxPool2D(2), Conv2D(16, 16, 1), MaxPool2D(2)), Flatten(), Named("out", Linear(16*7*7, 10))), "million multiplications"),
		wrong("too many values", as(Block("a", Conv2D(1, 1, 1, Padding(200)), ReLU(), Conv2D(1, 1, 1), ReLU(), Conv2D(1, 1, 1), ReLU(), MaxPool2D(100)), Flatten(), Named("out", Linear(16, 10))), "Design keeps 1099146 values"),
		wrong("the baseline", CNN, "Design has the same layers as cnn"),
		wrong("no convolution", as(Flatten(), Block("fc", Linear(784, 32), ReLU(), Linear(32, 10))), "no convolution"),
		wrong("two convolutions", as(small("a", 1, 16), middle, Flatten(), Named("out", Linear(24*7*7, 10))), "too few convolutions, 2"),
		wrong("ReLU at the end", as(small("a", 1, 16), middle, end, Flatten(), out, ReLU()), "ends with ReLU"),
		wrong("no ReLU", as(Block("a", Conv2D(1, 16, 3, Padding(1)), BatchNorm2D(16), Conv2D(16, 24, 3, Padding(1)), MaxPool2D(4)), end, Flatten(), out), "nothing nonlinear between"),
		wrong("Print", as(small("a", 1, 16), Print("a"), middle, end, Flatten(), out), "for looking only"),
		wrong("stub", unwrittenModel, "not written yet"),
	)
}

func TestDesignLearnsCheckTellsTypicalAnswersApart(t *testing.T) {
	data, err := Synthetic(1, designImages+designValidation, 10)
	if err != nil {
		t.Fatal(err)
	}
	trained := func(seed uint64) func(modelFunc) error {
		return func(f modelFunc) error {
			model, err := callModel("Design", f)
			if err != nil {
				return err
			}
			return trainDesign(model, data, seed)
		}
	}
	// A cheap network, since the test trains one for each answer.
	with := func(more ...Part) modelFunc {
		return as(append([]Part{
			Block("a", Conv2D(1, 4, 3), ReLU(), MaxPool2D(2)),
			Flatten(), Named("hidden", Linear(4*13*13, 16)), BatchNorm1D(16), ReLU()}, more...)...)
	}
	out := Named("out", Linear(16, 10))
	checktest.Checks(t, []func(modelFunc) error{trained(1), trained(2)}, with(out),
		wrong("nothing comes through", with(Dropout(0.9999), out), "learns nothing"),
		wrong("a bottleneck", with(Block("b", Linear(16, 2), BatchNorm1D(2), ReLU(), Linear(2, 10))), "it learns too slowly"),
		wrong("not a design", with(), "the last layer gives shape [16]"),
		wrong("stub", unwrittenModel, "not written yet"),
	)

	times := func(factor float64) Layer {
		return GraphLayer{Name: "Times", Graph: func(_ *Context, x *graph.Node) *graph.Node { return graph.MulScalar(x, factor) }}
	}
	expectMessage(t, trainDesign(with(times(1e38), times(1e38), out)(), data, 1), "cannot be trained")
}

func TestTheCheckOfADesignTrainsTheModelThatItHasLookedAt(t *testing.T) {
	calls := 0
	design := as(small("a", 1, 16), small("b", 16, 24), small("c", 24, 32), Flatten(), Named("out", Linear(32*3*3, 10)))
	err := CheckDesignLearns(func() *Model {
		calls++
		if calls > 1 {
			return CNNv3()
		}
		return design()
	})
	if err != nil || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

func TestAModelOfFunctionsIsRefusedWithTheReason(t *testing.T) {
	mine := GraphLayer{Name: "Times", Graph: func(_ *Context, x *graph.Node) *graph.Node { return x }}
	for _, check := range []func(modelFunc) error{CheckDesign, CheckDesignLearns, CheckBaseline} {
		expectMessage(t, check(as(small("a", 1, 16), mine, Flatten(), Linear(16*14*14, 10))), "layer 5: Times(…) has a graph function, want only layers of the library")
	}
}

// A name cannot imitate a layer, or hide one, in the text by which layers are found.
func TestNamesWithBracketsAreRefused(t *testing.T) {
	for _, name := range []string{"a\n  (x): ReLU()", "b)", "(c", "d\x7f"} {
		for _, model := range []modelFunc{
			as(Block(name, Conv2D(1, 1, 3)), Flatten(), Linear(26*26, 10)),
			as(Conv2D(1, 1, 3), Flatten(), Named(name, Linear(26*26, 10))),
			func() *Model { return NewModel(name, Flatten(), Linear(784, 10)) },
		} {
			expectMessage(t, CheckDesign(model), "has a character that names do not have")
		}
	}
}

func TestMultiplicationsAreThoseOfTheConvolutionsAndLinearLayers(t *testing.T) {
	for model, want := range map[*Model]int{
		SoftmaxRegression(): 7840,
		CNN():               16*25*28*28 + 32*16*25*14*14 + 10*32*7*7,
		CNNv1():             32*25*28*28 + 64*32*25*14*14 + 10*64*7*7,
	} {
		summary, err := model.Summary()
		if err != nil {
			t.Fatal(err)
		}
		if n := values(summary); n > DesignValues/2 {
			t.Errorf("%s keeps %d values, more than half of what a design may keep", model.Name(), n)
		}
		if got := multiplications(model, summary); got != want {
			t.Errorf("%s: %d multiplications, want %d", model.Name(), got, want)
		}
	}
}

// wrong is a wrong model, and a part of the message that recognises it.
func wrong(name string, model modelFunc, says string) checktest.Wrong[modelFunc] {
	return checktest.Wrong[modelFunc]{Name: name, F: model, Says: says}
}
