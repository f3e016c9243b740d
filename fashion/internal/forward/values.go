package forward

import (
	"encoding/binary"
	"encoding/json"
	"math"
)

// Values are numbers that JSON holds as base64 of their bytes, in little endian.
type Values []float32

// MarshalJSON writes the base64.
func (v Values) MarshalJSON() ([]byte, error) {
	content := make([]byte, 0, 4*len(v))
	for _, x := range v {
		content = binary.LittleEndian.AppendUint32(content, math.Float32bits(x))
	}
	return json.Marshal(content)
}

// UnmarshalJSON reads the base64.
func (v *Values) UnmarshalJSON(text []byte) error {
	var content []byte
	if err := json.Unmarshal(text, &content); err != nil {
		return err
	}
	*v = make(Values, len(content)/4)
	for i := range *v {
		(*v)[i] = math.Float32frombits(binary.LittleEndian.Uint32(content[4*i:]))
	}
	return nil
}
