package remote

import (
	"fmt"
	"net"
	"os"
	"reflect"
)

// Serve connects to the check that waits at the socket, gives it the values,
// and answers its calls until it is done. It is the last thing that a graded cell
// does.
func Serve(socket string, values ...any) {
	if err := serve(socket, values); err != nil {
		fmt.Println("✗", err)
		os.Exit(1)
	}
}

func serve(socket string, values []any) error {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return fmt.Errorf("the check cannot be reached: %w", err)
	}
	defer conn.Close()
	p := newPeer(conn)
	p.lost = func(string) {}
	e := p.encoder()
	e.uint(uint64(len(values)))
	for _, value := range values {
		one, err := p.encode(reflect.ValueOf(value))
		if err != nil {
			return fmt.Errorf("a value of type %T cannot be checked: %w", value, err)
		}
		e.text(typeName(reflect.TypeOf(value)))
		e.text(string(one))
	}
	if err := p.send(frameHello, e.Bytes()); err != nil {
		return fmt.Errorf("the check cannot be reached: %w", err)
	}
	p.run(newReader(conn))
	return nil
}

// typeName is the name of a type, that of its parameters and results for a
// function: a function type of another name will do as well.
func typeName(t reflect.Type) string {
	if t == nil || t.Kind() != reflect.Func {
		return fmt.Sprint(t)
	}
	var in, out []reflect.Type
	for i := range t.NumIn() {
		in = append(in, t.In(i))
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	return reflect.FuncOf(in, out, t.IsVariadic()).String()
}
