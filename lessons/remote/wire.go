package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

// The limits of what is read. The frame bounds the bytes; these bound what they can become.
const (
	maxDepth    = 100     // of values in values
	maxElements = 1 << 20 // of a list or a map
)

// known are the errors that code compares with errors.Is.
var known = []error{io.EOF, io.ErrUnexpectedEOF, fs.ErrNotExist, fs.ErrExist, fs.ErrInvalid, fs.ErrPermission}

// encoding keeps the bits of floats, and the difference between nil and empty.
var encoding = must(cbor.EncOptions{
	ShortestFloat:   cbor.ShortestFloatNone,
	NaNConvert:      cbor.NaNConvertNone,
	InfConvert:      cbor.InfConvertNone,
	BigIntConvert:   cbor.BigIntConvertReject,
	IndefLength:     cbor.IndefLengthForbidden,
	TagsMd:          cbor.TagsForbidden,
	NilContainers:   cbor.NilContainerAsNull,
	BinaryMarshaler: cbor.BinaryMarshalerNone,
}.EncMode())

var decoding = must(cbor.DecOptions{
	DupMapKey:         cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:   maxDepth,
	MaxArrayElements:  maxElements,
	MaxMapPairs:       maxElements,
	IndefLength:       cbor.IndefLengthForbidden,
	TagsMd:            cbor.TagsForbidden,
	UTF8:              cbor.UTF8DecodeInvalid, // a Go string is any bytes
	BinaryUnmarshaler: cbor.BinaryUnmarshalerNone,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // options that exclude each other
	}
	return mode
}

var (
	errorType  = reflect.TypeFor[error]()
	readerType = reflect.TypeFor[io.Reader]()
)

// described is what a type implements that has a description of its own, such as a
// *fashion.Model. The description travels in its place, and UnmarshalJSON must
// refuse one that it cannot trust.
type described interface {
	json.Marshaler
	json.Unmarshaler
}

func isDescribed(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Implements(reflect.TypeFor[described]())
}

// form is how values of a type are encoded.
type form int

const (
	formNone      form = iota // they cannot travel
	formData                  // by CBOR alone
	formParts                 // as lists of their parts
	formError                 // the message, and which of the known errors it is
	formReader                // all that is to be read
	formFunc                  // the number in the table of functions
	formDescribed             // the description
)

func formOf(t reflect.Type) form {
	switch {
	case t == errorType:
		return formError
	case t == readerType:
		return formReader
	case isDescribed(t):
		return formDescribed
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return formData
	case reflect.Slice:
		if formOf(t.Elem()) == formData {
			return formData
		}
		return formParts
	case reflect.Array, reflect.Map, reflect.Pointer, reflect.Struct:
		return formParts
	case reflect.Func:
		return formFunc
	}
	return formNone
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
	var parts []reflect.Type
	switch form := formOf(t); {
	case form == formNone:
		return fmt.Errorf("%v cannot be copied to another process", t)
	case form == formFunc:
		for in := range t.Ins() {
			parts = append(parts, in)
		}
		for out := range t.Outs() {
			parts = append(parts, out)
		}
	case form != formParts:
		return nil
	case t.Kind() == reflect.Map:
		parts = append(parts, t.Key(), t.Elem())
	case t.Kind() == reflect.Struct:
		for field := range t.Fields() {
			if !field.IsExported() {
				return fmt.Errorf("%v has the unexported field %s", t, field.Name)
			}
			parts = append(parts, field.Type)
		}
	default:
		parts = append(parts, t.Elem())
	}
	for _, part := range parts {
		if err := supports(part, seen); err != nil {
			return err
		}
	}
	return nil
}

// wireError is an error as it travels.
type wireError struct {
	_       struct{} `cbor:",toarray"`
	Message string
	Known   uint64 // a bit for each of the known errors
}

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

// encode returns values as CBOR. A function's number is the one that export gives it.
func encode(export func(reflect.Value) uint64, values ...reflect.Value) ([]byte, error) {
	parts, err := encodable(export, 0, values...)
	if err != nil {
		return nil, err
	}
	return encoding.Marshal(parts)
}

// encodable returns what CBOR encodes in the place of values.
func encodable(export func(reflect.Value) uint64, depth int, values ...reflect.Value) ([]any, error) {
	if depth > maxDepth/2 {
		return nil, errors.New("a value contains itself")
	}
	out := make([]any, len(values))
	for i, v := range values {
		if !v.IsValid() {
			continue // nil without a type
		}
		var err error
		t := v.Type()
		switch form := formOf(t); {
		case canBeNil(t) && v.IsNil():
		case form == formData:
			out[i] = v.Interface()
		case form == formError:
			wire := wireError{Message: v.Interface().(error).Error()}
			for k, e := range known {
				if errors.Is(v.Interface().(error), e) {
					wire.Known |= 1 << k
				}
			}
			out[i] = wire
		case form == formReader:
			// A reader that fails breaks off there, as far as the other side is concerned.
			if out[i], err = io.ReadAll(v.Interface().(io.Reader)); err != nil {
				err = fmt.Errorf("a reader failed: %w", err)
			}
		case form == formFunc:
			out[i] = export(v)
		case form == formDescribed:
			out[i], err = v.Interface().(described).MarshalJSON()
		default:
			if err = Supports(t); err == nil {
				out[i], err = encodable(export, depth+1, partsOf(v)...)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func canBeNil(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Func, reflect.Interface:
		return true
	}
	return false
}

// partsOf are the values that a value of the form formParts consists of: for a map, keys and
// their elements in turn.
func partsOf(v reflect.Value) (parts []reflect.Value) {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			parts = append(parts, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			parts = append(parts, v.Field(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			parts = append(parts, it.Key(), it.Value())
		}
	case reflect.Pointer:
		parts = append(parts, v.Elem())
	}
	return parts
}

// decode reads values that encode has written, or that somebody has forged, into new
// values of the types. Functions are made by bind.
func decode(data []byte, bind func(number uint64, t reflect.Type) reflect.Value, types ...reflect.Type) ([]reflect.Value, error) {
	var parts []cbor.RawMessage
	if err := decoding.Unmarshal(data, &parts); err != nil {
		return nil, err
	}
	if len(parts) != len(types) {
		return nil, fmt.Errorf("%d values were expected, and %d came", len(types), len(parts))
	}
	values := make([]reflect.Value, len(types))
	for i, t := range types {
		values[i] = reflect.New(t).Elem()
		if err := decodeInto(values[i], parts[i], bind); err != nil {
			return nil, err
		}
	}
	return values, nil
}

var null = []byte{0xf6}

func decodeInto(v reflect.Value, data cbor.RawMessage, bind func(uint64, reflect.Type) reflect.Value) error {
	t := v.Type()
	if bytes.Equal(data, null) {
		if !canBeNil(t) {
			return fmt.Errorf("%v was expected, and nil came", t)
		}
		return nil
	}
	switch formOf(t) {
	case formData:
		return decoding.Unmarshal(data, v.Addr().Interface())
	case formError:
		var wire wireError
		if err := decoding.Unmarshal(data, &wire); err != nil {
			return err
		}
		err := &travelled{message: wire.Message}
		v.Set(reflect.ValueOf(err))
		for i, k := range known {
			if wire.Known>>i&1 == 1 {
				err.is = append(err.is, k)
				if k.Error() == wire.Message {
					v.Set(reflect.ValueOf(k)) // the error itself, for code that compares with ==
				}
			}
		}
		return nil
	case formReader:
		var content []byte
		err := decoding.Unmarshal(data, &content)
		v.Set(reflect.ValueOf(bytes.NewReader(content)))
		return err
	case formFunc:
		var number uint64
		err := decoding.Unmarshal(data, &number)
		v.Set(bind(number, t))
		return err
	case formDescribed:
		var text []byte
		if err := decoding.Unmarshal(data, &text); err != nil {
			return err
		}
		v.Set(reflect.New(t.Elem()))
		return v.Interface().(described).UnmarshalJSON(text)
	case formParts:
		return decodeParts(v, data, bind)
	}
	return Supports(t)
}

func decodeParts(v reflect.Value, data []byte, bind func(uint64, reflect.Type) reflect.Value) error {
	t := v.Type()
	var parts []cbor.RawMessage
	if err := decoding.Unmarshal(data, &parts); err != nil {
		return err
	}
	var places []reflect.Value
	switch t.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, len(parts), len(parts)))
		places = partsOf(v)
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		places = partsOf(v)
	case reflect.Map:
		for i := range len(parts) + len(parts)%2 {
			places = append(places, reflect.New([]reflect.Type{t.Key(), t.Elem()}[i%2]).Elem())
		}
	default:
		places = partsOf(v)
	}
	if len(parts) != len(places) {
		return fmt.Errorf("%v has %d parts, and %d came", t, len(places), len(parts))
	}
	for i, part := range parts {
		if err := decodeInto(places[i], part, bind); err != nil {
			return err
		}
	}
	if t.Kind() == reflect.Map {
		v.Set(reflect.MakeMap(t))
		for i := 0; i < len(places); i += 2 {
			v.SetMapIndex(places[i], places[i+1])
		}
	}
	return nil
}

// assign makes a caller's own value what a call has made of the copy: where arrays, maps
// and pointees are as they were, their contents are set.
func assign(own, changed reflect.Value) {
	switch {
	case own.Kind() == reflect.Slice && own.Len() == changed.Len() && !own.IsNil() && !changed.IsNil():
		for i := range own.Len() {
			assign(own.Index(i), changed.Index(i))
		}
	case own.Kind() == reflect.Map && !own.IsNil() && !changed.IsNil():
		own.Clear()
		for it := changed.MapRange(); it.Next(); {
			own.SetMapIndex(it.Key(), it.Value())
		}
	case own.Kind() == reflect.Pointer && !own.IsNil() && !changed.IsNil():
		assign(own.Elem(), changed.Elem())
	case own.Kind() == reflect.Struct:
		for i := range own.NumField() {
			assign(own.Field(i), changed.Field(i))
		}
	case own.CanSet():
		own.Set(changed)
	}
}
