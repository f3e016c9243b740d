package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/graphtest"
)

// Seven images of two pixels, and their labels.
var (
	images = []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	labels = []byte{0, 1, 0, 1, 0, 1, 0}
)

// step is gradient descent with rate 1/64 on (label - image·w)² for the weights w [2]. The
// state is the number of steps and w. Its loss depends on the images, the labels and w, so
// an error in any of them, or in their order, changes a loss.
func step(images, labels *Node, extra, state []*Node) (*Node, []*Node) {
	w := state[1]
	x := DivScalar(ConvertDType(images, dtypes.Float32), 16)
	y := ConvertDType(labels, dtypes.Float32)
	loss := ReduceAllMean(Square(Sub(y, ReduceSum(Mul(x, BroadcastToDims(InsertAxes(w, 0), x.Shape().Dimensions...)), -1))))
	change := DivScalar(Gradient(loss, w)[0], 64)
	if len(extra) > 0 {
		change = Mul(change, BroadcastToShape(extra[0], change.Shape()))
	}
	return loss, []*Node{OnePlus(state[0]), Sub(w, change)}
}

// lossesByHand are the losses of step in float64, in batches over the indices, and the last
// weights.
func lossesByHand(indices []int32, batch int) (losses []float64, w [2]float64) {
	w = [2]float64{1, -1}
	for b := range slices.Chunk(indices, batch) {
		loss, gradient := 0.0, [2]float64{}
		for _, i := range b {
			x := [2]float64{float64(images[2*i]) / 16, float64(images[2*i+1]) / 16}
			difference := float64(labels[i]) - x[0]*w[0] - x[1]*w[1]
			loss += difference * difference / float64(len(b))
			for k := range w {
				gradient[k] -= 2 * difference * x[k] / float64(len(b))
			}
		}
		losses = append(losses, loss)
		for k := range w {
			w[k] -= gradient[k] / 64
		}
	}
	return losses, w
}

// data are the seven images.
var data = Data{Images: images, Labels: labels, Pixels: 2}

// newTrainer returns a trainer of step on up to two devices.
func newTrainer(t *testing.T, backend compute.Backend, loops bool) *Trainer {
	t.Helper()
	return newTrainerOn(t, backend, backend.NumDevices(), loops)
}

func newTrainerOn(t *testing.T, backend compute.Backend, devices int, loops bool) *Trainer {
	t.Helper()
	state := []*tensors.Tensor{tensors.FromScalar(int32(0)), ToDevice([]int{2}, []float32{1, -1})}
	trainer, err := NewTrainer(backend, devices, state, step, loops)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.Close)
	return trainer
}

// newOrder is NewOrder of the seven images.
func newOrder(t *testing.T, trainer *Trainer, indices []int32, batch int) *Order {
	t.Helper()
	order, err := trainer.NewOrder(data, indices, batch)
	if err != nil {
		t.Fatal(err)
	}
	return order
}

// runAll runs an epoch of an order with the given number of batches.
func runAll(t *testing.T, trainer *Trainer, order *Order, batches int) (losses []float32, calls []int) {
	t.Helper()
	for len(losses) < batches {
		some, err := trainer.Run(order, len(losses), batches-len(losses))
		if err != nil {
			t.Fatal(err)
		}
		losses, calls = append(losses, some...), append(calls, len(some))
	}
	return losses, calls
}

func weightsOf(t *testing.T, trainer *Trainer) []float32 {
	t.Helper()
	shape, w, err := FromDevice((*trainer.State())[0][1])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(shape, []int{2}) {
		t.Fatalf("weights of shape %v, want [2]", shape)
	}
	return w
}

func wantNear(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if d := float64(got[i]) - want[i]; !(max(d, -d) <= 1e-5) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

func TestStepsOneByOneAndInLoopsGiveTheLossesOfTheDefinition(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, c := range []struct {
			indices []int32
			batch   int
			inLoop  []int // the numbers of steps in the calls of a loop
		}{
			{[]int32{3, 1, 4, 0, 6, 5, 2}, 2, []int{3, 1}}, // the last batch is smaller
			{[]int32{3, 1, 4, 0, 6, 5}, 2, []int{3}},
			{[]int32{2, 2, 5}, 7, []int{1}}, // no full batch, and an image twice
			{[]int32{0, 6, 1}, 1, []int{3}},
		} {
			want, wantW := lossesByHand(c.indices, c.batch)
			var results [2][]float32
			for i, loops := range []bool{false, true} {
				trainer := newTrainer(t, backend, loops)
				losses, calls := runAll(t, trainer, newOrder(t, trainer, c.indices, c.batch), len(want))
				wantNear(t, "losses", losses, want)
				w := weightsOf(t, trainer)
				wantNear(t, "weights", w, wantW[:])
				results[i] = append(losses, w...)
				wantCalls := slices.Repeat([]int{1}, len(want))
				if loops && runsLoops(backend.Name()) {
					wantCalls = c.inLoop
				}
				if !slices.Equal(calls, wantCalls) {
					t.Errorf("batches of %d, loops %v: calls of %v steps, want %v", c.batch, loops, calls, wantCalls)
				}
				done, err := tensors.CopyFlatData[int32]((*trainer.State())[0][0])
				if err != nil || int(done[0]) != len(want) {
					t.Errorf("the state counts %v steps (error %v), want %d", done, err, len(want))
				}
			}
			if !slices.Equal(results[0], results[1]) {
				t.Errorf("batches of %d: losses and weights %v one by one and %v in loops, want equal ones", c.batch, results[0], results[1])
			}
		}
	})
}

// A training that begins in the middle of an epoch continues with the state that it is given.
func TestRunBeginsAtTheGivenStepAndRunsAtMostAsManyAsAskedFor(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		indices := []int32{3, 1, 4, 0, 6, 5, 2}
		for _, loops := range []bool{false, true} {
			trainer := newTrainer(t, backend, loops)
			order := newOrder(t, trainer, indices, 2)
			losses, err := trainer.Run(order, 2, 1)
			want, _ := lossesByHand(indices[4:6], 2)
			if err != nil {
				t.Fatal(err)
			}
			wantNear(t, "loss of step 2", losses, want)
		}
	})
}

func TestACallDoesNotRunMoreThanMaxSteps(t *testing.T) {
	backend := graphtest.Start(t, graphtest.XLA(t))
	trainer := newTrainer(t, backend, true)
	indices := slices.Repeat([]int32{1, 4}, MaxSteps/2+10)
	losses, calls := runAll(t, trainer, newOrder(t, trainer, indices, 1), len(indices))
	if want := []int{MaxSteps, len(indices) - MaxSteps}; !slices.Equal(calls, want) {
		t.Errorf("calls of %v steps, want %v", calls, want)
	}
	want, _ := lossesByHand(indices, 1)
	wantNear(t, "losses", losses, want)
}

func TestTheExtraArgumentReachesTheStep(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		trainer := newTrainer(t, backend, false)
		loss, err := trainer.One(data.Gather([]int32{3, 1}), float32(0)) // a factor of the change
		if err != nil {
			t.Fatal(err)
		}
		want, _ := lossesByHand([]int32{3, 1}, 2)
		wantNear(t, "loss", []float32{loss}, want)
		wantNear(t, "weights", weightsOf(t, trainer), []float64{1, -1})
	})
}

func TestTheStateIsDonatedToAStep(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, loops := range []bool{false, true} {
			trainer := newTrainer(t, backend, loops)
			order := newOrder(t, trainer, []int32{0, 1}, 2)
			if _, err := trainer.Run(order, 0, 1); err != nil { // copies the first state to the device
				t.Fatal(err)
			}
			before := slices.Clone(*trainer.State())
			if _, err := trainer.Run(order, 0, 1); err != nil {
				t.Fatal(err)
			}
			for d := range before {
				for i, old := range before[d] {
					if old.Ok() {
						t.Errorf("loops %v: tensor %d of the old state still has its buffer on device %d", loops, i, d)
					}
					if !(*trainer.State())[d][i].Ok() {
						t.Errorf("loops %v: tensor %d of the new state has no buffer on device %d", loops, i, d)
					}
				}
			}
		}
	})
}

func TestUploadCopiesTheDataOfAnOwnerOnce(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		mine, other := data, data.part(0, 2)
		mine.Owner, other.Owner = new(int), new(int)
		upload := func(d Data) []*tensors.Tensor {
			list, err := d.upload(backend)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		first, third := upload(mine), upload(other)
		if second := upload(mine); !slices.Equal(second, first) {
			t.Errorf("a second upload gives %v, want the tensors of the first", second)
		}
		if nobodys := upload(data); slices.Equal(nobodys, upload(data)) {
			t.Error("two uploads without an owner give the same tensors, want new ones")
		}
		for _, c := range []struct {
			list           []*tensors.Tensor
			images, labels []byte
		}{{first, images, labels}, {third, images[:4], labels[:2]}} {
			for i, x := range []struct {
				shape []int
				want  []byte
			}{{[]int{len(c.labels), 2}, c.images}, {[]int{len(c.labels)}, c.labels}} {
				got, err := tensors.CopyFlatData[uint8](c.list[i])
				if shape := c.list[i].Shape().Dimensions; err != nil || !slices.Equal(got, x.want) || !slices.Equal(shape, x.shape) {
					t.Errorf("uploaded %v of shape %v (error %v), want %v of shape %v", got, shape, err, x.want, x.shape)
				}
			}
		}
	})
}

func TestABatchIsDividedOverTheMostDevicesThatDivideItEvenly(t *testing.T) {
	p := NewParallel(nil, 6, nil)
	for n, want := range map[int]int{128: 4, 96: 6, 250: 5, 80: 5, 7: 1, 1: 1, 3: 3} {
		if got := p.For(n); got != want {
			t.Errorf("a batch of %d on 6 devices: %d, want %d", n, got, want)
		}
	}
}

// The batches of 3 run on one device, those of 4 on two: the state moves between them.
func TestStepsOnOneAndOnSeveralDevicesContinueEachOther(t *testing.T) {
	backend := graphtest.Start(t, graphtest.XLA(t))
	if backend.NumDevices() != 2 {
		t.Fatalf("the test's backend has %d devices, want 2", backend.NumDevices())
	}
	trainer := newTrainer(t, backend, false)
	indices := []int32{3, 1, 4, 0, 6, 5, 2}
	var losses []float32
	for range 2 {
		order := newOrder(t, trainer, indices, 4)
		for i, devices := range []int{2, 1} {
			some, err := trainer.Run(order, i, 1)
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, some...)
			if got := len(*trainer.State()); got != devices {
				t.Errorf("after a batch of %d the state is on %d devices, want %d", 4-i, got, devices)
			}
		}
	}
	one := newTrainerOn(t, backend, 1, false)
	var want []float64
	for range 2 {
		some, _ := runAll(t, one, newOrder(t, one, indices, 4), 2)
		want = append(want, float64(some[0]), float64(some[1]))
	}
	wantNear(t, "losses", losses, want)
}

func TestTensorsComeBackFromTheDeviceAsTheyWere(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, shape := range [][]int{{}, {6}, {2, 3}, {1, 3, 2, 1}, {0, 4}} {
			size := 1
			for _, n := range shape {
				size *= n
			}
			values := make([]float32, size)
			for i := range values {
				values[i] = float32(i) - 2.5
			}
			tensor := ToDevice(shape, values)
			if size > 0 { // XLA and the Go backend have no buffers without values
				if err := tensor.MaterializeOnDevice(backend, true, 0); err != nil {
					t.Fatal(err)
				}
			}
			gotShape, got, err := FromDevice(tensor)
			if err != nil || !slices.Equal(gotShape, shape) || !slices.Equal(got, values) {
				t.Errorf("%v of shape %v (error %v), want %v of shape %v", got, gotShape, err, values, shape)
			}
		}
	})
	if _, _, err := FromDevice(tensors.FromScalar(uint8(1))); err == nil || !strings.Contains(err.Error(), "read a tensor from the device") {
		t.Errorf("bytes read as float32: error %v, want one about reading the tensor", err)
	}
}
