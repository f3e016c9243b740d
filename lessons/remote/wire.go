package remote

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"reflect"
)

// Each value is preceded by a byte for its kind, so that the reader
// can compare it with the type that it expects.
const (
	tagNil     = 'n'
	tagBool    = 'b' // 1 byte
	tagInt     = 'i' // varint
	tagUint    = 'u' // varint
	tagFloat   = 'f' // 8 bytes
	tagComplex = 'c' // 16 bytes
	tagString  = 's' // length, bytes
	tagList    = 'l' // length, values
	tagFloats  = 'F' // length, 8 bytes each
	tagMap     = 'm' // length, pairs
	tagStruct  = 't' // length, pairs of name and value
	tagPointer = 'p' // value
	tagFunc    = 'x' // number in the writer's table
	tagError   = 'e' // message, and which of the known errors it wraps
	tagReader  = 'r' // length, bytes
)

// maxDepth bounds values that contain themselves.
const maxDepth = 100

var (
	errorType  = reflect.TypeFor[error]()
	readerType = reflect.TypeFor[io.Reader]()
	anyType    = reflect.TypeFor[any]()
)

// known are the errors that code compares with errors.Is.
var known = []error{io.EOF, io.ErrUnexpectedEOF, fs.ErrNotExist, fs.ErrExist, fs.ErrInvalid, fs.ErrPermission}

// travelled is an error that came from the other process.
type travelled struct {
	message string
	is      []error
}

func (e *travelled) Error() string { return e.message }

func (e *travelled) Is(target error) bool {
	for _, err := range e.is {
		if err == target {
			return true
		}
	}
	return false
}

// Supports says with an error why values of a type cannot travel; nil means that
// they can.
func Supports(t reflect.Type) error {
	return supports(t, map[reflect.Type]bool{})
}

func supports(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	if t == errorType || t == readerType || t == anyType {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return supports(t.Elem(), seen)
	case reflect.Map:
		if err := supports(t.Key(), seen); err != nil {
			return err
		}
		return supports(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				return fmt.Errorf("%v has the unexported field %s", t, t.Field(i).Name)
			}
			if err := supports(t.Field(i).Type, seen); err != nil {
				return err
			}
		}
		return nil
	case reflect.Func:
		for i := range t.NumIn() {
			if err := supports(t.In(i), seen); err != nil {
				return err
			}
		}
		for i := range t.NumOut() {
			if err := supports(t.Out(i), seen); err != nil {
				return err
			}
		}
		return nil
	case reflect.Interface, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("%v cannot be copied to another process", t)
	}
	return nil
}

// encoder writes values. It panics with a wireError, which its users recover.
type encoder struct {
	bytes.Buffer
	export func(reflect.Value) uint64 // puts a function into the table
}

type wireError struct{ error }

func fail(format string, values ...any) {
	panic(wireError{fmt.Errorf(format, values...)})
}

// catch turns the panic of an encoder or decoder into an error.
func catch(err *error) {
	switch e := recover().(type) {
	case nil:
	case wireError:
		*err = e.error
	default:
		panic(e)
	}
}

func (e *encoder) uint(n uint64) { e.Write(binary.AppendUvarint(nil, n)) }

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.WriteString(s)
}

func (e *encoder) value(v reflect.Value, depth int) {
	if depth > maxDepth {
		fail("a value contains itself")
	}
	if !v.IsValid() {
		e.WriteByte(tagNil)
		return
	}
	t := v.Type()
	switch {
	case t == errorType:
		e.error(v)
		return
	case t == readerType:
		e.reader(v)
		return
	}
	switch t.Kind() {
	case reflect.Bool:
		e.WriteByte(tagBool)
		if v.Bool() {
			e.WriteByte(1)
		} else {
			e.WriteByte(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.WriteByte(tagInt)
		e.Write(binary.AppendVarint(nil, v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.WriteByte(tagUint)
		e.uint(v.Uint())
	case reflect.Float32, reflect.Float64:
		e.WriteByte(tagFloat)
		e.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v.Float())))
	case reflect.Complex64, reflect.Complex128:
		e.WriteByte(tagComplex)
		e.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(real(v.Complex()))))
		e.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(imag(v.Complex()))))
	case reflect.String:
		e.WriteByte(tagString)
		e.text(v.String())
	case reflect.Slice:
		if v.IsNil() {
			e.WriteByte(tagNil)
			return
		}
		e.list(v, depth)
	case reflect.Array:
		e.list(v, depth)
	case reflect.Map:
		if v.IsNil() {
			e.WriteByte(tagNil)
			return
		}
		e.WriteByte(tagMap)
		e.uint(uint64(v.Len()))
		for it := v.MapRange(); it.Next(); {
			e.value(it.Key(), depth+1)
			e.value(it.Value(), depth+1)
		}
	case reflect.Pointer:
		if v.IsNil() {
			e.WriteByte(tagNil)
			return
		}
		e.WriteByte(tagPointer)
		e.value(v.Elem(), depth+1)
	case reflect.Struct:
		if err := Supports(t); err != nil {
			fail("%w", err)
		}
		e.WriteByte(tagStruct)
		e.uint(uint64(t.NumField()))
		for i := range t.NumField() {
			e.text(t.Field(i).Name)
			e.value(v.Field(i), depth+1)
		}
	case reflect.Func:
		if v.IsNil() {
			e.WriteByte(tagNil)
			return
		}
		e.WriteByte(tagFunc)
		e.uint(e.export(v))
	case reflect.Interface:
		if t != anyType {
			fail("%v cannot be copied to another process", t)
		}
		e.value(v.Elem(), depth+1)
	default:
		fail("%v cannot be copied to another process", t)
	}
}

func (e *encoder) list(v reflect.Value, depth int) {
	if kind := v.Type().Elem().Kind(); kind == reflect.Float64 || kind == reflect.Float32 {
		e.WriteByte(tagFloats)
		e.uint(uint64(v.Len()))
		for i := range v.Len() {
			e.Write(binary.LittleEndian.AppendUint64(e.AvailableBuffer(), math.Float64bits(v.Index(i).Float())))
		}
		return
	}
	e.WriteByte(tagList)
	e.uint(uint64(v.Len()))
	for i := range v.Len() {
		e.value(v.Index(i), depth+1)
	}
}

func (e *encoder) error(v reflect.Value) {
	if v.IsNil() {
		e.WriteByte(tagNil)
		return
	}
	err := v.Interface().(error)
	e.WriteByte(tagError)
	e.text(err.Error())
	var set uint64
	for i, k := range known {
		if errors.Is(err, k) {
			set |= 1 << i
		}
	}
	e.uint(set)
}

// reader sends all that is to be read; a reader that fails breaks off there, as
// far as the other side is concerned.
func (e *encoder) reader(v reflect.Value) {
	if v.IsNil() {
		e.WriteByte(tagNil)
		return
	}
	content, err := io.ReadAll(v.Interface().(io.Reader))
	if err != nil {
		fail("a reader failed: %w", err)
	}
	e.WriteByte(tagReader)
	e.text(string(content))
}

// decoder reads values that an encoder has written, or that somebody has forged.
type decoder struct {
	data []byte
	bind func(number uint64, t reflect.Type) reflect.Value // makes a function that calls the other side
}

var errShort = errors.New("a message ends early")

func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.data)) {
		panic(wireError{errShort})
	}
	out := d.data[:n]
	d.data = d.data[n:]
	return out
}

func (d *decoder) byte() byte { return d.bytes(1)[0] }

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		panic(wireError{errShort})
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 {
		panic(wireError{errShort})
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) float() float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(d.bytes(8)))
}

func (d *decoder) text() string { return string(d.bytes(d.uint())) }

// count is a length: of a list that has at least size bytes for each element.
func (d *decoder) count(size uint64) int {
	n := d.uint()
	if n > uint64(len(d.data))/size {
		panic(wireError{errShort})
	}
	return int(n)
}

// value reads a value into v, keeping the arrays, maps and pointees that are
// already there where they fit, so that a change of an argument arrives in the
// caller's own.
func (d *decoder) value(v reflect.Value, depth int) {
	if depth > maxDepth {
		fail("a value contains itself")
	}
	t := v.Type()
	all := d.data
	tag := d.byte()
	if t == anyType && tag != tagNil {
		d.data = all
		v.Set(d.natural(depth))
		return
	}
	mismatch := func() { fail("%v was expected, and something else came", t) }
	switch tag {
	case tagNil:
		switch t.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Func, reflect.Interface:
			v.SetZero()
		default:
			mismatch()
		}
	case tagBool:
		if t.Kind() != reflect.Bool {
			mismatch()
		}
		v.SetBool(d.byte() != 0)
	case tagInt:
		d.number(v, reflect.ValueOf(d.int()))
	case tagUint:
		d.number(v, reflect.ValueOf(d.uint()))
	case tagFloat:
		d.number(v, reflect.ValueOf(d.float()))
	case tagComplex:
		re, im := d.float(), d.float()
		if t.Kind() != reflect.Complex64 && t.Kind() != reflect.Complex128 {
			mismatch()
		}
		v.SetComplex(complex(re, im))
	case tagString:
		if t.Kind() != reflect.String {
			mismatch()
		}
		v.SetString(d.text())
	case tagList, tagFloats:
		size := uint64(1)
		if tag == tagFloats {
			size = 8
		}
		n := d.count(size)
		switch {
		case t.Kind() == reflect.Slice && (v.IsNil() || v.Len() != n):
			v.Set(reflect.MakeSlice(t, n, n))
		case t.Kind() == reflect.Array && v.Len() != n, t.Kind() != reflect.Slice && t.Kind() != reflect.Array:
			mismatch()
		}
		for i := range n {
			if tag == tagFloats {
				d.number(v.Index(i), reflect.ValueOf(d.float()))
			} else {
				d.value(v.Index(i), depth+1)
			}
		}
	case tagMap:
		if t.Kind() != reflect.Map {
			mismatch()
		}
		n := d.count(2)
		if v.IsNil() {
			v.Set(reflect.MakeMap(t))
		}
		v.Clear()
		for range n {
			key, element := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			d.value(key, depth+1)
			d.value(element, depth+1)
			if !key.Comparable() {
				mismatch()
			}
			v.SetMapIndex(key, element)
		}
	case tagPointer:
		if t.Kind() != reflect.Pointer {
			mismatch()
		}
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		d.value(v.Elem(), depth+1)
	case tagStruct:
		if t.Kind() != reflect.Struct || Supports(t) != nil {
			mismatch()
		}
		if d.count(2) != t.NumField() {
			mismatch()
		}
		for i := range t.NumField() {
			if d.text() != t.Field(i).Name {
				mismatch()
			}
			d.value(v.Field(i), depth+1)
		}
	case tagFunc:
		number := d.uint()
		if t.Kind() != reflect.Func {
			mismatch()
		}
		v.Set(d.bind(number, t))
	case tagError:
		message, set := d.text(), d.uint()
		if t != errorType {
			mismatch()
		}
		err := &travelled{message: message}
		for i, k := range known {
			if set>>i&1 == 1 {
				err.is = append(err.is, k)
				if k.Error() == message {
					v.Set(reflect.ValueOf(k)) // the error itself, for code that compares with ==
					return
				}
			}
		}
		v.Set(reflect.ValueOf(err))
	case tagReader:
		content := d.text()
		if t != readerType {
			mismatch()
		}
		v.Set(reflect.ValueOf(bytes.NewReader([]byte(content))))
	default:
		mismatch()
	}
}

// number sets a number of another kind where nothing is lost by it: constants in
// a notebook have the type int, where a check may ask for a float64.
func (d *decoder) number(v, n reflect.Value) {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n.Kind() == reflect.Float64 && n.Float() != math.Trunc(n.Float()) {
			fail("%v was expected, and %v came", v.Type(), n.Float())
		}
		converted := n.Convert(v.Type())
		if converted.Convert(n.Type()).Interface() != n.Interface() {
			fail("%v was expected, and %v came", v.Type(), n.Interface())
		}
		v.Set(converted)
	case reflect.Float32, reflect.Float64:
		v.Set(n.Convert(v.Type()))
	default:
		fail("%v was expected, and a number came", v.Type())
	}
}

// natural reads a value for a variable of type any.
func (d *decoder) natural(depth int) reflect.Value {
	types := map[byte]reflect.Type{
		tagBool: reflect.TypeFor[bool](), tagInt: reflect.TypeFor[int](), tagUint: reflect.TypeFor[uint](),
		tagFloat: reflect.TypeFor[float64](), tagComplex: reflect.TypeFor[complex128](), tagString: reflect.TypeFor[string](),
		tagList: reflect.TypeFor[[]any](), tagFloats: reflect.TypeFor[[]float64](), tagMap: reflect.TypeFor[map[any]any](),
	}
	t, ok := types[d.data[0]]
	if !ok {
		fail("a value of type any is neither a number, a text, a list nor a map")
	}
	v := reflect.New(t).Elem()
	d.value(v, depth+1)
	return v
}
