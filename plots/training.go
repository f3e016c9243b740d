package plots

import (
	"fmt"
	"math"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// TrainingState is the progress of a training.
type TrainingState struct {
	// Epochs is the total number of epochs, StepsPerEpoch the number of steps in
	// each; both at least 1.
	Epochs, StepsPerEpoch int
	// StepLosses holds the loss of each step so far, in nats.
	StepLosses []float64
	// ValLosses (in nats) and ValAccuracies (in [0, 1]) hold one value for each epoch
	// so far. They are equally long, and empty without validation.
	ValLosses, ValAccuracies []float64
	// ImagesPerSecond is the speed, 0 if it is unknown.
	ImagesPerSecond float64
	// Left is the remaining time, 0 if it is unknown.
	Left time.Duration
	// Ended is true when the training has ended.
	Ended bool
}

// lossPoints is the largest number of points in the curve of losses. More would not be
// visible.
const lossPoints = 240

// Training draws a training in progress or a finished one. On the left are the training
// loss, averaged over neighbouring batches if there are many, and the validation loss after
// each epoch. On the right is the validation accuracy in per cent. Below are the progress,
// the speed and the remaining time. The axis of epochs always includes the whole training,
// so the curves grow into the picture.
func Training(title string, s TrainingState) (*Figure, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("draw a training: %w", err)
	}
	total := s.Epochs * s.StepsPerEpoch
	bin := (total + lossPoints - 1) / lossPoints
	var train plotter.XYs
	for start := 0; start < len(s.StepLosses); start += bin {
		end := min(start+bin, len(s.StepLosses))
		sum := 0.0
		for _, loss := range s.StepLosses[start:end] {
			sum += loss
		}
		train = append(train, plotter.XY{X: float64(start+end) / 2 / float64(s.StepsPerEpoch), Y: sum / float64(end-start)})
	}
	trainName := "training, each batch"
	if bin > 1 {
		trainName = fmt.Sprintf("training, mean of %d batches", bin)
	}
	trainLine := draw.LineStyle{Color: skyBlue, Width: 1.75 * px}
	losses, accuracies := s.validation(s.ValLosses, 1), s.validation(s.ValAccuracies, 100)

	left, err := s.panel("loss (cross-entropy)", 0, train, trainLine, losses)
	if err != nil {
		return nil, fmt.Errorf("draw a training: %w", err)
	}
	right, err := s.panel("validation accuracy (%)", 100, nil, trainLine, accuracies)
	if err != nil {
		return nil, fmt.Errorf("draw a training: %w", err)
	}
	legend := []key{{name: trainName, line: trainLine, glyph: draw.GlyphStyle{Color: ink, Shape: noGlyph{}}}}
	if len(losses) > 0 || !s.Ended {
		legend = append(legend, key{name: "validation, after each epoch", line: validationLine, glyph: validationGlyph})
	}
	rows := keyRows(legend, figureWidth-2*margin)
	status := s.status()
	alternative := status
	if title != "" {
		alternative = title + ": " + status
	}
	const height = 250 * px
	header := 8 * px
	if title != "" {
		header = 30 * px
	}
	footer := keyHeight*vg.Length(len(rows)) + 26*px
	return newFigure(figureWidth, header+height+footer+margin, alternative, func(c draw.Canvas) {
		drawTitle(c, title)
		inner := draw.Crop(c, margin, -margin, margin+footer, -margin-header)
		for i, area := range inColumns(inner, 2) {
			p := []*plot.Plot{left, right}[i]
			p.Draw(area)
			note := ""
			switch {
			case i == 0 && len(train) == 0:
				note = "the first batches are under way"
			case i == 1 && len(accuracies) == 0 && s.Ended:
				note = "not evaluated"
			case i == 1 && len(accuracies) == 0:
				note = "known after the first epoch"
			}
			muted := aligned(style(smallSize, false), draw.XCenter, draw.YCenter)
			muted.Color = mutedInk
			data := p.DataCanvas(area)
			c.FillText(muted, data.Center(), note)
		}
		drawKeys(c, rows, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2 + 24*px})
		s.drawBar(c, vg.Point{X: c.Min.X + margin, Y: c.Min.Y + margin}, status)
	}), nil
}

// The style of the validation curves: the crosses of the homework's plots.
var (
	validationLine  = draw.LineStyle{Color: vermillion, Width: 1.75 * px}
	validationGlyph = draw.GlyphStyle{Color: vermillion, Radius: 4 * px, Shape: boldCross{}}
)

// check returns an error for values that cannot be drawn.
func (s TrainingState) check() error {
	if s.Epochs < 1 || s.StepsPerEpoch < 1 {
		return fmt.Errorf("%d epochs of %d steps, want at least 1 of each", s.Epochs, s.StepsPerEpoch)
	}
	if len(s.StepLosses) > s.Epochs*s.StepsPerEpoch {
		return fmt.Errorf("%d losses, want at most those of %d epochs of %d steps", len(s.StepLosses), s.Epochs, s.StepsPerEpoch)
	}
	if len(s.ValLosses) != len(s.ValAccuracies) || len(s.ValLosses) > s.Epochs {
		return fmt.Errorf("%d validation losses and %d accuracies in %d epochs, want equally many and at most one for each epoch", len(s.ValLosses), len(s.ValAccuracies), s.Epochs)
	}
	if !(s.ImagesPerSecond >= 0) || s.Left < 0 {
		return fmt.Errorf("%v images per second and %v left, want 0 or more of each", s.ImagesPerSecond, s.Left)
	}
	for i, v := range s.StepLosses {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the loss of step %d is %v, want a finite number; the training diverged", i+1, v)
		}
	}
	for i, v := range s.ValLosses {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the validation loss of epoch %d is %v, want a finite number; the training diverged", i+1, v)
		}
		if a := s.ValAccuracies[i]; !(a >= 0 && a <= 1) { // also catches NaN
			return fmt.Errorf("the validation accuracy of epoch %d is %v, want a number in [0, 1]", i+1, a)
		}
	}
	return nil
}

// validation returns the points of the validation curves.
func (s TrainingState) validation(values []float64, factor float64) plotter.XYs {
	var points plotter.XYs
	for i, v := range values {
		points = append(points, plotter.XY{X: float64(i + 1), Y: factor * v})
	}
	return points
}

// panel draws one of the two plots. highest is the upper limit of its y axis, 0 for no
// limit.
func (s TrainingState) panel(yLabel string, highest float64, train plotter.XYs, trainLine draw.LineStyle, validation plotter.XYs) (*plot.Plot, error) {
	p := newPlot("", "epoch", yLabel)
	p.Add(grid())
	p.X.Min, p.X.Max = 0, float64(s.Epochs)
	p.X.Tick.Marker, p.Y.Tick.Marker = epochTicks{}, roundTicks{}
	low, high := math.Inf(1), math.Inf(-1)
	for _, points := range []plotter.XYs{train, validation} {
		for _, at := range points {
			low, high = min(low, at.Y), max(high, at.Y)
		}
	}
	if math.IsInf(low, 0) { // no values yet
		low, high = 0, max(highest, 2.5)
	}
	room := max((high-low)*0.06, 0.01*math.Abs(high), 1e-6)
	p.Y.Min, p.Y.Max = max(low-room, 0), high+room
	if highest > 0 {
		p.Y.Max = min(p.Y.Max, highest)
	}
	if len(train) > 0 {
		line, err := plotter.NewLine(train)
		if err != nil {
			return nil, err
		}
		line.LineStyle = trainLine
		p.Add(line)
	}
	if len(validation) > 0 {
		line, marks, err := plotter.NewLinePoints(validation)
		if err != nil {
			return nil, err
		}
		line.LineStyle, marks.GlyphStyle = validationLine, validationGlyph
		p.Add(line, marks)
	}
	return p, nil
}

// status describes the progress of the training.
func (s TrainingState) status() string {
	steps := len(s.StepLosses)
	var b strings.Builder
	switch epoch := steps/s.StepsPerEpoch + 1; {
	case steps == s.Epochs*s.StepsPerEpoch:
		fmt.Fprintf(&b, "%d of %d epochs done", s.Epochs, s.Epochs)
	case s.Ended:
		fmt.Fprintf(&b, "stopped in epoch %d of %d after %d steps", epoch, s.Epochs, steps)
	default:
		fmt.Fprintf(&b, "epoch %d of %d", epoch, s.Epochs)
	}
	if s.ImagesPerSecond > 0 {
		fmt.Fprintf(&b, " · %s images/s", grouped(int(math.Round(s.ImagesPerSecond))))
	}
	if s.Left > 0 {
		fmt.Fprintf(&b, " · %s left", clock(s.Left))
	}
	if n := len(s.ValLosses); n > 0 {
		fmt.Fprintf(&b, " · validation: loss %.4f, accuracy %.1f %%", s.ValLosses[n-1], 100*s.ValAccuracies[n-1])
	}
	return b.String()
}

// drawBar draws the completed share of the training, and the status.
func (s TrainingState) drawBar(c draw.Canvas, corner vg.Point, status string) {
	const width, height = 96 * px, 8 * px
	share := vg.Length(len(s.StepLosses)) / vg.Length(s.Epochs*s.StepsPerEpoch)
	bar := vg.Rectangle{Min: corner, Max: corner.Add(vg.Point{X: width * share, Y: height})}
	c.SetColor(blue)
	c.Fill(bar.Path())
	strokeRectangle(c, draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, vg.Rectangle{Min: corner, Max: corner.Add(vg.Point{X: width, Y: height})})
	c.FillText(aligned(style(smallSize, false), draw.XLeft, draw.YCenter), vg.Point{X: corner.X + width + 10*px, Y: corner.Y + height/2}, status)
}

// clock writes a duration: 42 s, 3:05 min, 1:02 h.
func clock(d time.Duration) string {
	seconds := int(math.Ceil(d.Seconds()))
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d:%02d min", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d h", seconds/3600, seconds/60%60)
}
