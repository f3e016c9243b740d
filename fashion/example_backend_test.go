package fashion_test

import (
	"fmt"
	"os"

	"fashionlab/fashion"
)

func ExampleBackendChoice() {
	before, set := os.LookupEnv("GOMLX_BACKEND")
	os.Setenv("GOMLX_BACKEND", "go")
	choice := fashion.ChooseBackend()
	fmt.Println(choice.Name(), choice.Config)
	if set {
		os.Setenv("GOMLX_BACKEND", before)
	} else {
		os.Unsetenv("GOMLX_BACKEND")
	}
	// Output:
	// Go go
}
