package fashion

import (
	"encoding/binary"
	"fmt"

	"fashionlab/fashion/internal/atomicfile"

	"google.golang.org/protobuf/encoding/protowire"
)

// SaveONNX writes the network, in evaluation mode, as an ONNX model: input
// "images", float32 [batch 1 28 28] with pixels in [0, 1], and output "logits"
// [batch 10]. It fails for layers that have no ONNX form here: GraphLayer, and
// convolutions padded with anything but zeros. The file is replaced
// atomically.
func (n *Network) SaveONNX(path string) error {
	if err := n.Weights.check(n.Model); err != nil {
		return err
	}
	if err := n.Model.check(); err != nil {
		return err
	}
	x := onnxGraph{weights: n.Weights, value: "images"}
	for _, s := range n.Model.steps() {
		if err := x.add(s); err != nil {
			return fmt.Errorf("export %s to ONNX, layer %s: %w", n.Model.Name(), s.prefix, err)
		}
	}
	return atomicfile.Write(path, x.model(n.Model.Name()))
}

// onnxOpset is the version of the operators used: 13 has all of them, and
// every runtime of the last years reads it.
const onnxOpset = 13

// Field numbers and enumeration values of onnx.proto3,
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
const (
	onnxFloat = 1 // TensorProto.FLOAT

	attributeFloat = 1 // AttributeProto.FLOAT
	attributeInt   = 2 // AttributeProto.INT
	attributeInts  = 7 // AttributeProto.INTS
)

// onnxGraph collects the encoded parts of a GraphProto.
type onnxGraph struct {
	weights      *Weights
	nodes        [][]byte
	initializers [][]byte
	// value is the name of what the last node gives.
	value string
}

// add appends a layer's node.
func (x *onnxGraph) add(s step) error {
	switch l := s.layer.(type) {
	case linear:
		return x.node(s, "Gemm", []string{"weight", "bias"}, onnxInt("transB", 1))
	case relu:
		return x.node(s, "Relu", nil)
	case flatten:
		return x.node(s, "Flatten", nil, onnxInt("axis", 1))
	case maxPool:
		k := int64(l.kernel)
		return x.node(s, "MaxPool", nil, onnxInts("kernel_shape", k, k), onnxInts("strides", k, k))
	case batchNorm:
		return x.node(s, "BatchNormalization", []string{"weight", "bias", "running_mean", "running_var"},
			onnxReal("epsilon", batchNormEpsilon))
	case conv2D:
		if l.mode != PadZeros {
			return fmt.Errorf("padding mode %s has no ONNX form", l.mode)
		}
		names := []string{"weight"}
		if l.bias {
			names = append(names, "bias")
		}
		k, stride, pad, dilation := int64(l.kernel), int64(l.stride), int64(l.padding), int64(l.dilation)
		return x.node(s, "Conv", names, onnxInts("kernel_shape", k, k), onnxInts("strides", stride, stride),
			onnxInts("pads", pad, pad, pad, pad), onnxInts("dilations", dilation, dilation), onnxInt("group", int64(l.groups)))
	case dropout, printLayer:
		return nil // they change nothing in evaluation mode
	}
	return fmt.Errorf("%s has no ONNX form", s.layer.Kind())
}

// node appends a NodeProto that takes the last value and the layer's tensors.
func (x *onnxGraph) node(s step, operator string, parameters []string, attributes ...[]byte) error {
	var node []byte
	node = appendText(node, 1, x.value)
	for _, name := range parameters {
		full := s.prefix + name
		t, ok := x.weights.Get(full)
		if !ok {
			return fmt.Errorf("there is no tensor %q", full)
		}
		node = appendText(node, 1, full)
		x.initializers = append(x.initializers, onnxTensor(full, t))
	}
	x.value = s.prefix + "output"
	node = appendText(node, 2, x.value)
	node = appendText(node, 3, s.prefix+operator)
	node = appendText(node, 4, operator)
	for _, a := range attributes {
		node = appendMessage(node, 5, a)
	}
	x.nodes = append(x.nodes, node)
	return nil
}

// model encodes the ModelProto.
func (x *onnxGraph) model(name string) []byte {
	// The output has a name of its own.
	var last []byte
	last = appendText(last, 1, x.value)
	last = appendText(last, 2, "logits")
	last = appendText(last, 4, "Identity")
	var graph []byte
	for _, node := range append(x.nodes, last) {
		graph = appendMessage(graph, 1, node)
	}
	graph = appendText(graph, 2, name)
	for _, tensor := range x.initializers {
		graph = appendMessage(graph, 5, tensor)
	}
	graph = appendMessage(graph, 11, onnxValue("images", 1, ImageHeight, ImageWidth))
	graph = appendMessage(graph, 12, onnxValue("logits", NumClasses))

	var opset []byte
	opset = appendText(opset, 1, "")
	opset = appendNumber(opset, 2, onnxOpset)
	var model []byte
	model = appendNumber(model, 1, 8) // IR version 8, of ONNX 1.10
	model = appendText(model, 2, "fashionlab")
	model = appendMessage(model, 7, graph)
	return appendMessage(model, 8, opset)
}

// onnxValue is a ValueInfoProto of float32 with a free batch axis in front.
func onnxValue(name string, dims ...int) []byte {
	shape := appendMessage(nil, 1, appendText(nil, 2, "batch"))
	for _, d := range dims {
		shape = appendMessage(shape, 1, appendNumber(nil, 1, uint64(d)))
	}
	tensor := appendNumber(nil, 1, onnxFloat)
	tensor = appendMessage(tensor, 2, shape)
	value := appendText(nil, 1, name)
	return appendMessage(value, 2, appendMessage(nil, 1, tensor))
}

// onnxTensor is a TensorProto with raw data.
func onnxTensor(name string, t *Tensor) []byte {
	var b []byte
	for _, d := range t.Shape {
		b = appendNumber(b, 1, uint64(d))
	}
	b = appendNumber(b, 2, onnxFloat)
	b = appendText(b, 8, name)
	raw, err := binary.Append(nil, binary.LittleEndian, t.Data)
	if err != nil {
		panic(err) // float32 values always have an encoding
	}
	return appendMessage(b, 9, raw)
}

func onnxInt(name string, v int64) []byte {
	b := appendText(nil, 1, name)
	b = appendNumber(b, 3, uint64(v))
	return appendNumber(b, 20, attributeInt)
}

func onnxInts(name string, values ...int64) []byte {
	b := appendText(nil, 1, name)
	for _, v := range values {
		b = appendNumber(b, 8, uint64(v))
	}
	return appendNumber(b, 20, attributeInts)
}

func onnxReal(name string, v float32) []byte {
	b := appendText(nil, 1, name)
	b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
	raw, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		panic(err) // a float32 always has an encoding
	}
	b = append(b, raw...)
	return appendNumber(b, 20, attributeFloat)
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
