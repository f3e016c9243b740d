package lessons

// CheckCountClasses checks CountClasses(labels, classes): how many labels there
// are of each class.
func CheckCountClasses(count func(labels []byte, classes int) []int) error {
	return checkTable("CountClasses", count)
}
