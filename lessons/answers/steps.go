package answers

import "fashionlab/lessons"

func visibleSteps() []lessons.Case {
	return each(stepsCaseOf, [3]int{1000, 300, 5})
}

// CheckStepsFurther checks Steps for the homework's training, and where the batch
// size divides the number of images or is above it.
func CheckStepsFurther(steps func(images, batchSize, epochs int) int) error {
	return check("Steps", steps, stepsCaseOf, [3]int{50000, 128, 10}, [3]int{1000, 250, 3}, [3]int{7, 10, 2}, [3]int{10, 1, 1}, [3]int{129, 128, 2}, [3]int{10, 5, 0})
}

// stepsCaseOf is a call, with the right result and those of typical mistakes.
func stepsCaseOf(k [3]int) lessons.Case {
	images, batchSize, epochs := k[0], k[1], k[2]
	want := stepsOf(images, batchSize, epochs)
	causes := []lessons.Cause{
		lessons.Gives(images/batchSize*epochs, "the last, shorter batch is a step, too; round the number of batches up"),
		lessons.Gives(want/max(epochs, 1), "these are the steps of one epoch; multiply by the number of epochs"),
		lessons.Gives(images*epochs, "that would be a step for each image; a step takes a whole batch"),
		lessons.Gives((images*epochs+batchSize-1)/batchSize, "each epoch ends with a short batch of its own; round up in each epoch, and multiply afterwards"),
		lessons.Gives(images*epochs/batchSize, "each epoch ends with a short batch of its own; round the batches of an epoch up, and multiply afterwards"),
		lessons.Gives((images/batchSize+1)*epochs, "where the batch size divides the number of images, there is no short batch; add 1 only where something is left"),
		lessons.Otherwise("an epoch has a step for each batch, and the last batch may be short"),
	}
	return lessons.One(want, causes, images, batchSize, epochs)
}

// stepsOf is the reference.
func stepsOf(images, batchSize, epochs int) int {
	return (images + batchSize - 1) / batchSize * epochs
}
