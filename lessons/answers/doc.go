// Package answers holds what students do not get: the reference of each
// exercise, its typical mistakes, and the hidden checks.
//
// It computes the tables of package lessons, which are the visible checks:
//
//	go generate ./lessons/answers
//
// To add an exercise, see CONTRIBUTING.md.
package answers

//go:generate go run ./generate ..
