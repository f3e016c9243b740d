package fashion_test

import (
	"fmt"
	"log"

	"fashionlab/fashion"
)

func ExampleRandomSplit() {
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		log.Fatal(err)
	}
	train, validation, err := fashion.RandomSplit(data.Train, 1, 50, 10)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), validation.Len(), validation.Indices)
	_, _, err = fashion.RandomSplit(data.Train, 1, 50, 20)
	fmt.Println(err)
	// Output:
	// 50 10 [7 51 54 29 52 55 9 25 43 2]
	// split synthetic train (seed 1): 50 images for training and 20 for validation, want sizes that add up to its 60 images
}

func ExampleLoader() {
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 25)
	if err != nil {
		log.Fatal(err)
	}
	for batch := range loader.Batches(0) {
		fmt.Println(batch.Len(), "images, the first is image", batch.Indices[0])
	}
	// Output:
	// 25 images, the first is image 0
	// 25 images, the first is image 25
	// 10 images, the first is image 50
}

func ExampleBatch() {
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 4)
	if err != nil {
		log.Fatal(err)
	}
	batch := loader.First()
	fmt.Println(batch.Len(), batch.Indices, batch.Labels, len(batch.Images))
	// Output:
	// 4 [0 1 2 3] [9 2 7 6] 3136
}

// Every epoch has an order of its own, which depends on the seed and the
// epoch's number alone.
func ExampleShuffle() {
	data, err := fashion.Synthetic(1, 8, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 4, fashion.Shuffle(1))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(loader.Order(0), loader.Order(1))
	// Output:
	// [4 0 3 1 6 5 2 7] [5 1 2 4 6 3 0 7]
}
