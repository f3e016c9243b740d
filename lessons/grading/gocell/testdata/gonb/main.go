// Command see tells what GoNB sees in cells: JSON in, JSON out.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/janpfeifer/gonb/internal/goexec"
	"github.com/janpfeifer/gonb/internal/specialcmd"
)

func main() {
	dir, err := os.MkdirTemp("", "see")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var cells []string
	if err := json.NewDecoder(os.Stdin).Decode(&cells); err != nil {
		log.Fatal(err)
	}
	seen := make([]goexec.Seen, len(cells))
	for i, cell := range cells {
		seen[i] = specialcmd.See(dir, cell)
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		log.Fatal(err)
	}
}
