package lessons

import (
	"fmt"
	"os"
)

// Report shows the results of checks at the end of an exercise. If all are nil it
// prints one line; otherwise it prints each error and ends the program with exit
// status 1, which fails the notebook's cell.
func Report(results ...error) {
	failed := false
	for _, err := range results {
		if err != nil {
			failed = true
			fmt.Println("✗", err)
		}
	}
	if failed {
		os.Exit(1)
	}
	fmt.Println("✓ all checks passed")
}
