package lessons

// CheckBatches checks Batches(indices, size), which cuts a list into pieces of so
// many, the last one shorter if need be.
func CheckBatches(batches func(indices []int, size int) [][]int) error {
	return checkTable("Batches", batches)
}
