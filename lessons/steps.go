package lessons

// CheckSteps checks Steps(images, batchSize, epochs): how many steps a training
// takes, short batches included.
func CheckSteps(steps func(images, batchSize, epochs int) int) error {
	return checkTable("Steps", steps)
}
