// Package onnxpb encodes computation graphs of float32 tensors as ONNX models, in the
// protobuf form of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
package onnxpb

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// Graph is a model: nodes in the order of computation, and the tensors that they use.
type Graph struct {
	Name, Producer  string
	Nodes           []Node
	Initializers    []Tensor
	Inputs, Outputs []Value
	// Values are those between the nodes, for programs that show the graph with its shapes.
	Values []Value
	// Opset is the version of the operators, or 0 for 13, which every runtime of recent years
	// supports.
	Opset int
}

// Node applies an operator to values by their names.
type Node struct {
	Name, Operator  string
	Inputs, Outputs []string
	Attributes      []Attribute
}

// Tensor is a constant with a name, in row-major order.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// Value is an input, an output or another value of the graph. Its first axis is the batch, of any length,
// followed by the axes in Shape.
type Value struct {
	Name  string
	Shape []int
}

// Attribute is a setting of a node, made by Int, Ints, Float or Text.
type Attribute []byte

// Field numbers and enumeration values of onnx.proto3.
const (
	tensorFloat = 1 // TensorProto.FLOAT

	attributeFloat = 1 // AttributeProto.FLOAT
	attributeInt   = 2 // AttributeProto.INT
	attributeText  = 3 // AttributeProto.STRING
	attributeInts  = 7 // AttributeProto.INTS
)

// Encode returns the ModelProto.
func (g Graph) Encode() []byte {
	var graph []byte
	for _, n := range g.Nodes {
		graph = appendMessage(graph, 1, n.encode())
	}
	graph = appendText(graph, 2, g.Name)
	for _, t := range g.Initializers {
		graph = appendMessage(graph, 5, t.encode())
	}
	for _, v := range g.Inputs {
		graph = appendMessage(graph, 11, v.encode())
	}
	for _, v := range g.Outputs {
		graph = appendMessage(graph, 12, v.encode())
	}
	for _, v := range g.Values {
		graph = appendMessage(graph, 13, v.encode())
	}
	opset, ir := uint64(13), uint64(8) // IR version 8 is that of ONNX 1.10
	if g.Opset > 0 {
		opset = uint64(g.Opset)
	}
	if opset > 18 {
		ir = 9 // of ONNX 1.14, the first with operators of version 19
	}
	model := appendNumber(nil, 1, ir)
	model = appendText(model, 2, g.Producer)
	model = appendMessage(model, 7, graph)
	return appendMessage(model, 8, appendNumber(appendText(nil, 1, ""), 2, opset))
}

// encode returns the NodeProto.
func (n Node) encode() []byte {
	var b []byte
	for _, name := range n.Inputs {
		b = appendText(b, 1, name)
	}
	for _, name := range n.Outputs {
		b = appendText(b, 2, name)
	}
	if n.Name != "" {
		b = appendText(b, 3, n.Name)
	}
	b = appendText(b, 4, n.Operator)
	for _, a := range n.Attributes {
		b = appendMessage(b, 5, a)
	}
	return b
}

// encode returns the TensorProto, with raw data.
func (t Tensor) encode() []byte {
	var b []byte
	for _, d := range t.Shape {
		b = appendNumber(b, 1, uint64(d))
	}
	b = appendNumber(b, 2, tensorFloat)
	b = appendText(b, 8, t.Name)
	return appendMessage(b, 9, raw(t.Data))
}

// encode returns the ValueInfoProto.
func (v Value) encode() []byte {
	shape := appendMessage(nil, 1, appendText(nil, 2, "batch"))
	for _, d := range v.Shape {
		shape = appendMessage(shape, 1, appendNumber(nil, 1, uint64(d)))
	}
	tensor := appendMessage(appendNumber(nil, 1, tensorFloat), 2, shape)
	return appendMessage(appendText(nil, 1, v.Name), 2, appendMessage(nil, 1, tensor))
}

// Int is an attribute of one whole number.
func Int(name string, v int) Attribute {
	b := appendNumber(appendText(nil, 1, name), 3, uint64(v))
	return appendNumber(b, 20, attributeInt)
}

// Ints is an attribute of several whole numbers.
func Ints(name string, values ...int) Attribute {
	b := appendText(nil, 1, name)
	for _, v := range values {
		b = appendNumber(b, 8, uint64(v))
	}
	return appendNumber(b, 20, attributeInts)
}

// Float is an attribute of one float32.
func Float(name string, v float32) Attribute {
	b := protowire.AppendTag(appendText(nil, 1, name), 2, protowire.Fixed32Type)
	b = append(b, raw(v)...)
	return appendNumber(b, 20, attributeFloat)
}

// Text is an attribute of a text.
func Text(name, text string) Attribute {
	return appendNumber(appendText(appendText(nil, 1, name), 4, text), 20, attributeText)
}

// raw returns the bytes of float32 values, little endian.
func raw(values any) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		panic(err) // float32 values always have an encoding
	}
	return b
}

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}

func appendNumber(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}
