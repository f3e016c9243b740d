package display

import (
	"strings"
	"unicode/utf8"
)

// A screen interprets text as a terminal does, as far as progress bars need it: '\r' moves
// to the start of the line, so that the line is overwritten; '\n' begins a new line; escape
// sequences erase a line or move up. Other escape sequences, such as colours, are dropped.
type screen struct {
	lines   [][]rune
	row     int
	column  int
	pending []byte // an incomplete rune or escape sequence at the end of a write
}

// write interprets p as output to the screen.
func (s *screen) write(p []byte) {
	text := append(s.pending, p...)
	s.pending = nil
	for len(text) > 0 {
		if text[0] == '\x1b' {
			n, complete := escapeLength(text)
			if !complete {
				s.pending = append([]byte(nil), text...)
				return
			}
			s.escape(text[:n])
			text = text[n:]
			continue
		}
		if !utf8.FullRune(text) {
			s.pending = append([]byte(nil), text...)
			return
		}
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		s.put(r)
	}
}

// put writes one rune at the cursor.
func (s *screen) put(r rune) {
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, nil)
	}
	switch r {
	case '\r':
		s.column = 0
	case '\n':
		s.row++
		s.column = 0
		if len(s.lines) <= s.row {
			s.lines = append(s.lines, nil)
		}
	case '\b':
		s.column = max(0, s.column-1)
	default:
		line := s.lines[s.row]
		for len(line) < s.column {
			line = append(line, ' ')
		}
		if s.column < len(line) {
			line[s.column] = r
		} else {
			line = append(line, r)
		}
		s.lines[s.row] = line
		s.column++
	}
}

// maxEscape is the largest length of an escape sequence.
const maxEscape = 64

// escapeLength returns the length of the escape sequence at the start of text, and whether
// it is complete. Only sequences of the form ESC [ … letter have more than two bytes.
func escapeLength(text []byte) (n int, complete bool) {
	if len(text) < 2 {
		return 0, false
	}
	if text[1] != '[' {
		return 2, true
	}
	for i := 2; i < len(text); i++ {
		if text[i] >= 0x40 && text[i] <= 0x7e {
			return i + 1, true
		}
		if i >= maxEscape {
			return i, true
		}
	}
	return 0, false
}

// escape executes an escape sequence.
func (s *screen) escape(sequence []byte) {
	if len(sequence) < 3 || sequence[1] != '[' || s.row >= len(s.lines) {
		return
	}
	argument := string(sequence[2 : len(sequence)-1])
	count := 0
	for _, digit := range argument {
		if digit < '0' || digit > '9' {
			return
		}
		count = min(count*10+int(digit-'0'), 10000)
	}
	line := s.lines[s.row]
	switch sequence[len(sequence)-1] {
	case 'A': // up
		s.row = max(0, s.row-max(count, 1))
	case 'K': // erase in the line: 0 after the cursor, 1 up to it, 2 all
		switch count {
		case 0:
			s.lines[s.row] = line[:min(s.column, len(line))]
		case 1:
			for i := range min(s.column+1, len(line)) {
				line[i] = ' '
			}
		case 2:
			s.lines[s.row] = nil
		}
	case 'J': // erase below
		if count == 0 {
			s.lines[s.row] = line[:min(s.column, len(line))]
			s.lines = s.lines[:s.row+1]
		}
	}
}

// String returns the text on the screen, without spaces at the ends of lines.
func (s *screen) String() string {
	var b strings.Builder
	for i, line := range s.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(string(line), " "))
	}
	return b.String()
}
