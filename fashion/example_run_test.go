package fashion_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"fashionlab/fashion"
)

// A training with a run can be stopped and continued, and its network opened later.
func ExampleRun() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "mine")
	data, err := fashion.Synthetic(1, 60, 10)
	if err != nil {
		log.Fatal(err)
	}
	train, err := fashion.NewLoader(data.Train.All(), 20, fashion.Shuffle(1))
	if err != nil {
		log.Fatal(err)
	}
	for _, epochs := range []int{1, 3} {
		net, err := fashion.SoftmaxRegression().Init(1)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := net.Fit(train, fashion.Training{Epochs: epochs, Run: name}); err != nil {
			log.Fatal(err)
		}
		run, err := fashion.OpenRun(name)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(run.Name(), run.Steps(), "steps,", len(run.History.Epochs), "epochs")
	}
	// Output:
	// mine 3 steps, 1 epochs
	// mine 9 steps, 3 epochs
}

func ExampleRunConfig() {
	folder, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	net, err := fashion.CNN().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	run, err := net.SaveRun(filepath.Join(folder, "mine"), map[string]string{"from": "an example"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.Config.Model, run.Config.Imported, run.Config.Notes)
	// Output:
	// cnn true map[from:an example]
}
