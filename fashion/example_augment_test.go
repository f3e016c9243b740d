package fashion_test

import (
	"fmt"
	"log"

	"fashionlab/fashion"
)

func ExampleAugmentation() {
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 10)
	if err != nil {
		log.Fatal(err)
	}
	changes := []fashion.Augmentation{fashion.AlternatingFlip(), fashion.RandomShift(1, "reflect"), fashion.RandomErasing(0.5)}
	batch, err := fashion.Augment(loader.First(), 0, 1, changes...) // as Fit sees it in epoch 0 with Seed 1
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(batch.Len(), "images, changed by", changes[1])
	// Output:
	// 10 images, changed by RandomShift(1, padding_mode=reflect)
}

func ExampleView() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	image, err := data.Test.Image(7)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	views := []fashion.View{{}, {Flip: true}} // as FlipViews
	if net, err = net.WithViews(views...); err != nil {
		log.Fatal(err)
	}
	predictions, err := net.Predict(image)
	if err != nil {
		log.Fatal(err)
	}
	sum := 0.0
	for _, p := range predictions[0].Probabilities {
		sum += p
	}
	fmt.Printf("the mean of %d softmaxes sums to %.3f\n", len(views), sum)
	// Output:
	// the mean of 2 softmaxes sums to 1.000
}
