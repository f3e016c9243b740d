// Package fashion is a library for learning image classification on
// Fashion-MNIST: it reads and verifies the data, describes models as values
// with the meaning that PyTorch gives to their layers, trains and evaluates
// them on GoMLX (XLA or GoMLX's own Go backend), and keeps what was learnt in
// runs that survive a crash and can be resumed to the same figures.
//
// The package writes nothing to standard output or standard error by itself:
// progress goes to the writer that the caller gives.
//
// Errors say where, what there is and what there should be: "loader of train: batches of
// 0 images, want at least 1"; what to do next follows a semicolon.
package fashion
