package gocell

import (
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
)

// Token is a token of a cell as two programs are compared: whatever a name or
// a literal is, it counts as any other.
type Token struct {
	Kind  string `json:"kind"`  // name, literal, or the token itself; what Go declares itself, such as len, is no name
	Begin int    `json:"begin"` // in characters from the beginning of the cell
	End   int    `json:"end"`
}

// Tokens returns the tokens of a cell, without comments, without GoNB's
// commands, without calls that print, and without the semicolons that line ends
// stand for. What is no Go is left out.
func Tokens(source string) []Token {
	found, texts := []Token{}, []string{}
	lines := strings.Split(source, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, "\r")
	}
	if isOther(lines[0]) {
		return found
	}
	text := []byte(source)
	skip, at := new(file).findCommands(lines), 0
	for i, line := range strings.SplitAfter(source, "\n") {
		if skip[i] {
			blank(text, at, at+len(lines[i]))
		}
		at += len(line)
	}

	program := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(program, text, func(token.Position, string) {}, 0)
	bytes, characters := 0, 0
	in := func(offset int) int {
		characters += len([]rune(source[bytes:offset]))
		bytes = offset
		return characters
	}
	for {
		pos, kind, literal := s.Scan()
		if kind == token.EOF {
			return withoutPrinting(found, texts)
		}
		if kind == token.ILLEGAL || kind == token.SEMICOLON && literal == "\n" {
			continue
		}
		t := Token{Kind: kind.String()}
		length := len(t.Kind)
		switch {
		case kind == token.IDENT && types.Universe.Lookup(literal) == nil:
			t.Kind, length = "name", len(literal)
		case kind == token.IDENT:
			t.Kind, length = literal, len(literal)
		case kind.IsLiteral():
			t.Kind, length = "literal", len(literal)
		}
		begin := program.Offset(pos)
		t.Begin = in(begin)
		t.End = in(min(begin+length, len(source)))
		found, texts = append(found, t), append(texts, literal)
	}
}

// withoutPrinting leaves out calls such as fmt.Println(x): they are easily
// added, and are no part of a solution. texts has what the tokens say.
func withoutPrinting(tokens []Token, texts []string) []Token {
	closes := make([]int, len(tokens)) // where a parenthesis is closed; 0 if nowhere
	var open []int
	for i, t := range tokens {
		switch {
		case t.Kind == "(":
			open = append(open, i)
		case t.Kind == ")" && len(open) > 0:
			closes[open[len(open)-1]], open = i, open[:len(open)-1]
		}
	}
	kept := []Token{}
	for i := 0; i < len(tokens); i++ {
		prints := strings.HasPrefix(texts[i], "Print") || texts[i] == "print" || texts[i] == "println"
		if prints && i+1 < len(tokens) && closes[i+1] > 0 {
			for len(kept) >= 2 && kept[len(kept)-1].Kind == "." && kept[len(kept)-2].Kind == "name" {
				kept = kept[:len(kept)-2]
			}
			i = closes[i+1]
			continue
		}
		kept = append(kept, tokens[i])
	}
	return kept
}
