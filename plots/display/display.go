// Package display shows text, figures and tables in a GoNB notebook, in the order of
// the calls.
//
// A cell's standard output and its pictures reach the notebook by separate paths and
// may arrive in another order. In a cell, print with [Println] and [Printf] of this
// package instead of those of fmt. Every call returns after the notebook has received
// the output, so nothing is lost when the cell's program ends.
//
// Consecutive texts become one output of the cell. Text that a program rewrites, such
// as a progress bar written to [Writer], is one output, too: the notebook keeps the
// last state of each line.
//
// Outside a notebook, everything goes to standard output as text, and a figure
// as its text alternative.
//
// Importing the package makes must.M of github.com/janpfeifer/must end a cell with
// a short message, see [Fail].
package display

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"fashionlab/plots"
)

// A message is one output of a cell: the same content in several formats.
type message struct {
	data     map[string]any // by MIME type: string, or []byte for PNG
	metadata map[string]any
	id       string // outputs with an id replace the earlier one with the same id
}

// A notebook receives messages.
type notebook interface {
	send(message)
	sync()         // returns when all sent messages have arrived
	newID() string // returns a new id
}

// A session is the state of one cell's program: the text that is written.
type session struct {
	mu       sync.Mutex
	notebook notebook  // nil outside a notebook
	out      io.Writer // where text goes without a notebook
	terminal bool      // out is a terminal

	text    *screen // the text output at the end of the cell, nil if something else is there
	textID  string
	dirty   bool // text has unsent changes
	sent    time.Time
	flusher *time.Timer
}

// textLimit is the size in bytes above which a new text output begins, since each change
// sends the whole text again.
const textLimit = 1 << 15

// refresh is the shortest time between two updates of a text that is rewritten.
const refresh = 100 * time.Millisecond

// print shows text at once.
func (s *session) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notebook == nil {
		io.WriteString(s.out, text)
		return
	}
	s.add([]byte(text))
	s.flush()
}

// add puts text on the screen, without sending it.
func (s *session) add(p []byte) {
	if s.text == nil {
		s.text, s.textID = &screen{}, s.notebook.newID()
	}
	s.text.write(p)
	s.dirty = true
	s.split()
}

// split closes a text output that has become long, at the last whole line.
func (s *session) split() {
	size := 0
	for _, line := range s.text.lines {
		size += len(line) + 1
	}
	last := len(s.text.lines) - 1
	if size <= textLimit || last < 1 || s.text.row != last {
		return
	}
	rest := &screen{lines: [][]rune{s.text.lines[last]}, column: s.text.column, pending: s.text.pending}
	s.text.lines = s.text.lines[:last]
	s.flush()
	s.text, s.textID, s.dirty = rest, s.notebook.newID(), len(rest.lines[0]) > 0
}

// flush sends the text if it has changed.
func (s *session) flush() {
	if s.flusher != nil {
		s.flusher.Stop()
		s.flusher = nil
	}
	if !s.dirty {
		return
	}
	s.dirty = false
	text := strings.TrimSuffix(s.text.String(), "\n")
	s.notebook.send(message{data: map[string]any{"text/plain": text}, id: s.textID})
	s.notebook.sync()
	s.sent = time.Now()
}

// show sends something that is not text: later text begins another output.
func (s *session) show(m message) {
	s.flush()
	s.text = nil
	s.notebook.send(m)
	s.notebook.sync()
}

// InNotebook reports whether this program runs as a cell of a notebook.
func InNotebook() bool { return current.notebook != nil }

// Print shows its arguments as fmt.Print does.
func Print(values ...any) { current.print(fmt.Sprint(values...)) }

// Printf shows its arguments as fmt.Printf does.
func Printf(format string, values ...any) { current.print(fmt.Sprintf(format, values...)) }

// Println shows its arguments as fmt.Println does.
func Println(values ...any) { current.print(fmt.Sprintln(values...)) }

// Show shows a figure. It takes the two results of a function of package plots:
//
//	display.Show(plots.Picture("9 Ankle boot", img))
//
// If there is an error, it ends the program as [Fail] does. The error may be omitted. The
// notebook stores the figure as SVG and PNG, and shows one of them; it also stores the
// text alternative.
func Show(figure *plots.Figure, err ...error) {
	for _, e := range err {
		Fail(e)
	}
	Fail(current.figure(figure))
}

func (s *session) figure(figure *plots.Figure) error {
	if figure == nil {
		return fmt.Errorf("show a figure: it is nil, want a figure; check the error of the function that draws it")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notebook == nil {
		_, err := fmt.Fprintln(s.out, figure)
		return err
	}
	m, err := figureMessage(figure)
	if err != nil {
		return err
	}
	s.show(m)
	return nil
}

// figureMessage returns a figure in the formats that notebooks support. JupyterLab does not
// show SVG in a notebook that was executed elsewhere, because it is not trusted; it shows the
// PNG. The message has the size, since the PNG has more pixels than CSS pixels.
func figureMessage(figure *plots.Figure) (message, error) {
	var svg, png bytes.Buffer
	if err := figure.WriteSVG(&svg); err != nil {
		return message{}, err
	}
	if err := figure.WritePNG(&png); err != nil {
		return message{}, err
	}
	width, height := figure.Size()
	return message{
		data: map[string]any{
			"image/svg+xml": svg.String(),
			"image/png":     png.Bytes(),
			"text/plain":    figure.String(),
		},
		metadata: map[string]any{"image/png": map[string]any{"width": width, "height": height}},
	}, nil
}

// Markdown shows text in Markdown, with formulas between dollar signs.
func Markdown(text string) {
	s := current
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notebook == nil {
		fmt.Fprintln(s.out, text)
		return
	}
	s.show(message{data: map[string]any{"text/markdown": text, "text/plain": text}})
}
