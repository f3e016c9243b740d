// Package remote lets a check call a student's functions in another process.
//
// When a notebook is graded, the student's program runs in a sandbox and only
// answers calls ([Serve]); the check runs outside, in a process that contains none of
// the student's code ([Main]). So whatever the student's program does (it may end
// itself, print what it likes, or rewrite its own memory), the verdict is the
// check's. Arguments and results travel as copies over a Unix socket; a check is
// written and used as if the functions were local.
//
// What can travel: booleans, numbers, strings, slices, arrays, maps, pointers,
// structs without unexported fields, errors, readers, and functions of all
// these, in both directions. [Supports] says whether a type can.
package remote
