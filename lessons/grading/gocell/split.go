package gocell

import (
	"fmt"
	"strings"
)

// Command is what a cell has for the kernel itself, such as !ls and %env A 1.
type Command struct {
	Line int    `json:"line"` // in the cell, from 1
	Text string `json:"text"` // on one line, where it is continued with backslashes too
}

// What GoNB writes at the beginning of a file and of main.
const (
	head  = "package main\n\n"
	begin = "\tflag.Parse()\n"
)

// file is the Go file that GoNB makes of a cell before it parses any Go: what
// is for the kernel is decided line by line, in strings and comments too.
type file struct {
	text     string
	lines    []int // of each of the text's lines: the one in the cell, from 1, or 0
	mark     int   // where the first func main stands that a line %%, %main or %exec begins; -1 without one
	body     int   // where the lines behind it begin
	commands []Command
	other    bool   // the cell is another program's: %%bash and the like
	ends     string // why the kernel ends with an error of its own; empty if it does not
}

// split follows version 0.11.5 of GoNB: handleExecuteRequest in
// internal/dispatcher, Parse in internal/specialcmd and createGoFileFromLines
// in internal/goexec/composer.go.
func split(source string) file {
	lines := strings.Split(source, "\n")
	f := file{mark: -1}
	if isOther(lines[0]) {
		f.other, f.commands = true, []Command{{1, trim(lines[0])}}
		return f
	}
	skip := f.findCommands(lines)

	var b strings.Builder
	write := func(line int, text string) {
		b.WriteString(text)
		for range strings.Count(text, "\n") {
			f.lines = append(f.lines, line)
		}
	}
	last := 0
	main := func(line int, body string) {
		last = line
		if f.mark < 0 {
			f.mark = b.Len()
		}
		write(line, "func main() {\n"+begin+body)
		if f.body == 0 {
			f.body = b.Len()
		}
	}
	write(0, head)
	open := false
	for i, line := range lines {
		// What begins main does so where it continues a command, too.
		switch command := trim(line); {
		case isMain(command):
			main(i+1, "")
			open = true
		case strings.HasPrefix(command, "%exec"):
			_, name, _ := strings.Cut(command, " ")
			name, _, _ = strings.Cut(name, " ")
			main(i+1, "\t"+name+"()\n}\n")
		case skip[i] || strings.HasPrefix(line, "package"):
		default:
			write(i+1, line+"\n")
		}
	}
	if open {
		write(0, "\n}\n")
	}
	// GoNB has room for five lines more than the cell has, and ends where it needs more.
	if len(f.lines) > len(lines)+5 && f.ends == "" {
		f.ends = fmt.Sprintf("line %d: a second line %%%% or the like ends the kernel: let a new cell begin there", last)
	}
	f.text = b.String()
	return f
}

// findCommands notes the commands for the kernel and returns their lines.
func (f *file) findCommands(lines []string) map[int]bool {
	skip := map[int]bool{}
	for i := range lines {
		if skip[i] || !isCommand(trim(lines[i])) {
			continue
		}
		text := ""
		for j := i; j < len(lines); j++ {
			text += trim(lines[j])
			skip[j] = true
			if !strings.HasSuffix(text, `\`) {
				break
			}
			text = strings.TrimSuffix(text, `\`) + " "
		}
		if strings.Trim(text[1:], " \t") == "" {
			f.ends = fmt.Sprintf("line %d: %% or ! with nothing behind it ends the kernel: delete the line", i+1)
		}
		switch firstWord(text[1:]) {
		case "%", "main", "exec":
			if text[0] == '%' {
				continue
			}
		}
		f.commands = append(f.commands, Command{i + 1, strings.TrimSpace(text)})
	}
	return skip
}

// trim returns a line without the comment that hides a command from editors.
func trim(line string) string {
	return strings.TrimPrefix(line, "//gonb:")
}

func isCommand(line string) bool {
	return len(line) > 1 && (line[0] == '%' || line[0] == '!')
}

// isMain reports whether what follows the line is the body of main.
func isMain(line string) bool {
	return strings.HasPrefix(line, "%main") || line == "%%" || strings.HasPrefix(line, "%% ") || strings.HasPrefix(line, "%%\t")
}

// isOther reports whether a cell that begins with the line is no Go at all.
func isOther(line string) bool {
	switch firstWord(trim(line)) {
	case "%%writefile", "%%script", "%%bash", "%%sh", "%%gx":
		return true
	}
	return false
}

// firstWord returns a command's first word, as splitCmd in
// internal/specialcmd/specialcmd.go has it.
func firstWord(command string) string {
	var word []byte
	started, quoted := false, false
	for i := 0; i < len(command); i++ {
		c := command[i]
		switch {
		case !quoted && (c == ' ' || c == '\t' || c == '\n'):
			if started {
				return string(word)
			}
			continue
		case c == '"':
			quoted = !quoted
			started = true
			continue
		case c == '\\' && quoted:
			if i++; i == len(command) {
				return string(word)
			}
			c = command[i]
			if c == 'n' {
				c = '\n'
			} else if c == 't' {
				c = '\t'
			}
		}
		word = append(word, c)
		started = true
	}
	return string(word)
}
