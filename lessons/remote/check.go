package remote

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Checker gives a graded cell's check access to the student's program.
type Checker struct {
	peer   *peer
	values []cbor.RawMessage // each a list of one
}

// Arg is the number of one of the student's values.
type Arg int

// Cells are the graded cells of an assignment: what is done in each. The
// function ends the program if a check fails, as lessons.Report does.
type Cells map[string]func(*Checker)

// Main is the main function of the program that grades an assignment:
//
//	checker -types           says which cells cannot be checked from another process, and why
//	checker CELL SOCKET      waits for the student's program at the listening socket, which is the number of an open file, and checks it
//
// It prints what the checks say. The exit status is 0 only if all have passed.
// $LESSONS_STUDENT is the id of the student whose work is checked.
// To the file descriptor $LESSONS_STATUS it writes when it is
// listening and when a program has connected. $LESSONS_SECONDS after that it ends with a failure, whatever the program does.
func Main(cells Cells) {
	switch args := os.Args[1:]; {
	case len(args) == 1 && args[0] == "-types":
		for name, cell := range sorted(cells) {
			if err := types(cell); err != nil {
				fmt.Printf("\tcannot\t%s\t%v\n", name, err) // among what the checks print
			}
		}
	case len(args) == 2 && cells[args[0]] != nil:
		c, err := accept(args[1])
		if err != nil {
			fmt.Println("✗", err)
			os.Exit(1)
		}
		cells[args[0]](c)
	default:
		fmt.Fprintf(os.Stderr, "usage: checker -types | checker CELL SOCKET\n")
		os.Exit(2)
	}
}

func sorted(cells Cells) func(func(string, func(*Checker)) bool) {
	names := make([]string, 0, len(cells))
	for name := range cells {
		names = append(names, name)
	}
	slices.Sort(names)
	return func(yield func(string, func(*Checker)) bool) {
		for _, name := range names {
			if !yield(name, cells[name]) {
				return
			}
		}
	}
}

// stopped ends the dry run of types.
type stopped struct{ error }

// types finds out whether a cell's checks take only what can travel, by running
// it without a student's program: the first check whose types cannot travel ends it.
func types(cell func(*Checker)) (err error) {
	defer func() {
		if s, ok := recover().(stopped); ok {
			err = s.error
		}
	}()
	cell(&Checker{})
	return nil
}

// accept waits for one program. The first to connect is taken as the student's: being
// first gives no advantage but the right to answer.
func accept(socket string) (*Checker, error) {
	conn, err := listen(socket)
	if err != nil {
		return nil, err
	}
	if err := limit(); err != nil {
		return nil, err
	}
	return hello(conn)
}

// listen waits at a listening socket, an open file that is given by its number: a
// socket that is looked up by its name could be somebody else's.
func listen(socket string) (net.Conn, error) {
	open, err := strconv.Atoi(socket)
	if err != nil {
		return nil, fmt.Errorf("%q is not the number of an open file", socket)
	}
	file := os.NewFile(uintptr(open), "socket")
	listener, err := net.FileListener(file)
	file.Close()
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(os.Getenv("LESSONS_STATUS"))
	if err != nil {
		return nil, errors.New("LESSONS_STATUS does not name an open file")
	}
	status := os.NewFile(uintptr(number), "status")
	fmt.Fprintln(status, "listening")
	conn, err := listener.Accept()
	listener.Close()
	fmt.Fprintln(status, "connected")
	return conn, err
}

// limit ends this program after $LESSONS_SECONDS, where they are set. A check may wait for
// what the student's program computes, or for the next byte that it sends.
func limit() error {
	text := os.Getenv("LESSONS_SECONDS")
	if text == "" {
		return nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("LESSONS_SECONDS is %q, want a number", text)
	}
	time.AfterFunc(time.Duration(seconds*float64(time.Second)), func() {
		fmt.Printf("✗ the check was stopped after %v s: all its calls together take longer than a cell may\n", seconds)
		os.Exit(1)
	})
	return nil
}

// Student returns the id of the student whose work is checked, as the grading knows it. The
// student's program has no part in it.
func (c *Checker) Student() string { return os.Getenv("LESSONS_STUDENT") }

func newReader(conn net.Conn) *bufio.Reader { return bufio.NewReader(conn) }

func hello(conn net.Conn) (*Checker, error) {
	r := newReader(conn)
	c := &Checker{peer: newPeer(conn)}
	kind, payload, err := readFrame(r)
	if err != nil {
		if c.peer.refuse(err); c.peer.refused != nil {
			return nil, fmt.Errorf("the program sent %w", err)
		}
		return nil, errors.New("the program ended before it was checked")
	}
	if kind != frameHello || decoding.Unmarshal(payload, &c.values) != nil {
		return nil, errors.New("the program sent something else than the values that are checked")
	}
	c.peer.lost = func(call string) {
		// A check cannot continue, and must not
		// blame the function for the answer that is missing.
		c.peer.mu.Lock()
		defer c.peer.mu.Unlock()
		if err := c.peer.refused; err != nil {
			fmt.Printf("✗ the program sent %v, while a function of type %s was called\n", err, call)
			os.Exit(1)
		}
		fmt.Printf("✗ the program ended while a function of type %s was called: did it call os.Exit, or itself without end, or take all memory?\n", call)
		os.Exit(1)
	}
	go c.peer.run(r)
	return c, nil
}

// Check calls a check, a function that returns an error, with arguments: those
// of type [Arg] are the student's values, others are taken as they are.
func (c *Checker) Check(check any, args ...any) (err error) {
	f := reflect.ValueOf(check)
	t := f.Type()
	if t.Kind() != reflect.Func || t.NumOut() != 1 || t.Out(0) != errorType {
		return fmt.Errorf("a check is a function that returns an error, not %v", t)
	}
	if t.IsVariadic() || t.NumIn() != len(args) {
		return fmt.Errorf("a check of type %v was given %d arguments", t, len(args))
	}
	if c.peer == nil {
		for i, arg := range args {
			if _, ok := arg.(Arg); ok {
				if err := Supports(t.In(i)); err != nil {
					panic(stopped{err})
				}
			}
		}
		return nil
	}
	values := make([]reflect.Value, len(args))
	for i, arg := range args {
		number, ok := arg.(Arg)
		if !ok {
			values[i] = reflect.ValueOf(arg).Convert(t.In(i))
			continue
		}
		if values[i], err = c.value(int(number), t.In(i)); err != nil {
			return err
		}
	}
	if err, _ := f.Call(values)[0].Interface().(error); err != nil {
		return err
	}
	return nil
}

func (c *Checker) value(number int, t reflect.Type) (reflect.Value, error) {
	if number >= len(c.values) {
		return reflect.Value{}, errors.New("the program gave too few values to check")
	}
	values, err := c.peer.decode(c.values[number], t)
	if err != nil {
		return reflect.Value{}, fmt.Errorf("the program gave something else than a value of type %v: %w", t, err)
	}
	return values[0], nil
}
