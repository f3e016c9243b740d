// Package fashion is a library for learning image classification on
// Fashion-MNIST. It reads and verifies the data, describes models as lists of
// layers that compute the same as PyTorch's, and trains and evaluates them on
// GoMLX (with XLA or with GoMLX's own Go backend). Trained weights are saved in
// runs: a run survives a crash, and a resumed run gives the same figures as an
// uninterrupted one.
//
// The package never writes to standard output or standard error. Progress goes
// to the writer that the caller passes.
//
// Error messages have one form: the operation or the place, what was given, and
// what is wanted, as in "loader of train: batches of 0 images, want at least 1".
// What to do next follows after a semicolon. Messages do not begin with the
// package's name.
package fashion
