package fashion

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fashionlab/fashion/internal/userpath"
)

// Runs opens all runs in $FASHION_RUNS, or in the folder "runs" when that is not
// set, in the order of their names. A folder that is not there holds no runs. A run
// that cannot be read is an error.
func Runs() ([]*Run, error) {
	root, err := userpath.Expand(filepath.Dir(RunDir("x")))
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var runs []*Run
	for _, entry := range entries {
		dir := filepath.Join(root, entry.Name())
		if _, err := os.Stat(filepath.Join(dir, runConfigFile)); err != nil {
			continue // something else, or a run that is just being made
		}
		run, err := OpenRun(dir + string(filepath.Separator))
		if err != nil {
			return nil, fmt.Errorf("list the runs: %w", err)
		}
		run.Dir = dir
		runs = append(runs, run)
	}
	return runs, nil
}

// Name is the name of the run's folder.
func (r *Run) Name() string { return filepath.Base(r.Dir) }
