package remote

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
)

const framePassed = 'Q'

// Passed says to the grading program that waits at the socket that the end of a
// graded cell was reached, which the checks before it let happen only if they
// passed. It is for checks that cannot run in another process, and it is
// less secure than they are: the student's code runs in the same program and
// could do, with some effort, what Passed does. Only the
// cell itself can call it, not functions that a cell calls.
func Passed(socket string) {
	if who := calledBy(); who != "main.main" {
		fmt.Printf("✗ called by %s, not by the cell\n", strings.TrimPrefix(who, "main."))
		os.Exit(1)
	}
	conn, err := net.Dial("unix", socket)
	if err == nil {
		defer conn.Close()
		err = newPeer(conn).send(framePassed, nil)
	}
	if err != nil {
		fmt.Println("✗ the grading program cannot be reached:", err)
		os.Exit(1)
	}
}

// calledBy is the name of the function that called the function which calls it.
func calledBy() string {
	counters := make([]uintptr, 4)
	frames := runtime.CallersFrames(counters[:runtime.Callers(3, counters)])
	frame, _ := frames.Next()
	return frame.Function
}

// waitPassed waits for a program that says Passed.
func waitPassed(socket string) error {
	conn, err := listen(socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if kind, _, err := readFrame(newReader(conn)); err != nil || kind != framePassed {
		return fmt.Errorf("the program ended before all was checked")
	}
	return nil
}
