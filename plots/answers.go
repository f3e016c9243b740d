package plots

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An Answer is a model's prediction for one image.
type Answer struct {
	Image         image.Image
	Title         string    // shown above it, such as "test image 4023"
	Probabilities []float64 // one for each class, adding up to 1
	TrueClass     int       // -1 if it is not known
}

// barsShown is how many classes of an answer are drawn.
const barsShown = 3

// Answers draws one to twenty images in two columns, each with bars for the
// three most probable classes, as long as their probabilities, and for the true
// class if it is not among them. A right prediction has a blue bar and a tick, a
// wrong one a vermillion bar and a cross; the true class has a framed name.
func Answers(title string, names []string, answers ...Answer) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw answers: "+format, args...)
	}
	if len(answers) < 1 || len(answers) > 20 {
		return fail("%d answers, want 1 to 20", len(answers))
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	shown := make([][]int, len(answers))
	for i, a := range answers {
		if err := checkImage(fmt.Sprintf("image %d", i), a.Image); err != nil {
			return fail("%w", err)
		}
		if a.Image.Bounds().Size() != answers[0].Image.Bounds().Size() {
			return fail("image %d has another size than image 0", i)
		}
		if err := checkProbabilities(names, a.Probabilities, a.TrueClass); err != nil {
			return fail("answer %d (%q): %w", i, a.Title, err)
		}
		order := make([]int, len(names))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(a.Probabilities[y], a.Probabilities[x]) })
		shown[i] = slices.Clone(order[:min(barsShown, len(order))])
		if a.TrueClass >= 0 && !slices.Contains(shown[i], a.TrueClass) {
			shown[i] = append(shown[i], a.TrueClass)
		}
		if alternative.Len() > 0 {
			alternative.WriteByte('\n')
		}
		fmt.Fprintf(&alternative, "  %s:", strings.ReplaceAll(a.Title, "\n", " "))
		for k, class := range shown[i] {
			fmt.Fprintf(&alternative, " %s %s", names[class], percentText(a.Probabilities[class]))
			if note := answerNote(k, class, a.TrueClass); note != "" {
				alternative.WriteString(" (" + note + ")")
			}
			if k < len(shown[i])-1 {
				alternative.WriteByte(',')
			}
		}
	}

	nameWidth := widest(style(smallSize, true), names)
	const (
		columns = 2
		gap     = 18 * px
		pitch   = 20 * px
	)
	pixels := answers[0].Image.Bounds().Size()
	zoom := max(1, 84/max(pixels.X, pixels.Y))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	lines := 0
	for _, a := range answers {
		if a.Title != "" {
			lines = max(lines, strings.Count(a.Title, "\n")+1)
		}
	}
	titles := vg.Length(lines) * 15 * px
	used := (len(answers) + columns - 1) / columns
	row := titles + max(size.Y, pitch*(barsShown+1)) + 16*px
	header := vg.Length(0)
	if title != "" {
		header = 30 * px
	}
	height := header + vg.Length(used)*row + 2*margin - 16*px
	each := (figureWidth - 2*margin - gap) / columns
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		for i, a := range answers {
			left := wholePixels(c.Min.X + margin + vg.Length(i%columns)*(each+gap))
			top := c.Max.Y - margin - header - vg.Length(i/columns)*row
			drawLines(c, aligned(style(smallSize, false), draw.XLeft, draw.YBottom), vg.Point{X: left, Y: top - titles + 4*px}, a.Title, 15*px)
			box := vg.Rectangle{Min: vg.Point{X: left, Y: top - titles - size.Y}}
			box.Max = box.Min.Add(size)
			c.DrawImage(box, a.Image)
			strokeRectangle(c, draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, box)
			bars := left + size.X + 22*px + nameWidth
			full := left + each - 72*px - bars
			for k, class := range shown[i] {
				y := box.Max.Y - pitch*(vg.Length(k)+0.5) + 2*px
				drawAnswerBar(c, names[class], a.Probabilities[class], k, class, a.TrueClass, bars, full, y)
			}
		}
	}), nil
}

// drawAnswerBar draws a class's name, its bar, and its probability with a sign.
func drawAnswerBar(c draw.Canvas, name string, probability float64, rank, class, trueClass int, left, full, y vg.Length) {
	var fill color.Color = barGrey
	if rank == 0 {
		fill = blue
		if trueClass >= 0 && class != trueClass {
			fill = vermillion
		}
	}
	bar := vg.Rectangle{Min: vg.Point{X: left, Y: y - 6*px}, Max: vg.Point{X: left + vg.Length(min(probability, 1))*full, Y: y + 6*px}}
	c.StrokeLine2(draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, left, y-8*px, left, y+8*px)
	c.SetColor(fill)
	c.Fill(bar.Path())
	label := aligned(style(smallSize, class == trueClass), draw.XRight, draw.YCenter)
	c.FillText(label, vg.Point{X: left - 8*px, Y: y}, name)
	if class == trueClass {
		strokeRectangle(c, draw.LineStyle{Color: ink, Width: 1.25 * px}, vg.Rectangle{
			Min: vg.Point{X: left - 12*px - label.Width(name), Y: y - 8*px}, Max: vg.Point{X: left - 4*px, Y: y + 8*px},
		})
	}
	number := aligned(style(smallSize, rank == 0), draw.XLeft, draw.YCenter)
	text := percentText(probability)
	c.FillText(number, vg.Point{X: bar.Max.X + 5*px, Y: y}, text)
	if answerNote(rank, class, trueClass) != "" && (rank == 0 || class == trueClass) && trueClass >= 0 {
		drawSign(c, class == trueClass, vg.Point{X: bar.Max.X + 5*px + number.Width(text) + 10*px, Y: y})
	}
}

// percentText writes a probability in per cent with one decimal, and does not round it to 0
// or 100 % unless it is exactly 0 or 1.
func percentText(p float64) string {
	switch {
	case p > 0 && p < 0.0005:
		return "< 0.1 %"
	case p < 1 && p >= 0.9995:
		return "> 99.9 %"
	}
	return fmt.Sprintf("%.1f %%", 100*p)
}

// answerNote is the text form of the signs.
func answerNote(rank, class, trueClass int) string {
	switch {
	case rank == 0 && class == trueClass:
		return "predicted, true"
	case rank == 0 && trueClass >= 0:
		return "predicted, wrong"
	case rank == 0:
		return "predicted"
	case class == trueClass:
		return "true"
	}
	return ""
}

// checkProbabilities returns an error if the values are not a distribution over the named classes.
func checkProbabilities(names []string, probabilities []float64, trueClass int) error {
	if len(probabilities) == 0 {
		return errNoValues
	}
	if len(names) != len(probabilities) {
		return fmt.Errorf("%d class names for %d probabilities, want equally many", len(names), len(probabilities))
	}
	if trueClass < -1 || trueClass >= len(names) {
		return fmt.Errorf("the true class is %d, want 0 to %d, or -1 if it is unknown", trueClass, len(names)-1)
	}
	sum := 0.0
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1.0001) { // also catches NaN
			return fmt.Errorf("class %d (%s) has the probability %v, want a number in [0, 1]", i, names[i], p)
		}
		sum += p
	}
	if math.Abs(sum-1) > 0.001 {
		return fmt.Errorf("the probabilities add up to %.4g, want 1; apply the softmax function to logits first", sum)
	}
	return nil
}
