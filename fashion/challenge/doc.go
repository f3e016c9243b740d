// Package challenge verifies runs for the table of the best small networks on Fashion-MNIST,
// and writes the table. The protocol is in docs/challenge.md.
//
// Nothing that a run claims is believed: the model is built from the run and its parameters are
// counted, the accuracy is computed on the test images, and the first steps of the training, or all
// of them, are trained again from the seed and the official images:
//
//	entry, err := challenge.Verify(ctx, runs, data, challenge.Options{Name: "mine", Views: "six"})
//	…
//	text, err := challenge.Insert(table, entry)
package challenge
