package progress

import (
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
			at := fashion.TrainingStatus{Model: model, Steps: 391000}
			add := func(steps int) { at.Step += steps; b.Watch(at) }
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
			at.Ended = true
			b.Watch(at)
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
