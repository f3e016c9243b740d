package lessons

import (
	"fashionlab/lessons/checktest"
	"testing"
)

// The tests of checks say it in short.
var (
	expectMessage = checktest.Message
	expectPass    = checktest.Pass
)

func TestCauseOfPrefersTheFirstSlip(t *testing.T) {
	slips := []mistake[int]{{1, "one"}, {2, "two"}, {2, "also two"}}
	for got, want := range map[int]string{1: "one", 2: "two", 3: "other"} {
		if cause := likelyCause(got, func(a, b int) bool { return a == b }, "other", slips...); cause != want {
			t.Errorf("the cause of %d is %q, want %q", got, cause, want)
		}
	}
}
