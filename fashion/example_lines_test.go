package fashion_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"fashionlab/fashion"
)

func ExampleLines() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 200, 10)
	if err != nil {
		log.Fatal(err)
	}
	train, err := fashion.NewLoader(data.Train.All(), 2)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	var output bytes.Buffer
	if _, err := net.Fit(train, fashion.Training{Epochs: 2, Output: &output, Lines: fashion.StepLines}); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(output.String()) {
		if before, _, found := strings.Cut(line, " Loss"); found {
			fmt.Println(before)
		}
	}
	// Output:
	// Epoch [1/2], Step [100/100],
	// Epoch [2/2], Step [100/100],
}
