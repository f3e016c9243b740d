package remote

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// connect gives values to a checker as a student's program does.
func connect(t *testing.T, values ...any) *Checker {
	t.Helper()
	// Not t.TempDir: paths of sockets must be short.
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go serve(socket, values)
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c, err := hello(conn)
	if err != nil {
		t.Fatal(err)
	}
	c.peer.lost = func(string) {}
	return c
}

// remote is the function f as a check gets it.
func remote[F any](t *testing.T, f F) F {
	t.Helper()
	c := connect(t, f)
	var got F
	if err := c.Check(func(g F) error { got = g; return nil }, Arg(0)); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestResultsArriveAsTheyAre(t *testing.T) {
	type point struct {
		X, Y float64
		Tags map[string][]int
	}
	f := remote(t, func(a []float64, p point, m [2][]uint8, s *point) ([]float64, point, [2][]uint8, *point) {
		return a, p, m, s
	})
	a := []float64{0, math.Inf(1), -0.1, 1e-300}
	p := point{1, 2, map[string][]int{"a": {1, -2}, "b": nil}}
	m := [2][]uint8{nil, {1, 255}}
	a1, p1, m1, s1 := f(a, p, m, nil)
	if !reflect.DeepEqual(a1, a) || !reflect.DeepEqual(p1, p) || !reflect.DeepEqual(m1, m) || s1 != nil {
		t.Errorf("got %v %v %v %v, want %v %v %v nil", a1, p1, m1, s1, a, p, m)
	}
	if got := remote(t, func() float64 { return math.NaN() })(); !math.IsNaN(got) {
		t.Errorf("NaN arrives as %v", got)
	}
	if got := remote(t, func() []int { return nil })(); got != nil {
		t.Errorf("nil arrives as %v", got)
	}
	if got := remote(t, func() []int { return []int{} })(); got == nil || len(got) != 0 {
		t.Errorf("an empty slice arrives as %#v", got)
	}
}

func TestACheckGetsTheStudentsIDFromTheGrading(t *testing.T) {
	t.Setenv("LESSONS_STUDENT", "Žofie N.")
	type student func() string
	c := connect(t, 3)
	if err := c.Check(func(n int, s student) error {
		if n != 3 || s() != "Žofie N." {
			t.Errorf("the check gets %d and %q", n, s())
		}
		return nil
	}, Arg(0), c.Student); err != nil {
		t.Error(err)
	}
}

func TestAChangedArgumentIsSeenByTheCaller(t *testing.T) {
	f := remote(t, func(rows [][]float64, m map[string]int) { rows[1][0] = 7; m["new"] = 1 })
	rows, m := [][]float64{{1}, {2}}, map[string]int{"old": 1}
	inner := rows[1]
	f(rows, m)
	g := remote(t, func(f func() int, x []int) { x[0] = f() })
	x := []int{1}
	if g(func() int { return 9 }, x); x[0] != 9 {
		t.Errorf("x is %v", x)
	}
	if inner[0] != 7 || m["new"] != 1 {
		t.Errorf("rows %v, map %v", rows, m)
	}
}

func TestFunctionsTravelBothWays(t *testing.T) {
	twice := remote(t, func(f func(float64) float64) func(float64) float64 {
		return func(x float64) float64 { return f(f(x)) }
	})
	if got := twice(func(x float64) float64 { return x + 1 })(5); got != 7 {
		t.Errorf("got %v, want 7", got)
	}
}

func TestErrorsKeepWhatTheyWrap(t *testing.T) {
	f := remote(t, func(r io.Reader) (int, error) {
		data, err := io.ReadAll(r)
		return len(data), errors.Join(err, io.ErrUnexpectedEOF)
	})
	n, err := f(strings.NewReader("hello"))
	if n != 5 || !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		t.Errorf("got %d, %v", n, err)
	}
	if err := remote(t, func() error { return nil })(); err != nil {
		t.Errorf("nil arrives as %v", err)
	}
}

// softmax is a stub that other answers call.
func softmax() int { panic("not implemented") }

func TestAPanicPanicsHere(t *testing.T) {
	var none []int
	for _, c := range []struct {
		f                 func() int
		message, function string
	}{
		{func() int { panic("not implemented") }, "not implemented", ""},
		{softmax, "not implemented", "softmax"},
		{func() int { return 1 + softmax() }, "not implemented", "softmax"},
		{remote(t, softmax), "not implemented", "softmax"},
		{func() int { panic("a\xffb") }, "a�b", ""},
		{func() int { return none[3] }, "runtime error: index out of range [3] with length 0", "goPanicBounds"},
	} {
		func() {
			defer func() {
				if message, function := Panicked(recover()); message != c.message || function != c.function && function == "softmax" {
					t.Errorf("%q by %q, want %q by %q", message, function, c.message, c.function)
				}
			}()
			remote(t, c.f)()
		}()
	}
	for _, name := range []string{"", "Softmax\n✓", "main.Softmax", strings.Repeat("x", 1000)} {
		if _, function := Panicked(Panic{Function: name}); function != "" {
			t.Errorf("%q is taken for a name", name)
		}
	}
}

func TestGoexitEndsTheCallersGoroutine(t *testing.T) {
	f := remote(t, func() int { runtime.Goexit(); return 1 })
	ended := make(chan bool)
	go func() {
		returned := false
		defer func() { ended <- !returned }()
		f()
		returned = true
	}()
	if !<-ended {
		t.Error("it returned")
	}
}

func TestACallThatDoesNotReturnHoldsUpNoOther(t *testing.T) {
	c := connect(t, func() { select {} }, func() int { return 3 })
	err := c.Check(func(hangs func(), f func() int) error {
		go func() {
			defer func() { recover() }() // when the test ends
			hangs()
		}()
		time.Sleep(10 * time.Millisecond)
		if f() != 3 {
			return errors.New("wrong")
		}
		return nil
	}, Arg(0), Arg(1))
	if err != nil {
		t.Error(err)
	}
}

func TestConstantsBecomeWhatTheCheckAsksFor(t *testing.T) {
	c := connect(t, 3, "text", 2.5)
	if err := c.Check(func(x float64, s string, n int) error {
		if x != 3 || s != "text" || n != 10 {
			t.Errorf("got %v %v %v", x, s, n)
		}
		return nil
	}, Arg(0), Arg(1), 10); err != nil {
		t.Error(err)
	}
	if err := c.Check(func(n int) error { return nil }, Arg(2)); err == nil {
		t.Error("2.5 became an int")
	}
}

func TestAFunctionOfAnotherTypeIsRefused(t *testing.T) {
	c := connect(t, func(x int) int { return x }, 3)
	err := c.Check(func(f func(string) string) (err error) {
		defer func() { err = errors.New(string(recover().(Refusal))) }()
		f("text")
		return nil
	}, Arg(0))
	if err == nil || !strings.Contains(err.Error(), "int") {
		t.Errorf("got %v", err)
	}
	err = c.Check(func(text string) error { return nil }, Arg(1))
	if err == nil || !strings.Contains(err.Error(), "something else than a value of type string") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatEndsIsNoticed(t *testing.T) {
	here, there := net.Pipe()
	go func() {
		p := newPeer(there)
		one, _ := p.encode(reflect.ValueOf(func() int { return 1 }))
		all, _ := encoding.Marshal([]cbor.RawMessage{one})
		p.send(frameHello, all)
		there.Close()
	}()
	c, err := hello(here)
	if err != nil {
		t.Fatal(err)
	}
	lost := make(chan bool, 1)
	c.peer.lost = func(string) { lost <- true }
	c.Check(func(f func() int) error {
		defer func() { recover() }()
		f()
		t.Error("a call returned")
		return nil
	}, Arg(0))
	if !<-lost {
		t.Error("nobody was told")
	}
}

func TestAResultThatIsTooLargeIsRefusedWithItsSize(t *testing.T) {
	c := connect(t, func() string { return strings.Repeat("x", maxFrame) })
	err := c.Check(func(f func() string) (err error) {
		defer func() { err = errors.New(string(recover().(Refusal))) }()
		f()
		return nil
	}, Arg(0))
	if err == nil || !strings.Contains(err.Error(), "its result: 16.0 MiB in one message, and at most 16 MiB are taken") {
		t.Errorf("got %v", err)
	}
}

// A program that calls the check's functions without end does not make it hold all of these calls.
func TestTooManyCallsAtOnceEndTheConnection(t *testing.T) {
	here, there := net.Pipe()
	c := &Checker{peer: newPeer(here)}
	wait := make(chan bool)
	defer close(wait)
	number := c.peer.export(reflect.ValueOf(func() { <-wait }))
	go func() {
		p := newPeer(there)
		for n := range byte(maxCalls + 1) {
			p.send(frameCall, []byte{n, byte(number), 0x80})
		}
	}()
	c.peer.run(newReader(here))
	if err := c.peer.refused; err == nil || err.Error() != "more than 64 calls at once" {
		t.Errorf("got %v", err)
	}
}

// nested has every form of value that travels.
type nested struct {
	F map[string][]float64
	P *nested
	E error
	R io.Reader
	C func(int) error
	B []byte
	D *labelled
	L []struct{ X [2]int8 }
	S string
}

// labelled has a description of its own.
type labelled struct{ label string }

func (l *labelled) MarshalJSON() ([]byte, error) {
	if l.label == "secret" {
		return nil, errors.New("secrets stay here")
	}
	return json.Marshal(l.label)
}

func (l *labelled) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &l.label); err != nil {
		return err
	}
	if len(l.label) > 100 || l.label == "secret" {
		return errors.New("a label of more than 100 bytes, or a secret")
	}
	return nil
}

func TestWhatHasADescriptionTravelsByIt(t *testing.T) {
	f := remote(t, func(l *labelled) *labelled {
		if l == nil {
			return nil
		}
		return &labelled{strings.Repeat(l.label, 2)}
	})
	if got := f(&labelled{"ab"}); got.label != "abab" {
		t.Errorf("got %q", got.label)
	}
	if got := f(nil); got != nil {
		t.Errorf("nil arrives as %v", got)
	}
	for label, want := range map[string]string{"secret": "secrets stay here", strings.Repeat("a", 90): "more than 100 bytes"} {
		func() {
			defer func() {
				if got, ok := recover().(Refusal); !ok || !strings.Contains(string(got), want) {
					t.Errorf("%s: got %v, want %q", label, got, want)
				}
			}()
			f(&labelled{label})
		}()
	}
}

func TestFloatsKeepTheirBits(t *testing.T) {
	f := remote(t, func(x []float64, y []float32) ([]float64, []float32) { return x, y })
	x := []float64{math.Inf(-1), math.Copysign(0, -1), math.Float64frombits(0x7ff8000000abcdef), math.SmallestNonzeroFloat64, 0.1, 1 << 60}
	y := []float32{float32(math.Inf(1)), float32(math.Copysign(0, -1)), math.Float32frombits(0x7fc12345), math.SmallestNonzeroFloat32, 0.1}
	x1, y1 := f(x, y)
	for i := range x {
		if math.Float64bits(x1[i]) != math.Float64bits(x[i]) {
			t.Errorf("%x became %x", math.Float64bits(x[i]), math.Float64bits(x1[i]))
		}
	}
	for i := range y {
		if math.Float32bits(y1[i]) != math.Float32bits(y[i]) {
			t.Errorf("%x became %x", math.Float32bits(y[i]), math.Float32bits(y1[i]))
		}
	}
}

// What is larger or deeper than values are is refused before it takes memory.
func TestTheLimitsOfValuesHold(t *testing.T) {
	deep := append(bytes.Repeat([]byte{0x81}, maxDepth+1), 0xf6)
	long := append([]byte{0x81, 0x9a}, binary.BigEndian.AppendUint32(nil, maxElements+1)...)
	long = append(long, make([]byte, maxElements+1)...)
	type chain struct{ Next *chain }
	for name, c := range map[string]struct {
		data []byte
		t    reflect.Type
	}{
		"depth":            {deep, reflect.TypeFor[chain]()},
		"elements":         {long, reflect.TypeFor[[]uint8]()},
		"promised length":  {[]byte{0x81, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0}, reflect.TypeFor[[]float64]()},
		"promised bytes":   {[]byte{0x81, 0x5b, 0, 0, 0, 1, 0, 0, 0, 0}, reflect.TypeFor[[]byte]()},
		"indefinite":       {[]byte{0x81, 0x9f, 0xff}, reflect.TypeFor[[]int]()},
		"a tag":            {[]byte{0x81, 0xc2, 0x41, 1}, reflect.TypeFor[int]()},
		"more behind it":   {[]byte{0x81, 1, 1}, reflect.TypeFor[int]()},
		"two for one":      {[]byte{0x82, 1, 1}, reflect.TypeFor[int]()},
		"nil for a number": {[]byte{0x81, 0xf6}, reflect.TypeFor[int]()},
		"too large":        {[]byte{0x81, 0x19, 1, 0}, reflect.TypeFor[uint8]()},
		"half":             {[]byte{0x81, 0xf9, 0x38, 0}, reflect.TypeFor[int]()},
		"array's length":   {[]byte{0x81, 0x81, 1}, reflect.TypeFor[[2]int]()},
		"no pair":          {[]byte{0x81, 0x81, 1}, reflect.TypeFor[map[int]int]()},
	} {
		if v, err := newPeer(nil).decode(c.data, c.t); err == nil {
			t.Errorf("%s: %v was read", name, v)
		}
	}
	loop := &chain{}
	loop.Next = loop
	if _, err := newPeer(nil).encode(reflect.ValueOf(loop)); err == nil || !strings.Contains(err.Error(), "contains itself") {
		t.Errorf("error %v", err)
	}
}

// Whatever a stranger sends, this end answers with an error: it neither crashes
// nor takes all memory. What it understands it can send on.
func FuzzDecode(f *testing.F) {
	p := newPeer(nil)
	seed, err := p.encode(reflect.ValueOf(nested{
		F: map[string][]float64{"a": {1, math.NaN()}}, P: &nested{S: "\xff"}, E: io.EOF, R: strings.NewReader("text"), B: []byte{},
		C: func(int) error { return nil }, D: &labelled{"x"}, L: make([]struct{ X [2]int8 }, 2),
	}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{0x81, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := p.decode(data, reflect.TypeFor[nested]())
		if err != nil {
			return
		}
		again, err := p.encode(v...)
		if err != nil {
			t.Fatalf("%+v was read and cannot be written: %v", v, err)
		}
		if _, err := p.decode(again, reflect.TypeFor[nested]()); err != nil {
			t.Errorf("%+v was written and cannot be read: %v", v, err)
		}
	})
}

// A stream of frames from a stranger ends without harm, whatever it holds.
func FuzzFrames(f *testing.F) {
	frame := func(kind byte, numbers []uint64, values ...any) []byte {
		payload := []byte{kind}
		for _, n := range numbers {
			payload = binary.AppendUvarint(payload, n)
		}
		var list []reflect.Value
		for _, v := range values {
			list = append(list, reflect.ValueOf(v))
		}
		encoded, err := newPeer(nil).encode(list...)
		if err != nil {
			f.Fatal(err)
		}
		payload = append(payload, encoded...)
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(payload))), payload...)
	}
	f.Add(frame(frameCall, []uint64{0, 0}, []float64{1}, map[string]int{"a": 1}, func(int) error { return nil }))
	f.Add(frame(frameCall, []uint64{0, 9}))
	f.Add(frame(frameReturn, []uint64{0}, 1))
	f.Add(frame(framePanic, []uint64{3}))
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 'C'})
	f.Fuzz(func(t *testing.T, data []byte) {
		here, there := net.Pipe()
		p := newPeer(here)
		p.lost = func(string) {}
		called := func(list []float64, counts map[string]int, f func(int) error) (int, error) {
			if f != nil {
				return 0, f(len(list))
			}
			return len(counts), nil
		}
		p.export(reflect.ValueOf(called))
		go io.Copy(io.Discard, there)
		go func() {
			there.Write(data)
			there.Close()
		}()
		p.run(bufio.NewReader(here))
		here.Close()
	})
}

func TestWhatCannotTravelIsNamed(t *testing.T) {
	//lint:ignore U1000 the check finds it by reflection
	type hidden struct{ x int }
	for _, c := range []struct {
		t    reflect.Type
		want string
	}{
		{reflect.TypeFor[func(hidden) int](), "unexported field x"},
		{reflect.TypeFor[chan int](), "cannot be copied"},
		{reflect.TypeFor[func([]float64, io.Reader) (map[string]int, error)](), ""},
	} {
		err := Supports(c.t)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.t, err, c.want)
		}
	}
}
