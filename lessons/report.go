package lessons

import (
	"fmt"
	"os"
)

// Report shows the results of checks at the end of an exercise. If all are nil it
// prints one line; otherwise it writes each error to standard error and ends the
// program with exit status 1, which fails the notebook's cell.
//
// Failures go to standard error because JupyterLab's button Validate shows what
// is written there.
func Report(results ...error) {
	failed := false
	for _, err := range results {
		if err != nil {
			failed = true
			fmt.Fprintln(os.Stderr, "✗", err)
		}
	}
	if failed {
		os.Exit(1)
	}
	fmt.Println("✓ all checks passed")
}
