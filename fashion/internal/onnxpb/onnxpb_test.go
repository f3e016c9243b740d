package onnxpb

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message: its number, and its value as bytes or as a number.
type field struct {
	number protowire.Number
	bytes  []byte
	value  uint64
}

// fields reads a message.
func fields(t *testing.T, message []byte) []field {
	t.Helper()
	var all []field
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			t.Fatalf("a tag: %v", protowire.ParseError(n))
		}
		message = message[n:]
		f := field{number: number}
		switch kind {
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(message)
			f.value = uint64(v)
		default:
			t.Fatalf("field %d has the wire type %d", number, kind)
		}
		if n < 0 {
			t.Fatalf("field %d: %v", number, protowire.ParseError(n))
		}
		message = message[n:]
		all = append(all, f)
	}
	return all
}

// at returns the fields of one number.
func at(t *testing.T, message []byte, number protowire.Number) []field {
	t.Helper()
	return slices.DeleteFunc(fields(t, message), func(f field) bool { return f.number != number })
}

// The numbers are those of onnx.proto3.
func TestAGraphHasItsPartsInTheFieldsOfOnnxProto(t *testing.T) {
	model := Graph{
		Name: "g", Producer: "p",
		Nodes: []Node{
			{Name: "n", Operator: "Conv", Inputs: []string{"x", "w"}, Outputs: []string{"y"}, Attributes: []Attribute{Ints("pads", 0, 300), Int("group", 2), Float("epsilon", 0.5)}},
			{Operator: "Identity", Inputs: []string{"y"}, Outputs: []string{"z"}},
		},
		Initializers: []Tensor{{Name: "w", Shape: []int{2, 1}, Data: []float32{1, -2}}},
		Inputs:       []Value{{"x", []int{3}}},
		Outputs:      []Value{{"z", nil}},
		Values:       []Value{{"y", []int{3, 4}}},
	}.Encode()
	if got := at(t, model, 1); len(got) != 1 || got[0].value != 8 {
		t.Errorf("the IR version is %v, want 8", got)
	}
	if got := at(t, model, 2); len(got) != 1 || string(got[0].bytes) != "p" {
		t.Errorf("the producer is %v, want p", got)
	}
	if got := at(t, at(t, model, 8)[0].bytes, 2); len(got) != 1 || got[0].value != 13 {
		t.Errorf("the version of the operators is %v, want 13", got)
	}
	graph := at(t, model, 7)[0].bytes
	nodes := at(t, graph, 1)
	if len(nodes) != 2 || string(at(t, graph, 2)[0].bytes) != "g" {
		t.Fatalf("the graph has %d nodes and the name %v, want 2 and g", len(nodes), at(t, graph, 2))
	}
	for number, want := range map[protowire.Number][]string{1: {"x", "w"}, 2: {"y"}, 3: {"n"}, 4: {"Conv"}} {
		var got []string
		for _, f := range at(t, nodes[0].bytes, number) {
			got = append(got, string(f.bytes))
		}
		if !slices.Equal(got, want) {
			t.Errorf("field %d of the first node is %q, want %q", number, got, want)
		}
	}
	if names := at(t, nodes[1].bytes, 3); len(names) != 0 {
		t.Errorf("a node without a name has %v", names)
	}
	attributes := at(t, nodes[0].bytes, 5)
	if len(attributes) != 3 {
		t.Fatalf("the first node has %d attributes, want 3", len(attributes))
	}
	for i, want := range []struct {
		name   string
		kind   uint64 // AttributeProto.AttributeType
		field  protowire.Number
		values []uint64
	}{{"pads", 7, 8, []uint64{0, 300}}, {"group", 2, 3, []uint64{2}}, {"epsilon", 1, 2, []uint64{0x3f000000}}} {
		b := attributes[i].bytes
		var values []uint64
		for _, f := range at(t, b, want.field) {
			values = append(values, f.value)
		}
		if string(at(t, b, 1)[0].bytes) != want.name || at(t, b, 20)[0].value != want.kind || !slices.Equal(values, want.values) {
			t.Errorf("attribute %d has the fields %v, want %+v", i, fields(t, b), want)
		}
	}
	tensor := at(t, graph, 5)[0].bytes
	if dims := at(t, tensor, 1); len(dims) != 2 || dims[0].value != 2 || dims[1].value != 1 {
		t.Errorf("the tensor has the shape %v, want [2 1]", dims)
	}
	if data := at(t, tensor, 9)[0].bytes; string(data) != "\x00\x00\x80\x3f\x00\x00\x00\xc0" {
		t.Errorf("the tensor has the bytes %x, want those of 1 and -2", data)
	}
	for number, axes := range map[protowire.Number]int{11: 2, 12: 1, 13: 3} {
		value := at(t, graph, number)[0].bytes
		tensor := at(t, at(t, value, 2)[0].bytes, 1)[0].bytes
		dims := at(t, at(t, tensor, 2)[0].bytes, 1)
		if len(dims) != axes || string(at(t, dims[0].bytes, 2)[0].bytes) != "batch" {
			t.Errorf("field %d has %d axes, want %d, the first of them the batch", number, len(dims), axes)
		}
	}
}

// Gelu needs version 20 of the operators, and this version IR version 9:
// https://github.com/onnx/onnx/blob/main/docs/Versioning.md.
func TestAGraphWithNewerOperatorsHasTheirVersions(t *testing.T) {
	model := Graph{Opset: 20, Nodes: []Node{{Operator: "Gelu", Attributes: []Attribute{Text("approximate", "tanh")}}}}.Encode()
	if got := at(t, model, 1)[0].value; got != 9 {
		t.Errorf("the IR version is %d, want 9", got)
	}
	if got := at(t, at(t, model, 8)[0].bytes, 2)[0].value; got != 20 {
		t.Errorf("the version of the operators is %d, want 20", got)
	}
	attribute := at(t, at(t, at(t, model, 7)[0].bytes, 1)[0].bytes, 5)[0].bytes
	if text := at(t, attribute, 4)[0].bytes; string(text) != "tanh" || at(t, attribute, 20)[0].value != 3 {
		t.Errorf("the attribute has the fields %v, want the text tanh of kind 3", fields(t, attribute))
	}
}
