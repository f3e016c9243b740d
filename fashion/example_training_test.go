package fashion_test

import (
	"fmt"
	"io"
	"log"

	"fashionlab/fashion"
)

func ExampleTraining() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 500, 100)
	if err != nil {
		log.Fatal(err)
	}
	train, err := fashion.NewLoader(data.Train.All(), 50, fashion.Shuffle(1))
	if err != nil {
		log.Fatal(err)
	}
	validation, err := fashion.NewLoader(data.Test.All(), 50)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	history, err := net.Fit(train, fashion.Training{Epochs: 3, Optimizer: fashion.Adam(0.01), Validation: validation})
	if err != nil {
		log.Fatal(err)
	}
	for _, epoch := range history.Epochs {
		fmt.Printf("epoch %d: better than 0.8: %v\n", epoch.Epoch, epoch.ValAccuracy > 0.8)
	}
	// Output:
	// epoch 1: better than 0.8: true
	// epoch 2: better than 0.8: true
	// epoch 3: better than 0.8: true
}

func ExampleHistory() {
	history := fashion.History{Epochs: []fashion.EpochResult{
		{Epoch: 1, TrainLoss: 0.9, Validated: true, ValLoss: 0.8, ValAccuracy: 0.7, Seconds: 2},
		{Epoch: 2, TrainLoss: 0.7, Validated: true, ValLoss: 0.7, ValAccuracy: 0.8, Seconds: 3},
	}}
	fmt.Println(history.TrainLosses(), history.ValLosses(), history.ValAccuracies(), history.Seconds())
	// Output:
	// [0.9 0.7] [0.8 0.7] [0.7 0.8] 5
}

func ExampleEpochResult() {
	fmt.Println(fashion.EpochResult{Epoch: 1, TrainLoss: 1.91371, Validated: true, ValLoss: 1.69751, ValAccuracy: 0.6173})
	fmt.Println(fashion.EpochResult{Epoch: 2, TrainLoss: 1.5})
	// Output:
	// epoch 1: train loss 1.9137, validation loss 1.6975, accuracy 0.6173
	// epoch 2: train loss 1.5000
}

func ExampleOptimizer() {
	fmt.Println(fashion.SGD(0.001))
	fmt.Println(fashion.CNN().DefaultOptimizer())
	fmt.Println(fashion.Optimizer{Name: "lion", LearningRate: 0.01}.Check())
	// Output:
	// sgd(lr=0.001)
	// adam(lr=0.01)
	// optimizer "lion", want sgd, adam or adamw
}

// A training loop that does the same as Fit.
func ExampleTrainer() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 512, 128)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 64, fashion.Shuffle(1))
	if err != nil {
		log.Fatal(err)
	}
	test, err := fashion.NewLoader(data.Test.All(), 64)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := fashion.NewTrainer(net, fashion.SGD(0.05))
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	for epoch := range 3 {
		total := 0.0
		for batch := range loader.Batches(epoch) {
			loss, err := trainer.Step(batch)
			if err != nil {
				log.Fatal(err)
			}
			total += loss
		}
		result, err := trainer.Evaluate(test)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("epoch %d: loss %.1f, accuracy %.1f\n", epoch+1, total/float64(loader.Len()), result.Accuracy)
	}
	// Output:
	// epoch 1: loss 2.1, accuracy 0.9
	// epoch 2: loss 1.8, accuracy 0.9
	// epoch 3: loss 1.5, accuracy 0.9
}

// steps is an Output that counts the steps.
type steps struct{ io.Writer }

func (s steps) Watch(at fashion.TrainingStatus) {
	if at.Ended {
		fmt.Printf("%d of %d steps, %d epochs recorded\n", at.Step, at.Steps, len(at.History.Epochs))
	}
}

func ExampleWatcher() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		log.Fatal(err)
	}
	train, err := fashion.NewLoader(data.Train.All(), 20)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := net.Fit(train, fashion.Training{Epochs: 2, Output: steps{io.Discard}}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 6 of 6 steps, 2 epochs recorded
}

func ExampleTrainingStatus() {
	at := fashion.TrainingStatus{Model: "cnn", Epochs: 10, StepsPerEpoch: 391, Step: 1000, Steps: 3910}
	fmt.Printf("%s: epoch %d of %d, %.0f %% done\n", at.Model, at.Step/at.StepsPerEpoch+1, at.Epochs, 100*float64(at.Step)/float64(at.Steps))
	// Output:
	// cnn: epoch 3 of 10, 26 % done
}

// A recipe has all settings of its training; fashion train -model fast uses it.
func ExampleRecipe() {
	recipe, err := fashion.RecipeByName("fast")
	if err != nil {
		log.Fatal(err)
	}
	recipe = recipe.WithEpochs(7)
	fmt.Println(recipe.Model.NumParameters(), recipe.BatchSize, recipe.Training.Epochs)
	fmt.Println(recipe.Training.Schedule, recipe.Training.Augment)
	// Output:
	// 163728 256 7
	// triangular(rise=0.2) [AlternatingFlip() RandomShift(1, padding_mode=reflect)]
}
