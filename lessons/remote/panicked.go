package remote

import (
	"fmt"
	"go/token"
	"runtime"
	"strings"
)

// Panic is what a call panics with where the other end's function has panicked.
type Panic struct {
	_        struct{} `cbor:",toarray"`
	Message  string
	Function string // the name of the function that has panicked, "" if it has none
}

// String returns the message.
func (p Panic) String() string { return p.Message }

// longestName bounds what is taken for a function's name.
const longestName = 100

// Panicked returns the message of a recovered panic, and the name of the
// function that panicked, here or at the other end. It is to be called by the deferred
// function that has recovered it. The function may be another one than the one that was called:
// an exercise may use the answer of an earlier one. One without a name
// of its own, such as a closure, has the name "".
func Panicked(value any) (message, function string) {
	if p, ok := value.(Panic); ok {
		if token.IsIdentifier(p.Function) && len(p.Function) <= longestName {
			function = p.Function
		}
		return p.Message, function
	}
	return fmt.Sprint(value), panicking()
}

// panicking finds the function that has panicked among those that have not returned.
func panicking() string {
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters)])
	found := false
	for {
		frame, more := frames.Next()
		if found {
			// "main.Softmax", or "fashionlab/lessons.TestSoftmax.func1".
			name := frame.Function[strings.LastIndex(frame.Function, "/")+1:]
			if parts := strings.Split(name, "."); len(parts) == 2 && parts[1] != "main" {
				return parts[1]
			}
			return ""
		}
		found = frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}
