package fashion_test

import (
	"fmt"
	"log"

	"fashionlab/fashion"
)

// A Predictor compiles the network once and computes many small batches.
func ExamplePredictor() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	predictor, err := net.Predictor(8)
	if err != nil {
		log.Fatal(err)
	}
	defer predictor.Close()
	for n := 1; n <= 3; n++ {
		logits, err := predictor.Logits(make([]float32, n*fashion.ImagePixels))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(logits.Shape)
	}
	// Output:
	// [1 10]
	// [2 10]
	// [3 10]
}
