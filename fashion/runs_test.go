package fashion

import (
	"os"
	"path/filepath"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

func TestRunsListsTheRunsOfTheFolder(t *testing.T) {
	useBackend(t, "go")
	root := filepath.Join(t.TempDir(), "runs")
	t.Setenv("FASHION_RUNS", root)
	if runs, err := Runs(); err != nil || len(runs) != 0 {
		t.Fatalf("a folder that is not there holds the runs %v, %v", runs, err)
	}
	train, _, _ := smallTask(t)
	for _, name := range []string{"b", "a"} {
		if _, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 1, Run: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "something else"), 0o755); err != nil {
		t.Fatal(err)
	}
	runs, err := Runs()
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 || runs[0].Name() != "a" || runs[1].Name() != "b" || runs[0].Steps() != 10 {
		t.Errorf("the runs are %v", runs)
	}
	testfiles.Write(t, filepath.Join(root, "a", runConfigFile), []byte("{"))
	if _, err := Runs(); err == nil {
		t.Error("a damaged run was passed over")
	}
}
