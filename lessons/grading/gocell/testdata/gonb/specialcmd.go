package specialcmd

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/janpfeifer/gonb/common"
	"github.com/janpfeifer/gonb/internal/goexec"
)

// See does with a cell what the kernel does when it is to be run, but runs nothing.
func See(dir, source string) (seen goexec.Seen) {
	defer func() {
		if p := recover(); p != nil {
			seen.Dies = fmt.Sprint(p)
		}
	}()
	lines := strings.Split(source, "\n")
	if words := splitCmd(goexec.TrimGonbCommentPrefix(lines[0])); len(words) > 0 && CellSpecialCommands.Has(words[0]) {
		seen.Other = true
		return
	}
	skip := MakeSet[int]()
	if err := Parse(nil, nil, false, lines, skip); err != nil {
		panic(err)
	}
	for i := range skip {
		seen.Skipped = append(seen.Skipped, i)
	}
	slices.Sort(seen.Skipped)
	if err := goexec.See(&seen, dir, lines, skip); err != nil {
		panic(err)
	}
	return
}
