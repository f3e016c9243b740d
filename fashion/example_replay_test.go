package fashion_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"fashionlab/fashion"
)

// trainedRun trains softmax regression on synthetic images into a run, with one seed for all, and returns
// the images and the run.
func trainedRun(folder string, seed uint64) (*fashion.Data, *fashion.Run, error) {
	if err := fashion.UseBackend("go"); err != nil {
		return nil, nil, err
	}
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		return nil, nil, err
	}
	net, err := fashion.SoftmaxRegression().Init(seed)
	if err != nil {
		return nil, nil, err
	}
	train, err := fashion.NewLoader(data.Train.All(), 20, fashion.Shuffle(seed))
	if err != nil {
		return nil, nil, err
	}
	name := filepath.Join(folder, "mine")
	if _, err := net.Fit(train, fashion.Training{Epochs: 3, Seed: seed, Run: name}); err != nil {
		return nil, nil, err
	}
	run, err := fashion.OpenRun(name)
	return data, run, err
}

// A run is made again from its settings, and its first steps are compared.
func ExampleRebuilt() {
	folder, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	data, run, err := trainedRun(folder, 4)
	if err != nil {
		log.Fatal(err)
	}
	training, err := run.Rebuild(data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(training.Steps(), "steps, the same start:", training.SameStart)
	replay, err := training.Replay(context.Background(), 5, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(replay.Equal, "of", len(replay.Losses), "losses are equal")
	// Output:
	// 9 steps, the same start: true
	// 5 of 5 losses are equal
}

// A whole training made again gives the weights of the run.
func ExampleReplay() {
	folder, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	data, run, err := trainedRun(folder, 4)
	if err != nil {
		log.Fatal(err)
	}
	training, err := run.Rebuild(data)
	if err != nil {
		log.Fatal(err)
	}
	replay, err := training.Replay(context.Background(), training.Steps(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(replay.Network != nil, replay.SameWeights)
	// Output:
	// true true
}
