// Package lessons checks the answers to the exercises of the course, in the
// notebooks of students and when they are graded.
//
// A check takes a student's function, calls it, and returns nil or an error that
// teaches: what was given, what came back, what was expected, and what the
// likely cause is. [Report] shows it.
//
// What a check compares with is data, a [Table] or a [ModelTable], or a property
// that many results have, since students have this package: it holds no answers.
package lessons
