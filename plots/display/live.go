package display

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"fashionlab/plots"
)

// LiveOutput is an output whose content is replaced while the cell runs. The notebook keeps
// only its last content. Its place in the notebook is that of the first update.
type LiveOutput struct {
	session *session
	id      string
	shown   bool
	width   int // in a terminal: the number of columns of the last text
}

// Live returns an output that can be updated. It shows nothing before the first update.
func Live() *LiveOutput { return current.live() }

func (s *session) live() *LiveOutput {
	l := &LiveOutput{session: s}
	if s.notebook != nil {
		l.id = s.notebook.newID()
	}
	return l
}

// Update replaces the content by a text. In a terminal it rewrites the current
// line; in a file each text is a line.
func (l *LiveOutput) Update(text string) {
	s := l.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notebook != nil {
		l.replace(message{data: map[string]any{"text/plain": text}})
		return
	}
	if !s.terminal || strings.Contains(text, "\n") {
		fmt.Fprintln(s.out, text)
		return
	}
	width := utf8.RuneCountInString(text)
	fmt.Fprint(s.out, "\r"+text+strings.Repeat(" ", max(0, l.width-width)))
	l.width = width
}

// Show replaces the content by a figure. The arguments are those of [Show]. Outside a
// notebook it prints the text alternative.
func (l *LiveOutput) Show(figure *plots.Figure, err ...error) {
	for _, e := range err {
		Fail(e)
	}
	if figure == nil || l.session.notebook == nil {
		Fail(l.session.figure(figure))
		return
	}
	m, e := figureMessage(figure)
	Fail(e)
	l.session.mu.Lock()
	defer l.session.mu.Unlock()
	l.replace(m)
}

// Sketch is Show for a figure that is soon replaced. It draws only the SVG, which takes a
// fraction of the time. Call Show for the last figure, which stores the PNG, too. Outside a
// notebook Sketch shows nothing.
func (l *LiveOutput) Sketch(figure *plots.Figure, err ...error) {
	for _, e := range err {
		Fail(e)
	}
	if l.session.notebook == nil {
		return
	}
	var svg bytes.Buffer
	Fail(figure.WriteSVG(&svg))
	l.session.mu.Lock()
	defer l.session.mu.Unlock()
	l.replace(message{data: map[string]any{"image/svg+xml": svg.String(), "text/plain": figure.String()}})
}

// replace sends the next content. The first one ends a text before it.
func (l *LiveOutput) replace(m message) {
	m.id = l.id
	s := l.session
	if !l.shown {
		l.shown = true
		s.show(m)
		return
	}
	s.notebook.send(m)
	s.notebook.sync()
}
