package remote

import (
	"bufio"
	"encoding/binary"
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

func TestAPanicPanicsHere(t *testing.T) {
	defer func() {
		if got := recover(); got != "not implemented" {
			t.Errorf("recovered %v", got)
		}
	}()
	remote(t, func() int { panic("not implemented") })()
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
	c := connect(t, func(x int) int { return x })
	err := c.Check(func(f func(float64) float64) error { return nil }, Arg(0))
	if err == nil || !strings.Contains(err.Error(), "yours is func(int) int") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatEndsIsNoticed(t *testing.T) {
	here, there := net.Pipe()
	go func() {
		p := newPeer(there)
		e := p.encoder()
		e.uint(1)
		one, _ := p.encode(reflect.ValueOf(func() int { return 1 }))
		e.text("func() int")
		e.text(string(one))
		p.send(frameHello, e.Bytes())
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

// Whatever a stranger sends, this end answers with an error: it neither crashes
// nor takes all memory. What it understands it can send on.
func FuzzDecode(f *testing.F) {
	type nested struct {
		F map[string][]float64
		P *nested
		E error
		A any
		R io.Reader
	}
	p := newPeer(nil)
	decode := func(data []byte) (v nested, err error) {
		defer catch(&err)
		p.decoder(data).value(reflect.ValueOf(&v).Elem(), 0)
		return v, nil
	}
	seed, err := p.encode(reflect.ValueOf(nested{F: map[string][]float64{"a": {1}}, P: &nested{}, A: []any{1, "x"}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{tagList, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decode(data)
		if err != nil {
			return
		}
		again, err := p.encode(reflect.ValueOf(v))
		if err != nil {
			t.Fatalf("%+v was read and cannot be written: %v", v, err)
		}
		if _, err := decode(again); err != nil {
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
		for _, v := range values {
			encoded, err := newPeer(nil).encode(reflect.ValueOf(v))
			if err != nil {
				f.Fatal(err)
			}
			payload = append(payload, encoded...)
		}
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
