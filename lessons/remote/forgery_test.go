package remote

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// TestMain is the program of an assignment's checks where a test starts it as that.
func TestMain(m *testing.M) {
	if os.Getenv("LESSONS_STATUS") != "" {
		Main(Cells{"double": func(c *Checker) {
			err := c.Check(func(double func(int) int, l *labelled) error {
				// In a goroutine of its own, as the lessons do.
				outcome := make(chan error, 1)
				go func() {
					err := errors.New("it never returns")
					defer func() {
						if value := recover(); value != nil {
							err = fmt.Errorf("panics: %v", value)
						}
						outcome <- err
					}()
					for _, n := range []int{1, 2, 3} {
						if got := double(n); got != 2*n {
							err = fmt.Errorf("double(%d) is %d", n, got)
							return
						}
					}
					err = nil
				}()
				if err := <-outcome; err != nil {
					return err
				}
				if l == nil || l.label != "right" {
					return errors.New("the label is wrong")
				}
				return nil
			}, Arg(0), Arg(1))
			if err != nil {
				fmt.Println("✗", err)
				os.Exit(1)
			}
			fmt.Println("✓")
		}})
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A program that does not answer as the right one does earns nothing, whatever it writes to
// the check's socket: what passes is what the check says, and it says why.
func TestForgeries(t *testing.T) {
	dial := func(t *testing.T, socket string) *peer {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Error(err)
			return nil
		}
		t.Cleanup(func() { conn.Close() })
		return newPeer(conn)
	}
	values := func(p *peer, values ...any) []byte {
		var all []cbor.RawMessage
		for _, v := range values {
			one, _ := p.encode(reflect.ValueOf(v))
			all = append(all, one)
		}
		payload, _ := encoding.Marshal(all)
		return payload
	}
	double := func(n int) int { return 2 * n }
	wrong := func(n int) int { return n }
	right := &labelled{"right"}
	// answering answers each call by what it is given.
	answering := func(t *testing.T, socket string, answer func(p *peer, call []byte)) {
		p := dial(t, socket)
		p.send(frameHello, values(p, double, right))
		r := bufio.NewReader(p.conn)
		for {
			_, payload, err := readFrame(r)
			if err != nil {
				return
			}
			answer(p, payload[:1]) // the numbers of these calls have one byte
		}
	}
	result := func(p *peer, n any) []byte {
		list, _ := p.encode(reflect.ValueOf(n))
		out, _ := encoding.Marshal(returned{Results: list})
		return out
	}
	for name, c := range map[string]struct {
		student func(t *testing.T, socket string)
		says    string
		passes  bool
	}{
		"right": {func(t *testing.T, s string) { serve(s, []any{double, right}) }, "✓", true},
		"wrong": {func(t *testing.T, s string) { serve(s, []any{wrong, right}) }, "double(1) is 1", false},
		"five bytes that once said it has passed": {func(t *testing.T, s string) { dial(t, s).send('Q', nil) }, "something else than the values", false},
		"the exit status": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.conn.Write([]byte("0\n"))
			p.conn.Close()
		}, "ended before it was checked", false},
		"nothing": {func(t *testing.T, s string) { dial(t, s).conn.Close() }, "ended before it was checked", false},
		"a frame without end": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.conn.Write([]byte{0xff, 0xff, 0xff, 0xff, 'H'})
		}, "the program sent 4096.0 MiB in one message, and at most 16 MiB are taken", false},
		"an empty frame": {func(t *testing.T, s string) { dial(t, s).conn.Write([]byte{0, 0, 0, 0, 'H'}) }, "the program sent an empty message", false},
		"a frame without end after the values": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) { p.conn.Write([]byte{0xff, 0xff, 0xff, 0xff, 'R'}) })
		}, "the program sent 4096.0 MiB in one message, and at most 16 MiB are taken, while a function of type func(int) int was called", false},
		"values in values in values": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.send(frameHello, bytes.Repeat([]byte{0x81}, maxFrame/2)) // lists of one
		}, "something else than the values", false},
		"a list that says it is long": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.send(frameHello, []byte{0x9b, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff})
		}, "something else than the values", false},
		"a frame of lists": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.send(frameHello, append([]byte{0x9a, 0, 0xf0, 0, 0}, bytes.Repeat([]byte{0x80}, 0xf00000)...))
		}, "something else than the values", false},
		"an answer of more lists than there is room for": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) {
				deep := append([]byte{0x9a, 0, 0x10, 0, 0}, bytes.Repeat(append([]byte{0x8e}, bytes.Repeat([]byte{0x80}, 14)...), 1<<20)...)
				out, _ := encoding.Marshal(returned{Results: append([]byte{0x81}, deep...)})
				p.send(frameReturn, append(call, out...))
			})
		}, "panics: its result", false},
		"an answer, a byte each time": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) {
				p.conn.Write([]byte{0, 0, 1, 0, 'R'}) // 64 KiB
				for {
					if _, err := p.conn.Write([]byte{9}); err != nil {
						return
					}
					time.Sleep(50 * time.Millisecond)
				}
			})
		}, "the check was stopped after 1 s: all its calls together take longer than a cell may", false},
		"values, a byte each time": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.conn.Write([]byte{0, 0, 1, 0, 'H'})
			for {
				if _, err := p.conn.Write([]byte{0x81}); err != nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		}, "the check was stopped after 1 s", false},
		"a connection that stays silent": {func(t *testing.T, s string) {
			io.Copy(io.Discard, dial(t, s).conn)
		}, "the check was stopped after 1 s", false},
		"an answer before the question": {func(t *testing.T, s string) { p := dial(t, s); p.send(frameReturn, result(p, 2)) }, "something else than the values", false},
		"no values":                     {func(t *testing.T, s string) { p := dial(t, s); p.send(frameHello, values(p)) }, "too few values", false},
		"values of other types":         {func(t *testing.T, s string) { p := dial(t, s); p.send(frameHello, values(p, "✓", true)) }, "something else than a value of type func(int) int", false},
		"no description":                {func(t *testing.T, s string) { p := dial(t, s); p.send(frameHello, values(p, double, []byte("{"))) }, "something else than a value of type *remote.labelled", false},
		"it ends early": {func(t *testing.T, s string) {
			p := dial(t, s)
			p.send(frameHello, values(p, double, right))
			p.conn.Close()
		}, "the program ended while a function of type func(int) int was called", false},
		"answers twice": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) {
				p.send(frameReturn, append(call, result(p, 2)...))
				p.send(frameReturn, append(call, result(p, 4)...))
				p.send(frameReturn, append([]byte{call[0] + 1}, result(p, 2)...))
			})
		}, "double(2) is 2", false},
		"garbage": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) { p.send(frameReturn, append(call, "✓ all checks passed"...)) })
		}, "panics: its result", false},
		"a text for a number": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) { p.send(frameReturn, append(call, result(p, "2")...)) })
		}, "panics: its result", false},
		"a frame of no kind": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) { p.send('Q', call) })
		}, "panics", false},
		"the end of the check's goroutine": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) { p.send(frameExit, call) })
		}, "it never returns", false},
		"a panic that says it is right": {func(t *testing.T, s string) {
			panicked, _ := encoding.Marshal(Panic{Message: "✓"})
			answering(t, s, func(p *peer, call []byte) { p.send(framePanic, append(call, panicked...)) })
		}, "panics: ✓", false},
		"a panic that is none": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) { p.send(framePanic, append(call, "✓"...)) })
		}, "its panic: ", false},
		"calls of what the check has not given": {func(t *testing.T, s string) {
			answering(t, s, func(p *peer, call []byte) {
				for n := range byte(maxCalls / 2) {
					p.send(frameCall, []byte{n, n})
				}
				p.conn.Close()
			})
		}, "the program ended while", false},
		"the answer of a second connection": {func(t *testing.T, s string) {
			go serve(s, []any{double, right}) // may be first, and is the student's own then
			time.Sleep(50 * time.Millisecond)
			if _, err := net.Dial("unix", s); err == nil {
				t.Error("a second program was heard")
			}
		}, "✓", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "r") // not t.TempDir: paths of sockets must be short
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			socket := filepath.Join(dir, "s")
			listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
			if err != nil {
				t.Fatal(err)
			}
			listener.SetUnlinkOnClose(false)
			waits, err := listener.File()
			listener.Close()
			if err != nil {
				t.Fatal(err)
			}
			state, theirs, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer state.Close()
			said, wrote := new(strings.Builder), bufio.NewReader(state)
			seconds := "60"
			if strings.Contains(c.says, "was stopped") {
				seconds = "1"
			}
			checker := exec.Command(os.Args[0], "double", "4")
			checker.Env = append(os.Environ(), "LESSONS_STATUS=3", "LESSONS_SECONDS="+seconds)
			checker.ExtraFiles, checker.Stdout, checker.Stderr = []*os.File{theirs, waits}, said, said
			if err := checker.Start(); err != nil {
				t.Fatal(err)
			}
			theirs.Close()
			waits.Close()
			timer := time.AfterFunc(50*time.Second, func() { checker.Process.Kill() })
			defer timer.Stop()
			if line, err := wrote.ReadString('\n'); line != "listening\n" {
				t.Fatalf("the checker says %q, error %v", line, err)
			}
			done := make(chan bool)
			go func() {
				defer close(done)
				c.student(t, socket)
			}()
			err = checker.Wait()
			<-done
			if !timer.Stop() {
				t.Error("the check did not end")
			}
			if passed := err == nil; passed != c.passes || !strings.Contains(said.String(), c.says) {
				t.Errorf("passed: %v, want %v; it says\n%s\nand not %q", passed, c.passes, said, c.says)
			}
		})
	}
}
