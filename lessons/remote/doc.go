// Package remote lets a check call a student's functions in another process.
//
// When a notebook is graded, the student's program runs in a sandbox and only
// answers calls ([Serve]); the check runs outside, in a process that contains none of
// the student's code ([Main]). So whatever the student's program does (it may end
// itself, print what it likes, or rewrite its own memory), the verdict is the
// check's. Arguments and results travel as copies over a Unix socket; a check is
// written and used as if the functions were local.
//
// What can travel: booleans, numbers that are not complex, strings, slices, arrays, maps,
// pointers, structs without unexported fields, errors, readers, and functions of all these, in
// both directions; and what has a description of its own, a pointer that implements
// json.Marshaler and json.Unmarshaler, such as a *fashion.Model. [Supports] says whether a
// type can.
//
// Values are encoded as CBOR, with strict limits, by github.com/fxamacker/cbor. It has no
// place for functions, errors and readers, and it takes wrong lengths of arrays and unknown or
// missing fields of structs as they come; so what may hold one of these goes as a list of its
// parts, which this package takes apart and puts together. Frames and calls are its own too.
package remote
