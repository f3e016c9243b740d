package answers

import (
	"fmt"
	"testing"

	. "fashionlab/fashion"
	"fashionlab/lessons"
)

func studentCalled(id string) lessons.Student { return func() string { return id } }

// The network of ada, which the wrong answers differ from, has the kernels 4 and 5, 7 and 20 channels, and the sizes 14 and 12.
func TestOwnNetworkCheckTellsTypicalAnswersApart(t *testing.T) {
	ada := studentCalled("ada")
	conv1 := Block("conv1", Conv2D(1, 7, 4, Stride(2), Padding(1)), ReLU())
	conv2 := Block("conv2", Conv2D(7, 20, 5, Padding(1)), ReLU(), MaxPool2D(2))
	out := Named("out", Linear(20*6*6, 10))
	first := func(layer Layer) modelFunc { return as(Block("conv1", layer, ReLU()), conv2, Flatten(), out) }
	second := func(layers ...Layer) modelFunc { return as(conv1, Block("conv2", layers...), Flatten(), out) }
	bo, err := ownNetwork(studentCalled("bo"))
	if err != nil {
		t.Fatal(err)
	}
	testChecks(t, []func(modelFunc) error{
		func(f modelFunc) error { return lessons.CheckOwnNetwork(f, ada) },
		func(f modelFunc) error { return CheckOwnNetworkFurther(f, ada) },
	}, as(conv1, conv2, Flatten(), out),
		wrongAnswer[modelFunc]{"another student's", func() *Model { return bo }, `expected 7 channels to come out: the second number (the numbers are those of the id "ada")`},
		wrongAnswer[modelFunc]{"no padding", first(Conv2D(1, 7, 4, Stride(2))), "makes 13×13 of 28×28, expected 14×14: look at padding (0) and stride (2)"},
		wrongAnswer[modelFunc]{"no stride", first(Conv2D(1, 7, 4, Padding(1))), "makes 27×27 of 28×28"},
		wrongAnswer[modelFunc]{"padding that keeps the size", second(Conv2D(7, 20, 5, Padding(2)), ReLU(), MaxPool2D(2)), "makes 14×14 of 14×14, expected 12×12"},
		wrongAnswer[modelFunc]{"the other kernel", second(Conv2D(7, 20, 4, Padding(1)), ReLU(), MaxPool2D(2)), "expected a kernel of 5×5"},
		wrongAnswer[modelFunc]{"channels that do not fit", second(Conv2D(1, 20, 5, Padding(1)), ReLU(), MaxPool2D(2)), "but 7 channels arrive"},
		wrongAnswer[modelFunc]{"no ReLU", second(Conv2D(7, 20, 5, Padding(1)), MaxPool2D(2)), "a ReLU is missing"},
		wrongAnswer[modelFunc]{"pooling is forgotten in the linear layer", as(conv1, conv2, Flatten(), Named("out", Linear(20*12*12, 10))), "720 values arrive: 20 channels of 6×6"},
		wrongAnswer[modelFunc]{"names", as(Block("first", Conv2D(1, 7, 4, Stride(2), Padding(1)), ReLU()), conv2, Flatten(), out), `is called "first.0"`},
		wrongAnswer[modelFunc]{"stub", unwrittenModel, "not written yet"},
	)
}

func TestANetworkNeedsTheStudentsID(t *testing.T) {
	right := func() *Model { panic("not called") }
	for _, check := range []func(modelFunc, lessons.Student) error{lessons.CheckOwnNetwork, CheckOwnNetworkFurther} {
		expectMessage(t, check(right, func() string { panic(stubPanic) }), "Student is not written yet")
		expectMessage(t, check(right, studentCalled("")), "empty text", "your teacher")
	}
}

func TestEachStudentHasANetworkThatOnePaddingGives(t *testing.T) {
	for i := range 2000 {
		student := studentCalled(fmt.Sprint("s", i))
		first, second, err := lessons.OwnNetworkLayers(student)
		if err != nil {
			t.Fatal(err)
		}
		for size, l := range map[int]lessons.NetworkLayer{ImageHeight: first, first.Size: second} {
			var fit []int
			for padding := range 10 {
				if outputSize(size, l.Kernel, padding, l.Stride) == l.Size {
					fit = append(fit, padding)
				}
			}
			if len(fit) != 1 || fit[0] == 0 || fit[0] >= l.Kernel {
				t.Fatalf("s%d: %+v for %d×%d has the paddings %v", i, l, size, size, fit)
			}
		}
		if i < 20 {
			model, err := ownNetwork(student)
			if err != nil {
				t.Fatal(err)
			}
			expectPass(t, lessons.CheckOwnNetwork(func() *Model { return model }, student))
		}
	}
}

func TestTheNetworkOfAnotherStudentIsWrong(t *testing.T) {
	same := 0
	for i := range 300 {
		model, err := ownNetwork(studentCalled(fmt.Sprint("s", i)))
		if err != nil {
			t.Fatal(err)
		}
		if lessons.CheckOwnNetwork(func() *Model { return model }, studentCalled("ada")) == nil {
			same++
		}
	}
	if same > 1 {
		t.Errorf("the networks of %d of 300 students pass for ada", same)
	}
}
