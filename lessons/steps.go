package lessons

// CheckSteps checks Steps(images, batchSize, epochs): how many steps a training
// takes, short batches included.
func CheckSteps(steps func(images, batchSize, epochs int) int) error {
	return checkSteps(steps, [3]int{1000, 300, 5})
}

// CheckStepsFurther checks Steps for the homework's training, and where the batch
// size divides the number of images or is above it.
func CheckStepsFurther(steps func(images, batchSize, epochs int) int) error {
	return checkSteps(steps, [3]int{50000, 128, 10}, [3]int{1000, 250, 3}, [3]int{7, 10, 2}, [3]int{10, 1, 1}, [3]int{129, 128, 2}, [3]int{10, 5, 0})
}

func checkSteps(steps func(images, batchSize, epochs int) int, cases ...[3]int) error {
	for _, k := range cases {
		images, batchSize, epochs := k[0], k[1], k[2]
		call := callOf("Steps", images, batchSize, epochs)
		var got int
		if err := call.run(func() { got = steps(images, batchSize, epochs) }); err != nil {
			return err
		}
		want := stepsOf(images, batchSize, epochs)
		if got == want {
			continue
		}
		same := func(a, b int) bool { return a == b }
		return call.wrong(got, want, "%s", likelyCause(got, same, "an epoch has a step for each batch, and the last batch may be short",
			mistake[int]{images / batchSize * epochs, "the last, shorter batch is a step, too; round the number of batches up"},
			mistake[int]{want / max(epochs, 1), "these are the steps of one epoch; multiply by the number of epochs"},
			mistake[int]{images * epochs, "that would be a step for each image; a step takes a whole batch"},
			mistake[int]{(images*epochs + batchSize - 1) / batchSize, "each epoch ends with a short batch of its own; round up in each epoch, and multiply afterwards"},
			mistake[int]{images * epochs / batchSize, "each epoch ends with a short batch of its own; round the batches of an epoch up, and multiply afterwards"},
			mistake[int]{(images/batchSize + 1) * epochs, "where the batch size divides the number of images, there is no short batch; add 1 only where something is left"},
		))
	}
	return nil
}

// stepsOf is the reference.
func stepsOf(images, batchSize, epochs int) int {
	return (images + batchSize - 1) / batchSize * epochs
}
