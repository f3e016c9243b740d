package challenge

import (
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

func entry(name string, mean float64) *Entry {
	std := 0.00123
	return &Entry{
		Name: name, Parameters: 280000, Epochs: 6, Seeds: []uint64{3, 1, 2, 7}, Mean: mean, Std: &std, Minutes: 2.34, Views: "six",
		Processor: "A|B, 2 cores", Backend: "backend XLA: the CPU plugin x; 2 devices", Steps: 50, Author: "Žofie", Date: "2026-11-30",
	}
}

func TestALineHasTheColumnsOfTheHead(t *testing.T) {
	e := entry("a_b|c", 0.93)
	e.Link = "https://example.org/x"
	line, err := e.Line()
	want := `| [a\_b\|c](https://example.org/x) | 280000 | 6 | 4 (1–3, 7) | 0.9300 ± 0.0012 | six | 2.3 (recorded) | A\|B, 2 cores | XLA; 2 devices | 50 steps | Žofie, 2026-11-30 |`
	if err != nil || line != want {
		t.Errorf("the line is %v\n%s\nwant\n%s", err, line, want)
	}
	if head, got := len(cellsOf(strings.Split(Header, "\n")[0])), len(cellsOf(line)); got != head || head != 11 {
		t.Errorf("%d cells under a head of %d", got, head)
	}
	one := entry("one\nline", 0.9)
	one.Std, one.Seeds, one.Views, one.Complete, one.Author = nil, []uint64{4}, "", true, ""
	if line, err := one.Line(); err != nil || !strings.HasPrefix(line, "| one line | 280000 | 6 | 1 (4) | 0.9000 | – | 2.3 | ") || !strings.HasSuffix(line, " | all steps | 2026-11-30 |") {
		t.Errorf("the line is %v %s", err, line)
	}
	for _, link := range []string{"javascript:alert(1)", "a b", "x)y", "x|y"} {
		if e.Link = link; true {
			if _, err := e.Line(); err == nil {
				t.Errorf("the link %q was accepted", link)
			}
		}
	}
	if _, err := entry(" ", 0.9).Line(); err == nil {
		t.Error("an entry without a name was accepted")
	}
}

func TestThePageOfTheChallengeHasTheTable(t *testing.T) {
	text := string(testfiles.Read(t, filepath.Join("..", "..", "docs", "challenge.md")))
	if _, err := Insert(text, entry("x", 0.9)); err != nil {
		t.Error(err)
	}
}

func TestInsertKeepsTheOrderAndEverythingElse(t *testing.T) {
	before, after := "# Title\n\n", "\nText after.\n| not | a | row |\n"
	text := before + Header + after
	insert := func(e *Entry) {
		t.Helper()
		var err error
		if text, err = Insert(text, e); err != nil {
			t.Fatal(err)
		}
	}
	order := func(want ...string) {
		t.Helper()
		if !strings.HasPrefix(text, before+Header) || !strings.HasSuffix(text, after) {
			t.Errorf("the rest changed:\n%s", text)
		}
		rows := strings.Split(strings.TrimSuffix(text[len(before+Header):len(text)-len(after)], "\n"), "\n")
		var names []string
		for _, row := range rows {
			names = append(names, firstCell(row))
		}
		if strings.Join(names, ",") != strings.Join(want, ",") {
			t.Errorf("the entries are %q, want %q", names, want)
		}
	}
	insert(entry("b", 0.93))
	insert(entry("a", 0.94))
	insert(entry("c", 0.92))
	order("a", "b", "c")
	byHand := "| by hand |  no cells in   this form |"
	text = strings.Replace(text, "| c |", byHand+"\n| c |", 1)
	linked := entry("b", 0.95)
	linked.Link = "b.md"
	insert(linked)
	order("b", "a", "by hand", "c")
	if !strings.Contains(text, byHand+"\n") {
		t.Error("a line that stood in the table changed")
	}
	insert(entry("b", 0.91))
	order("a", "by hand", "c", "b")
	insert(entry("d", 0.92)) // equal: the earlier entry stays first
	order("a", "by hand", "c", "d", "b")

	if _, err := Insert("# no table\n", entry("x", 0.9)); err == nil {
		t.Error("a text without the table was accepted")
	}
	if got, err := Insert(strings.TrimSuffix(Header, "\n"), entry("x", 0.9)); err == nil {
		t.Errorf("a head without its end gave %q", got)
	}
}
