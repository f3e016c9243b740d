package fashion

import (
	"fmt"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/kernels"
	"fashionlab/fashion/internal/onnxpb"
)

// SaveONNX writes the network in evaluation mode as an ONNX model with the input
// "images", float32 [batch 1 28 28] with pixels in [0, 1], and the output "logits",
// float32 [batch 10], for batches of any size. Weights have the names of the state dict,
// nodes begin with the name of their layer ("conv1.0.Conv"), and all values have shapes. A
// GraphLayer, a convolution with a padding mode other than zeros, and an AdaptiveAvgPool2D
// whose size does not divide its input's, are errors. A model with GELU needs version 20 of
// the operators, all others version 13. The file is replaced atomically: after an error the
// old file is unchanged.
func (n *Network) SaveONNX(path string) error {
	if err := n.Weights.check(n.Model); err != nil {
		return err
	}
	if err := n.Model.check(); err != nil {
		return err
	}
	x := onnxExport{weights: n.Weights, value: "images", graph: onnxpb.Graph{
		Name: n.Model.Name(), Producer: "fashionlab",
		Inputs:  []onnxpb.Value{{Name: "images", Shape: []int{1, ImageHeight, ImageWidth}}},
		Outputs: []onnxpb.Value{{Name: "logits", Shape: []int{NumClasses}}},
	}}
	if err := x.addAll(n.Model.layers(), inputShape()); err != nil {
		return fmt.Errorf("export %s to ONNX: %w", n.Model.Name(), err)
	}
	// The last value is the output, and no node has it as input. There is one: without a node the
	// logits would have the shape of the images.
	last := len(x.graph.Nodes) - 1
	x.graph.Nodes[last].Outputs = []string{"logits"}
	x.graph.Values = x.graph.Values[:last]
	return atomicfile.Write(path, x.graph.Encode())
}

// onnxExport translates layers to the nodes of a graph.
type onnxExport struct {
	weights *Weights
	graph   onnxpb.Graph
	// value is the name of the last node's output.
	value string
}

// onnxLayer is a layer with the shape of its output.
type onnxLayer struct {
	placedLayer
	output []int
}

// addAll appends the nodes of consecutive layers for an input of the given shape.
func (x *onnxExport) addAll(layers []placedLayer, input []int) error {
	for _, s := range layers {
		output, err := s.layer.OutputShape(input)
		if err == nil {
			err = x.add(onnxLayer{s, output}, input)
		}
		if err != nil {
			return fmt.Errorf("layer %s: %w", s.name(), err)
		}
		input = output
	}
	return nil
}

// add appends a layer's nodes.
func (x *onnxExport) add(s onnxLayer, input []int) error {
	switch l := s.layer.(type) {
	case linear:
		names := []string{"weight"}
		if l.bias {
			names = append(names, "bias")
		}
		return x.node(s, "Gemm", names, onnxpb.Int("transB", 1))
	case relu:
		return x.node(s, "Relu", nil)
	case leakyReLU:
		return x.node(s, "LeakyRelu", nil, onnxpb.Float("alpha", float32(l.slope)))
	case gelu:
		x.graph.Opset = 20 // the first one with Gelu
		return x.node(s, "Gelu", nil, onnxpb.Text("approximate", l.approximate))
	case scale:
		x.constant(s, "Mul", "factor", &Tensor{Data: []float32{float32(l.factor)}})
		return nil
	case normalize:
		x.constant(s, "Sub", "mean", &Tensor{Data: []float32{float32(l.mean)}})
		x.constant(s, "Div", "deviation", &Tensor{Data: []float32{float32(l.deviation)}})
		return nil
	case avgPool:
		k := l.kernel
		return x.node(s, "AveragePool", nil, onnxpb.Ints("kernel_shape", k, k), onnxpb.Ints("strides", k, k))
	case adaptiveAvgPool:
		height, width := input[1]/l.out, input[2]/l.out
		if height*l.out != input[1] || width*l.out != input[2] {
			return fmt.Errorf("%v of an image of %d×%d has no ONNX form, want a size that divides both", l, input[1], input[2])
		}
		return x.node(s, "AveragePool", nil, onnxpb.Ints("kernel_shape", height, width), onnxpb.Ints("strides", height, width))
	case pixelUnshuffle:
		// SpaceToDepth orders the channels of several input channels differently, so it is a
		// convolution of each channel with one-hot kernels.
		f, channels := l.factor, input[0]
		hot := NewTensor(channels*f*f, 1, f, f)
		for i := range hot.Shape[0] {
			hot.Data[i*f*f+i%(f*f)] = 1
		}
		x.constant(s, "Conv", "one_hot", hot, onnxpb.Ints("kernel_shape", f, f), onnxpb.Ints("strides", f, f), onnxpb.Int("group", channels))
		return nil
	case residual:
		start, paths := x.value, l.paths(s.prefix)
		var ends [2]string
		for i, path := range paths {
			x.value = start
			if err := x.addAll(path, input); err != nil {
				return err
			}
			ends[i] = x.value
		}
		x.append(onnxpb.Node{Name: s.prefix + "Add", Operator: "Add", Inputs: ends[:]}, s.prefix+"output", s.output)
		return nil
	case flatten:
		return x.node(s, "Flatten", nil, onnxpb.Int("axis", 1))
	case maxPool:
		k := l.kernel
		return x.node(s, "MaxPool", nil, onnxpb.Ints("kernel_shape", k, k), onnxpb.Ints("strides", k, k))
	case batchNorm:
		return x.node(s, "BatchNormalization", []string{"weight", "bias", "running_mean", "running_var"},
			onnxpb.Float("epsilon", float32(l.epsilon)))
	case conv2D:
		if l.mode != kernels.PadZeros {
			return fmt.Errorf("padding mode %s has no ONNX form", l.mode)
		}
		names := []string{"weight"}
		if l.bias {
			names = append(names, "bias")
		}
		return x.node(s, "Conv", names, onnxpb.Ints("kernel_shape", l.kernel, l.kernel), onnxpb.Ints("strides", l.stride, l.stride),
			onnxpb.Ints("pads", l.padding, l.padding, l.padding, l.padding), onnxpb.Ints("dilations", l.dilation, l.dilation), onnxpb.Int("group", l.groups))
	case dropout, printLayer:
		return nil // they change nothing in evaluation mode
	}
	return fmt.Errorf("%s has no ONNX form", s.layer.Kind())
}

// node appends a node whose inputs are the last value and the layer's tensors.
func (x *onnxExport) node(s onnxLayer, operator string, parameters []string, attributes ...onnxpb.Attribute) error {
	node := onnxpb.Node{Name: s.prefix + operator, Operator: operator, Inputs: []string{x.value}, Attributes: attributes}
	for _, name := range parameters {
		full := s.prefix + name
		t, ok := x.weights.Get(full)
		if !ok {
			return fmt.Errorf("no tensor %q", full)
		}
		node.Inputs = append(node.Inputs, full)
		x.graph.Initializers = append(x.graph.Initializers, onnxpb.Tensor{Name: full, Shape: t.Shape, Data: t.Data})
	}
	x.append(node, s.prefix+"output", s.output)
	return nil
}

// constant appends a node whose inputs are the last value and a setting of the layer.
func (x *onnxExport) constant(s onnxLayer, operator, name string, t *Tensor, attributes ...onnxpb.Attribute) {
	full := s.prefix + name
	x.graph.Initializers = append(x.graph.Initializers, onnxpb.Tensor{Name: full, Shape: t.Shape, Data: t.Data})
	x.append(onnxpb.Node{Name: s.prefix + operator, Operator: operator, Inputs: []string{x.value, full}, Attributes: attributes}, s.prefix+operator+"_output", s.output)
}

// append appends a node, whose output becomes the last value.
func (x *onnxExport) append(node onnxpb.Node, output string, shape []int) {
	x.value = output
	node.Outputs = []string{x.value}
	x.graph.Nodes = append(x.graph.Nodes, node)
	x.graph.Values = append(x.graph.Values, onnxpb.Value{Name: output, Shape: shape})
}
