package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion/challenge"
)

func TestChallengeWritesTheLineOfRunsThatHold(t *testing.T) {
	skipLongInShort(t)
	dir := t.TempDir()
	runs, table := filepath.Join(dir, "runs"), filepath.Join(dir, "challenge.md")
	for _, seed := range []string{"1", "2"} {
		succeed(t, "train", "-model", "softmax", "-run", filepath.Join(runs, "s-"+seed), "-split-size", "60000",
			"-epochs", "2", "-batch", "256", "-optimizer", "adam", "-lr", "0.005", "-seed", seed)
	}
	before := "# A table\n\n" + challenge.Header + "| other | 1 | 1 | 1 (1) | 0.1000 | – | 1.0 | x | y | all steps | z |\n\nThe end.\n"
	if err := os.WriteFile(table, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"challenge", "-run", runs, "-out", table, "-name", "mine", "-author", "Ann", "-date", "2026-11-30", "-replay", "all"}
	result := succeed(t, args...)
	wantFields(t, "challenge", result, "name", "parameters", "epochs", "seeds", "accuracies", "mean", "std", "minutes", "processor", "backend", "line", "runs", "problems")
	test := succeed(t, "eval", "-run", filepath.Join(runs, "s-1"))
	if got := result["accuracies"].([]any)[0]; got != test["accuracy"] {
		t.Errorf("challenge has the accuracy %v, eval %v", got, test["accuracy"])
	}
	line := result["line"].(string)
	want := strings.Replace(before, "| other", line+"\n| other", 1)
	text, err := os.ReadFile(table)
	if err != nil || string(text) != want {
		t.Errorf("%v: the file is\n%s\nwant\n%s", err, text, want)
	}
	if !strings.HasPrefix(line, "| mine | 7850 | 2 | 2 (1–2) | 0.8") || !strings.HasSuffix(line, " | all steps | Ann, 2026-11-30 |") {
		t.Errorf("the line is %s", line)
	}

	status, stdout, stderr := invoke("challenge", "-run", filepath.Join(runs, "s-1")+","+filepath.Join(runs, "s-2"), "-limit", "7000", "-out", table)
	if status != exitFailed || !strings.Contains(stderr, "7850 parameters, want at most 7000") || strings.Contains(stdout, "| entry |") {
		t.Errorf("status %d: %s\n%s", status, stderr, stdout)
	}
	if after, err := os.ReadFile(table); err != nil || string(after) != want {
		t.Errorf("an entry that does not hold changed the table: %v\n%s", err, after)
	}
}

func TestChallengeMarksARunByRules(t *testing.T) {
	skipLongInShort(t)
	dir := t.TempDir()
	run, rules := filepath.Join(dir, "run"), filepath.Join(dir, "rules.json")
	succeed(t, "train", "-model", "softmax", "-run", run, "-split-size", "60000", "-epochs", "1", "-optimizer", "adam", "-lr", "0.005")
	write := func(limit string) {
		text := `{"secret": "0123456789abcdef", "parameters": ` + limit + `, "accuracy_for_no_points": 0.5, "accuracy_for_all_points": 0.7, "points": 4, "images": 1000, "replayed_steps": 3}`
		if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("7850")
	mark := succeed(t, "challenge", "-run", run, "-rules", rules)
	wantFields(t, "challenge -rules", mark, "points", "of", "accuracy", "parameters", "minutes", "problems", "doubts")
	if mark["points"] != 4.0 || mark["of"] != 4.0 || mark["accuracy"].(float64) < 0.7 {
		t.Errorf("the mark is %v", mark)
	}
	write("7849")
	if mark := succeed(t, "challenge", "-run", run, "-rules", rules); mark["points"] != 0.0 || len(mark["problems"].([]any)) != 1 {
		t.Errorf("over the limit the mark is %v", mark)
	}
	if status, _, stderr := invoke("challenge", "-run", run, "-rules", rules, "-limit", "9"); status != exitUsage || !strings.Contains(stderr, "-limit does not go with -rules") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestChallengeExplainsWrongUsage(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for want, args := range map[string][]string{
		"-run is missing": {},
		`-tta "ten"`:      {"-run", missing, "-tta", "ten"},
		`-replay "some"`:  {"-run", missing, "-replay", "some"},
		"-limit 0":        {"-run", missing, "-limit", "0"},
		"no run in":       {"-run", missing},
	} {
		status, _, stderr := invoke(append([]string{"challenge"}, args...)...)
		if status == exitDone || (want != "no run in") != (status == exitUsage) || !strings.Contains(stderr, want) {
			t.Errorf("challenge %v: status %d, %s", args, status, stderr)
		}
	}
}
