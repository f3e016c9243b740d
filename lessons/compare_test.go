package lessons

import (
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestRunReturnsNilAfterAnOrdinaryCall(t *testing.T) {
	z := []float64{1, 2}
	sum := 0.0
	if err := callOf("Sum", z).run(func() { sum = total(z) }); err != nil || sum != 3 {
		t.Errorf("sum %v, error %v", sum, err)
	}
}

func TestRunSaysThatAStubIsNotWrittenYet(t *testing.T) {
	err := callOf("Softmax", []float64{1}).run(func() { panic("not implemented") })
	expectMessage(t, err, "Softmax is not written yet", `panic("not implemented")`)
}

// unwritten is a stub that another answer calls.
func unwritten() float64 { panic("not implemented") }

func TestRunNamesTheStubThatAnAnswerCalls(t *testing.T) {
	err := callOf("CrossEntropy").run(func() { unwritten() })
	expectMessage(t, err, "unwritten is not written yet")
}

func TestRunTurnsAPanicIntoAMessage(t *testing.T) {
	z := []float64{1, 2}
	place := 2
	err := callOf("Last", z).run(func() { _ = z[place] })
	expectMessage(t, err, "Last([1 2]) panics", "index out of range [2] with length 2", "0 to n-1")

	err = callOf("Own").run(func() { panic("my own") })
	expectMessage(t, err, "Own() panics: my own")

	var counts map[int]int
	err = callOf("Count").run(func() { counts[1]++ })
	expectMessage(t, err, "made with make")
}

func TestRunNoticesAFunctionThatLeavesItsGoroutine(t *testing.T) {
	err := callOf("Quit").run(runtime.Goexit)
	expectMessage(t, err, "Quit() ends its goroutine")
}

func TestRunStopsWaitingForAFunctionThatNeverReturns(t *testing.T) {
	defer func(old time.Duration) { timeLimit = old }(timeLimit)
	timeLimit = 20 * time.Millisecond
	release := make(chan struct{})
	defer close(release)
	err := callOf("Loop", 3).run(func() { <-release })
	expectMessage(t, err, "Loop(3) has not returned after 20ms", "loops")
}

func TestRunNoticesAChangedArgument(t *testing.T) {
	z := []float64{1, 2, 3}
	err := callOf("Double", z).run(func() { z[0] = 2 })
	expectMessage(t, err, "Double([1 2 3]) changes its argument", "[1 2 3] became [2 2 3]")

	rows := [][]float64{{1}, {2}}
	err = callOf("Rows", rows, 7).run(func() { rows[1][0] = 5 })
	expectMessage(t, err, "Rows([[1] [2]], 7) changes its argument", "became [[1] [5]]")

	type pair struct{ A []byte }
	p := &pair{[]byte{1, 2}}
	err = callOf("Pair", p).run(func() { p.A[0] = 9 })
	expectMessage(t, err, "changes its argument")
}

func TestNear(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		got, want float64
		near      bool
	}{
		{1, 1, true}, {1 + 1e-10, 1, true}, {1.001, 1, false},
		{1e9 + 0.5, 1e9, true}, {1e9 + 10, 1e9, false},
		{inf, inf, true}, {inf, 1, false}, {1, inf, false}, {-inf, inf, false},
		{nan, nan, false}, {nan, 1, false}, {1, nan, false},
	} {
		if near(c.got, c.want, 1e-9) != c.near {
			t.Errorf("near(%v, %v) is %v", c.got, c.want, !c.near)
		}
	}
}

func TestSlicesAreNearOnlyIfEquallyLong(t *testing.T) {
	if !nearAll([]float64{1, 2}, []float64{1, 2}, 1e-9) || nearAll([]float64{1}, []float64{1, 2}, 1e-9) ||
		nearAll([]float64{1, 2}, []float64{1, 3}, 1e-9) {
		t.Error("nearAll is wrong")
	}
	if !nearRows([][]float64{{1}, {2}}, [][]float64{{1}, {2}}, 0) || nearRows([][]float64{{1}}, [][]float64{{1}, {2}}, 0) ||
		nearRows([][]float64{{1, 2}}, [][]float64{{1}}, 0) {
		t.Error("nearRows is wrong")
	}
	if i := firstDifference([]float64{1, 2, 3}, []float64{1, 2, 4}, 1e-9); i != 2 {
		t.Errorf("first difference at %d", i)
	}
	if i := firstDifference([]float64{1, 2}, []float64{1, 2, 4}, 1e-9); i != 2 {
		t.Errorf("a short slice differs at %d", i)
	}
	if i := firstDifference(nil, nil, 1e-9); i != -1 {
		t.Errorf("equal slices differ at %d", i)
	}
}

func TestShow(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{[]float64{0.09003057, 0.244728, 0.665241}, "[0.09003 0.2447 0.6652]"},
		{[]float64{1000, 1001, 999}, "[1000 1001 999]"},
		{[]float64{math.NaN(), math.Inf(-1), 0}, "[NaN -Inf 0]"},
		{1234567.0, "1234567"},
		{1e-9, "1e-09"},
		{float32(0.1), "0.1"},
		{[]byte{1, 2}, "[1 2]"},
		{[][]int{{1, 2}, {3}}, "[[1 2] [3]]"},
		{make([]int, 784), "[0 0 0 0 … 0] (784 values)"},
		{"Coat", `"Coat"`},
		{nil, "nil"},
		{[]float64(nil), "[]"},
	} {
		if got := show(c.value); got != c.want {
			t.Errorf("show(%#v) is %s, want %s", c.value, got, c.want)
		}
	}
}

func TestShowPairTellsCloseNumbersApart(t *testing.T) {
	a, b := showPair(0.33333333, 0.33333334)
	if a == b {
		t.Errorf("both are shown as %s", a)
	}
	err := callOf("Mean", []float64{1}).wrong(1.00001, 1.0, "because of %s", "that")
	expectMessage(t, err, "Mean([1]) is 1.00001, expected 1: because of that")
}

// A wrongCase is a typical wrong answer to an exercise, and a part of what
// the check must say about it.
type wrongCase[F any] struct {
	name    string
	answer  F
	message string
}

// testCheck tests a check: the right answer passes, with the visible and with
// the hidden part, and each wrong answer is refused with the message that is
// meant for it and for no other, by the visible part or, if that lets it pass,
// by the hidden one. Four wrong answers are the least.
func testCheck[F any](t *testing.T, right F, visible, hidden func(F) error, wrong []wrongCase[F]) {
	t.Helper()
	expectPass(t, visible(right))
	expectPass(t, hidden(right))
	if len(wrong) < 4 {
		t.Errorf("%d wrong answers, expected at least 4", len(wrong))
	}
	messages := map[string]string{}
	for _, w := range wrong {
		err := visible(w.answer)
		if err == nil {
			err = hidden(w.answer)
		}
		switch {
		case err == nil:
			t.Errorf("%s: passes", w.name)
			continue
		case !strings.Contains(err.Error(), w.message):
			t.Errorf("%s: the message is\n\t%v\nand does not say %q", w.name, err, w.message)
		case messages[err.Error()] != "":
			t.Errorf("%s: the same message as %s:\n\t%v", w.name, messages[err.Error()], err)
		}
		messages[err.Error()] = w.name
		for _, other := range wrong {
			if other.message != w.message && strings.Contains(err.Error(), other.message) {
				t.Errorf("%s: the message is\n\t%v\nwhich is that of %s, too", w.name, err, other.name)
			}
		}
	}
}
