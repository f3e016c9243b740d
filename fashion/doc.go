// Package fashion is a library for learning image classification on
// Fashion-MNIST: it reads and verifies the data, describes models as values
// with the meaning that PyTorch gives to their layers, trains and evaluates
// them on GoMLX (XLA or GoMLX's own Go backend), and keeps what was learnt in
// runs that survive a crash and can be resumed to the same figures.
//
// The package writes nothing to standard output or standard error by itself:
// progress goes to the writer that the caller gives.
package fashion
