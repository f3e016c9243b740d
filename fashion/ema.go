package fashion

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// EMA is an exponential moving average of the weights, as torch.optim.swa_utils.AveragedModel with
// get_ema_multi_avg_fn(decay) computes it: the first update copies the weights, each later one
// moves the average by 1 − Decay of the way to them. Running statistics of batch norm and
// parameters that are not trained are copied by each update, which is PyTorch's
// use_buffers=False. The zero value is no average.
//
// The average is part of the run. After each epoch it is evaluated beside the weights, and when
// Fit returns it is the network's weights; before the first update, it equals the weights.
type EMA struct {
	// Decay is the share of the average that an update keeps, in (0, 1).
	Decay float64 `json:"decay"`
	// Every is the number of steps between two updates; 0 stands for 1. Updates follow the
	// steps whose number, counted from 1, it divides.
	Every int `json:"every,omitempty"`
	// Start is the share of the training's steps before the first update, in [0, 1).
	Start float64 `json:"start,omitempty"`
}

func (e EMA) used() bool { return e != EMA{} }

// String returns, for example, "EMA(decay=0.95, every=5, start=0.625)".
func (e EMA) String() string {
	if !e.used() {
		return "none"
	}
	text := fmt.Sprintf("EMA(decay=%g", e.Decay)
	if e.Every > 1 {
		text += fmt.Sprintf(", every=%d", e.Every)
	}
	if e.Start > 0 {
		text += fmt.Sprintf(", start=%g", e.Start)
	}
	return text + ")"
}

// Check returns an error if a setting is out of its range. The zero value is valid.
func (e EMA) Check() error {
	if e.used() && (!(e.Decay > 0 && e.Decay < 1) || e.Every < 0 || !(e.Start >= 0 && e.Start < 1)) {
		return fmt.Errorf("%v with every %d, want a decay in (0, 1), every of at least 0, and a start in [0, 1)", e, e.Every)
	}
	return nil
}

// update builds an update of the averages after a step. number is the number of the step, from
// 1, as int32; steps is the total number of steps.
func (e EMA) update(parameters []ParameterSpec, averages, weights []*Node, number *Node, steps int) []*Node {
	every := max(e.Every, 1)
	first := (stepsOf(e.Start, steps)/every + 1) * every
	constant := func(n int) *Node { return Const(number.Graph(), int32(n)) }
	copies := LessOrEqual(number, constant(first)) // before the first update, the average is the weights
	updates := Equal(ModScalar(number, int32(every)), constant(0))
	after := make([]*Node, len(averages))
	for i, average := range averages {
		updated := weights[i]
		if parameters[i].Trainable {
			updated = Add(average, MulScalar(Sub(weights[i], average), 1-e.Decay))
		}
		updated = Where(BroadcastToShape(copies, withBool(average)), weights[i], updated)
		after[i] = Where(BroadcastToShape(Or(copies, updates), withBool(average)), updated, average)
	}
	return after
}
