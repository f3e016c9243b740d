package display

import (
	"strings"
	"testing"
)

func TestScreenShowsWhatATerminalWould(t *testing.T) {
	for name, test := range map[string]struct{ writes, want string }{
		"plain lines":                  {"a\nb\n", "a\nb\n"},
		"a rewritten line":             {"10 %\r|20 %", "20 %"},
		"a shorter text leaves a rest": {"abcdef\rxy", "xycdef"},
		"blanks clear the line":        {"abcdef\r      \rxy", "xy"},
		"erase the whole line":         {"abcdef\x1b[2K\rxy", "xy"},
		"erase behind the cursor":      {"abcdef\rxy\x1b[K", "xy"},
		"erase up to the cursor":       {"abcdef\rxy\x1b[1K", "   def"},
		"a split escape sequence":      {"abc\x1b|[|2|K\rz", "z"},
		"a split rune":                 {"10 \xe2|\x96|\x88", "10 █"},
		"colours are dropped":          {"\x1b[1;31mred\x1b[0m", "red"},
		"up and overwrite":             {"one\ntwo\n\x1b[2Ax", "xne\ntwo\n"},
		"erase below":                  {"one\ntwo\x1b[1A\r\x1b[J", ""},
		"backspace":                    {"ab\bc", "ac"},
		"windows line ends":            {"a\r\nb", "a\nb"},
		"up beyond the top":            {"a\x1b[9Ab", "ab"},
		"an escape that never ends":    {"\x1b[" + strings.Repeat("1", 200) + "mx", "*"},
		"a final lasting line":         {"\r10|\r20|\rEpoch [0]\n", "Epoch [0]\n"},
	} {
		s := &screen{}
		for _, part := range strings.Split(test.writes, "|") {
			s.write([]byte(part))
		}
		if got := s.String(); got != test.want && test.want != "*" {
			t.Errorf("%s: %q shows %q, want %q", name, test.writes, got, test.want)
		}
	}
}
