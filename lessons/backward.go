package lessons

// A Node is one operation of a computation: what it does with which numbers. The numbers of a
// computation are its inputs and then the results of its nodes; Inputs are positions among them.
type Node struct {
	Operation string
	Inputs    []int
}

// CheckBackward checks Backward by a function that computes the nodes one after the other,
// calls Backward for the last result, and returns the gradients of all inputs and results.
func CheckBackward(gradients func(inputs []float64, nodes []Node) []float64) error {
	return checkTable("Backward", gradients)
}
