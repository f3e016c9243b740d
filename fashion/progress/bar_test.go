package progress

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"fashionlab/fashion"
)

// screen is a terminal that wraps what is too long and keeps its rows.
type screen struct {
	width, column int
	rows          [][]rune
}

func (s *screen) Write(p []byte) (int, error) {
	if len(s.rows) == 0 {
		s.rows = [][]rune{nil}
	}
	for _, r := range string(p) {
		columns := uniseg.StringWidth(string(r))
		switch {
		case r == '\r':
			s.column = 0
			continue
		case r == '\n' || s.column+columns > s.width:
			s.rows, s.column = append(s.rows, nil), 0
		}
		if r == '\n' {
			continue
		}
		row := &s.rows[len(s.rows)-1]
		for len(*row) < s.column+columns {
			*row = append(*row, ' ')
		}
		(*row)[s.column] = r
		s.column += columns
	}
	return len(p), nil
}

func (s *screen) String() string {
	var lines []string
	for _, row := range s.rows {
		lines = append(lines, strings.TrimRight(string(row), " \x00"))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func TestTheProgressBarLeavesNothingBehindInATerminalOfAnyWidth(t *testing.T) {
	for _, model := range []string{"softmax", "cnn_v3", "模型一号", "a model with a name that is longer than many a terminal is wide"} {
		for _, widths := range [][]int{{200}, {80}, {66}, {60}, {40}, {20}, {5}, {1}, {60, 100}, {100, 60, 20, 80}} {
			s := &screen{width: widths[0]}
			b := &bar{out: s, width: func() int { return s.width }}
			step := 0
			add := func(steps int) { step += steps; b.Move(model, step, 391000, false) }
			add(0)
			seen := false
			for i, width := range widths {
				s.width = width
				add(10000)
				_ = b.drawing.RenderBlank()
				time.Sleep(110 * time.Millisecond / time.Duration(len(widths)*4)) // some redraws are throttled, some are not
				add(10000)
				seen = seen || strings.Contains(s.String(), "█") || strings.Contains(s.String(), "%")
				fmt.Fprintln(b, i)
			}
			b.Move(model, step, 391000, true)
			var want []string
			for i := range widths {
				want = append(want, fmt.Sprint(i))
			}
			if got := strings.Split(s.String(), "\n"); !slices.Equal(got, want) {
				t.Errorf("%s, widths %v: the screen holds %q, want %q", model, widths, got, want)
			}
			if !seen && widths[0] >= 80 && len(model) < 20 {
				t.Errorf("%s, widths %v: there never was a bar", model, widths)
			}
		}
	}
}

// notebook is a writer that shows a rewritten line as one.
type notebook struct{ bytes.Buffer }

func (*notebook) Interactive() bool { return true }

func TestATrainingMovesTheBarOfItsOutput(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	data, err := fashion.Synthetic(1, 64, 10)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 16)
	if err != nil {
		t.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	out := &notebook{}
	if _, err := net.Fit(loader, fashion.Training{Epochs: 1, Output: Bar(out)}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "softmax") || !strings.Contains(got, "0/4") {
		t.Errorf("the output of a training of 4 steps is %q, want a bar from 0/4", got)
	}
}
