package lessons

// CheckNetworkCost checks NetworkCost(channels, kernel, hidden): the parameters and the
// multiplications of a network, computed from its description.
func CheckNetworkCost(cost func(channels []int, kernel, hidden int) (parameters, multiplications int)) error {
	return checkTable("NetworkCost", cost)
}
