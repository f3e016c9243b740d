package remote

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// Frames begin with their length and a byte that says what they are.
const (
	frameHello  = 'H' // the values that the check may use
	frameCall   = 'C' // number of the call, number of the function, arguments
	frameReturn = 'R' // number of the call, results, for each argument 0 or 1 and its changed value
	framePanic  = 'P' // number of the call, Panic
	frameExit   = 'G' // number of the call: the goroutine has ended
	frameWrong  = 'W' // number of the call, message: what came could not be understood
)

// The limits of what a stranger can make this process hold. What is read becomes up to fifty times as large: a byte of CBOR may be a
// slice, with its header.
const (
	maxFrame = 16 << 20 // bytes of a message; a list of as many numbers as one may have fits
	maxCalls = 64       // calls of this end's functions that are under way
)

// peer is one end of the connection. Each end may call the other's functions,
// also while it is being called.
type peer struct {
	conn net.Conn
	lost func(call string) // called when the other end is gone, at most by each call that waits

	calls   chan struct{} // one for each of the other end's calls that is under way
	write   sync.Mutex
	mu      sync.Mutex
	funcs   []reflect.Value
	waiting map[uint64]chan []byte
	next    uint64
	gone    bool
	refused error // why this end has ended the connection, nil if it has not
}

func newPeer(conn net.Conn) *peer {
	return &peer{conn: conn, calls: make(chan struct{}, maxCalls), waiting: map[uint64]chan []byte{}}
}

func (p *peer) export(f reflect.Value) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.funcs = append(p.funcs, f)
	return uint64(len(p.funcs) - 1)
}

func (p *peer) encode(values ...reflect.Value) ([]byte, error) { return encode(p.export, values...) }

func (p *peer) decode(data []byte, types ...reflect.Type) ([]reflect.Value, error) {
	return decode(data, p.bind, types...)
}

func (p *peer) send(kind byte, payload []byte) error {
	if len(payload) >= maxFrame {
		return tooLarge(len(payload) + 1)
	}
	p.write.Lock()
	defer p.write.Unlock()
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)+1))
	if _, err := p.conn.Write(append(head, kind)); err != nil {
		return err
	}
	_, err := p.conn.Write(payload)
	return err
}

// tooLarge is the error of a message with more than maxFrame bytes.
func tooLarge(n int) error {
	return fmt.Errorf("%.1f MiB in one message, and at most %d MiB are taken", float64(n)/(1<<20), maxFrame>>20)
}

func readFrame(r *bufio.Reader) (kind byte, payload []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n == 0 {
		return 0, nil, errors.New("an empty message")
	}
	if n > maxFrame {
		return 0, nil, tooLarge(int(n))
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(r, frame); err != nil {
		return 0, nil, err
	}
	return frame[0], frame[1:], nil
}

// run answers calls and hands on answers until the other end is gone.
func (p *peer) run(r *bufio.Reader) {
	for {
		kind, payload, err := readFrame(r)
		if err != nil {
			p.refuse(err)
			break
		}
		number, n := binary.Uvarint(payload)
		if n <= 0 {
			p.refuse(errors.New("a message without a number"))
			break
		}
		if kind == frameCall {
			select {
			case p.calls <- struct{}{}:
				go p.answer(number, payload[n:])
				continue
			default:
			}
			p.refuse(fmt.Errorf("more than %d calls at once", maxCalls))
			break
		}
		p.mu.Lock()
		answer := p.waiting[number]
		delete(p.waiting, number)
		p.mu.Unlock()
		if answer != nil {
			answer <- append([]byte{kind}, payload[n:]...)
		}
	}
	p.mu.Lock()
	p.gone = true
	for _, answer := range p.waiting {
		close(answer)
	}
	p.waiting = nil
	p.mu.Unlock()
}

// refuse notes why the connection is ended, if the other end has not ended it.
func (p *peer) refuse(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(*net.OpError)) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = err
}

// answer calls one of this end's functions for the other end.
func (p *peer) answer(call uint64, payload []byte) {
	defer func() { <-p.calls }()
	kind, out := p.invoke(payload)
	if len(out) >= maxFrame-binary.MaxVarintLen64 {
		kind, out = frameWrong, []byte("its result: "+tooLarge(len(out)).Error())
	}
	if err := p.send(kind, append(binary.AppendUvarint(nil, call), out...)); err != nil {
		p.conn.Close()
	}
}

func (p *peer) invoke(payload []byte) (kind byte, out []byte) {
	f, args, err := p.arguments(payload)
	if err != nil {
		return frameWrong, []byte(err.Error())
	}
	before := p.changeable(args)
	var results []reflect.Value
	// A goroutine of its own: the function may end it.
	done := make(chan struct{})
	kind = frameExit
	go func() {
		defer close(done)
		defer func() {
			if kind != frameReturn {
				if value := recover(); value != nil {
					panicked := Panic{}
					panicked.Message, panicked.Function = Panicked(value)
					panicked.Message = strings.ToValidUTF8(panicked.Message, "�")
					kind = framePanic
					out, _ = encoding.Marshal(panicked) // two texts
				}
			}
		}()
		if f.Type().IsVariadic() {
			results = f.CallSlice(args)
		} else {
			results = f.Call(args)
		}
		kind = frameReturn
	}()
	<-done
	if kind != frameReturn {
		return kind, out
	}
	var answer returned
	if answer.Results, err = p.encode(results...); err != nil {
		return frameWrong, []byte("its result: " + err.Error())
	}
	answer.Changed = map[int]cbor.RawMessage{}
	for i, after := range p.changeable(args) {
		if before[i] != nil && after != nil && !bytes.Equal(before[i], after) {
			answer.Changed[i] = after
		}
	}
	if out, err = encoding.Marshal(answer); err != nil {
		return frameWrong, []byte(err.Error())
	}
	return frameReturn, out
}

// returned is what a call that returns is answered with.
type returned struct {
	_       struct{}                `cbor:",toarray"`
	Results cbor.RawMessage         // a list
	Changed map[int]cbor.RawMessage // lists of one: arguments that the call has changed
}

// changeable encodes those arguments that a call can change and that give the
// same bytes when they are encoded again; nil stands for the others.
func (p *peer) changeable(args []reflect.Value) [][]byte {
	out := make([][]byte, len(args))
	for i, arg := range args {
		switch arg.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer:
			if isData(arg.Type(), map[reflect.Type]bool{}) {
				out[i], _ = p.encode(arg)
			}
		}
	}
	return out
}

// isData says whether values of the type hold neither functions nor interfaces.
func isData(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Func, reflect.Interface:
		return false
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return isData(t.Elem(), seen)
	case reflect.Map:
		return isData(t.Key(), seen) && isData(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if !isData(t.Field(i).Type, seen) {
				return false
			}
		}
	}
	return true
}

func (p *peer) arguments(payload []byte) (f reflect.Value, args []reflect.Value, err error) {
	number, n := binary.Uvarint(payload)
	p.mu.Lock()
	if n > 0 && number < uint64(len(p.funcs)) {
		f = p.funcs[number]
	}
	p.mu.Unlock()
	if !f.IsValid() {
		return f, nil, errors.New("there is no such function")
	}
	args, err = p.decode(payload[n:], slices.Collect(f.Type().Ins())...)
	return f, args, err
}

// bind makes a function that calls the other end's function with the number.
func (p *peer) bind(number uint64, t reflect.Type) reflect.Value {
	c := &caller{p, number, t}
	return reflect.MakeFunc(t, c.call)
}

// Refusal is what a call panics with where arguments or results do not travel. The text says
// which, and why.
type Refusal string

// caller is a function of the other end.
type caller struct {
	peer   *peer
	number uint64
	t      reflect.Type
}

// call behaves as the function does: it returns, panics, or ends the goroutine.
func (c *caller) call(args []reflect.Value) []reflect.Value {
	p := c.peer
	sent, err := p.encode(args...)
	if err != nil {
		panic(Refusal("an argument cannot be sent: " + err.Error()))
	}
	answer := make(chan []byte, 1)
	p.mu.Lock()
	call := p.next
	p.next++
	if !p.gone {
		p.waiting[call] = answer
	} else {
		close(answer)
	}
	p.mu.Unlock()
	head := binary.AppendUvarint(binary.AppendUvarint(nil, call), c.number)
	if err := p.send(frameCall, append(head, sent...)); err != nil {
		p.conn.Close() // which ends the wait
	}
	payload, ok := <-answer
	if !ok {
		p.lost(c.t.String())
		panic("the program has ended")
	}
	switch payload[0] {
	case frameReturn:
		results, err := c.results(payload[1:], args)
		if err != nil {
			panic(Refusal("its result: " + err.Error()))
		}
		return results
	case framePanic:
		var panicked Panic
		if err := decoding.Unmarshal(payload[1:], &panicked); err != nil {
			panic(Refusal("its panic: " + err.Error()))
		}
		panic(panicked)
	case frameExit:
		runtime.Goexit()
	}
	panic(Refusal(payload[1:]))
}

func (c *caller) results(payload []byte, args []reflect.Value) ([]reflect.Value, error) {
	var answer returned
	if err := decoding.Unmarshal(payload, &answer); err != nil {
		return nil, err
	}
	results, err := c.peer.decode(answer.Results, slices.Collect(c.t.Outs())...)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		if data, ok := answer.Changed[i]; ok {
			changed, err := c.peer.decode(data, arg.Type())
			if err != nil {
				return nil, err
			}
			// The argument is a copy, what it points to is the caller's.
			own := reflect.New(arg.Type()).Elem()
			own.Set(arg)
			assign(own, changed[0])
		}
	}
	return results, nil
}
