package lessons

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Student returns a student's id, from which the numbers of an exercise can be drawn. In a
// notebook it is a function that the student writes. When work is graded it returns the id in the
// course's list, whatever the notebook says: the grading gives it to each check that takes a Student.
type Student func() string

// MaxID is the largest length of an id in bytes.
const MaxID = 200

// A Variant draws the numbers that a student has in an exercise.
type Variant struct {
	Student  string // the id from which they are drawn
	exercise string
}

// VariantOf returns the variant of an exercise for a student. In an id, capitals, the number of
// spaces, and the way in which accents are stored make no difference: people do not see them, or do not mind them.
func VariantOf(exercise string, student Student) (Variant, error) {
	var given string
	if err := callOf("Student").run(func() { given = student() }); err != nil {
		return Variant{}, err
	}
	id := strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(given), " ")))
	const next = "return the id that your teacher has for you"
	switch {
	case len(given) > MaxID:
		return Variant{}, fmt.Errorf("Student returns %d bytes, and an id has at most %d: %s", len(given), MaxID, next)
	case id == "":
		return Variant{}, errors.New("Student returns an empty text: " + next)
	case !utf8.ValidString(given) || strings.ContainsFunc(given, func(r rune) bool { return !unicode.IsPrint(r) }):
		return Variant{}, fmt.Errorf("Student returns %q, which has characters that cannot be seen: %s", given, next)
	}
	return Variant{id, exercise}, nil
}

// Below returns a number from 0 to n-1, always the same for the same name. What is drawn under another
// name is independent of it.
//
// It is the first 8 bytes, as a big-endian number, of the SHA-256 of exercise, name and id, which are
// joined by newlines, modulo n. The id is in lower case, in Unicode's form NFC, and with single
// spaces. So it depends on nothing else, such as the machine or the version of Go.
func (v Variant) Below(n int, name string) int {
	sum := sha256.Sum256([]byte(v.exercise + "\n" + name + "\n" + v.Student))
	return int(binary.BigEndian.Uint64(sum[:]) % uint64(n))
}
