package serve

import (
	"bytes"
	"strconv"

	"fashionlab/fashion"
)

// pixelsFromJSON reads the data of an input from an array of numbers, or from nested arrays with
// the input's shape; the protocol allows both. The text is valid JSON. encoding/json would read
// nested arrays into an any, with ten times the memory.
func pixelsFromJSON(text []byte, datatype string, shape []int) ([]float32, error) {
	p := jsonPixels{rest: text, bytes: datatype == "UINT8", values: make([]float32, 0, shape[0]*fashion.ImagePixels)}
	if after, ok := bytes.CutPrefix(text, []byte("[")); ok && !bytes.HasPrefix(bytes.TrimLeft(after, jsonSpace), []byte("[")) {
		shape = []int{cap(p.values)}
	}
	if err := p.array(shape); err != nil {
		return nil, err
	}
	return p.values, nil
}

const jsonSpace = " \t\r\n"

// jsonPixels reads numbers from the rest of a valid JSON text.
type jsonPixels struct {
	rest   []byte
	bytes  bool // of datatype UINT8
	values []float32
}

// array appends the numbers of nested arrays with the given shape.
func (p *jsonPixels) array(shape []int) error {
	if len(shape) == 0 {
		x, err := p.number()
		p.values = append(p.values, x)
		return err
	}
	if !p.next('[') {
		return badRequest("the data of input %q is not an array of numbers, or nested arrays with its shape", inputName)
	}
	for i := range shape[0] {
		if i > 0 && !p.next(',') {
			return badRequest("an array in the data of input %q has %d elements, want %d", inputName, i, shape[0])
		}
		if err := p.array(shape[1:]); err != nil {
			return err
		}
	}
	if !p.next(']') {
		return badRequest("an array in the data of input %q has more than %d elements, want these", inputName, shape[0])
	}
	return nil
}

// next skips a character, and reports whether it was there.
func (p *jsonPixels) next(c byte) bool {
	p.rest = bytes.TrimLeft(p.rest, jsonSpace)
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// number reads a pixel.
func (p *jsonPixels) number() (float32, error) {
	p.rest = bytes.TrimLeft(p.rest, jsonSpace)
	end := bytes.IndexAny(p.rest, ",[]{}"+jsonSpace)
	if end < 0 {
		end = len(p.rest)
	}
	text := string(p.rest[:end])
	p.rest = p.rest[end:]
	if p.bytes {
		x, err := strconv.ParseUint(text, 10, 8)
		if err != nil {
			return 0, badRequest("input %q has the element %.20q, want whole numbers from 0 to 255 for UINT8", inputName, text)
		}
		return float32(x) / 255, nil
	}
	x, err := strconv.ParseFloat(text, 32)
	if err != nil {
		return 0, badRequest("input %q has the element %.20q, want numbers", inputName, text)
	}
	return float32(x), checkPixel(float32(x))
}
