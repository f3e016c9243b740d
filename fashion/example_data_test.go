package fashion_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"fashionlab/fashion"
)

func ExampleData() {
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Train.Len(), "images to learn from,", data.Test.Len(), "to test with")
	fmt.Println(data.Test.Name)
	// Output:
	// 60 images to learn from, 10 to test with
	// synthetic test (seed 1)
}

// The folder of the official files, which come with the course.
func ExampleFileInfo() {
	cache, err := os.MkdirTemp("", "fashion")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(cache)
	data, err := fashion.LoadContext(context.Background(), fashion.LoadOptions{Dir: "../data/fashion", CacheDir: cache})
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range data.Files {
		fmt.Println(file.Name, file.Bytes, file.Verified)
	}
	// Output:
	// train-images-idx3-ubyte 47040016 true
	// train-labels-idx1-ubyte 60008 true
	// t10k-images-idx3-ubyte 7840016 true
	// t10k-labels-idx1-ubyte 10008 true
}

func ExampleDataset() {
	data, err := fashion.Synthetic(1, 20, 10)
	if err != nil {
		log.Fatal(err)
	}
	train := data.Train
	fmt.Println("labels:", train.Labels[:10])
	first, err := train.Image(0)
	fmt.Println(first.ClassName(), err)
	_, err = train.Image(20)
	fmt.Println(err)
	// Output:
	// labels: [9 2 7 6 4 5 3 8 1 0]
	// Ankle boot <nil>
	// image 20 of synthetic train (seed 1): want a position from 0 to 19
}

func ExampleImage() {
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	image, err := data.Train.Image(3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(image.Index, image.Label, image.ClassName())
	fmt.Println(image.Bounds(), len(image.Pixels), image.At(-1, 0))
	// Output:
	// 3 6 Shirt
	// (0,0)-(28,28) 784 {0}
}

func ExampleDuplicate() {
	data, err := fashion.Synthetic(1, 20, 10)
	if err != nil {
		log.Fatal(err)
	}
	copy(data.Test.Images[3*fashion.ImagePixels:4*fashion.ImagePixels], data.Train.Images[5*fashion.ImagePixels:])
	pairs, err := data.Train.Duplicates(0, data.Test)
	if err != nil {
		log.Fatal(err)
	}
	for _, pair := range pairs {
		fmt.Printf("image %d of %s and image %d of %s, distance %v\n",
			pair.First.Index, pair.FirstSet.Name, pair.Second.Index, pair.SecondSet.Name, pair.Distance)
	}
	// Output:
	// image 5 of synthetic train (seed 1) and image 3 of synthetic test (seed 1), distance 0
}

func ExampleLoadOptions() {
	empty, err := os.MkdirTemp("", "fashion")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(empty)
	_, err = fashion.LoadContext(context.Background(), fashion.LoadOptions{Dir: empty, Offline: true})
	fmt.Println(errors.Is(err, fashion.ErrNoData))
	// Output:
	// true
}
