package fashion

import (
	"fmt"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/kernels"
	"fashionlab/fashion/internal/onnxpb"
)

// SaveONNX writes the network in evaluation mode as an ONNX model with the input
// "images", float32 [batch 1 28 28] with pixels in [0, 1], and the output "logits",
// float32 [batch 10]. A GraphLayer, and a convolution with a padding mode other than
// zeros, are errors. The file is replaced atomically: after an error the old file is
// unchanged.
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
	for _, s := range n.Model.layers() {
		if err := x.add(s); err != nil {
			return fmt.Errorf("export %s to ONNX, layer %s: %w", n.Model.Name(), s.prefix, err)
		}
	}
	// The output has a name of its own.
	x.graph.Nodes = append(x.graph.Nodes, onnxpb.Node{Operator: "Identity", Inputs: []string{x.value}, Outputs: []string{"logits"}})
	return atomicfile.Write(path, x.graph.Encode())
}

// onnxExport translates layers to the nodes of a graph.
type onnxExport struct {
	weights *Weights
	graph   onnxpb.Graph
	// value is the name of the last node's output.
	value string
}

// add appends a layer's node.
func (x *onnxExport) add(s placedLayer) error {
	switch l := s.layer.(type) {
	case linear:
		return x.node(s, "Gemm", []string{"weight", "bias"}, onnxpb.Int("transB", 1))
	case relu:
		return x.node(s, "Relu", nil)
	case flatten:
		return x.node(s, "Flatten", nil, onnxpb.Int("axis", 1))
	case maxPool:
		k := l.kernel
		return x.node(s, "MaxPool", nil, onnxpb.Ints("kernel_shape", k, k), onnxpb.Ints("strides", k, k))
	case batchNorm:
		return x.node(s, "BatchNormalization", []string{"weight", "bias", "running_mean", "running_var"},
			onnxpb.Float("epsilon", batchNormEpsilon))
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
func (x *onnxExport) node(s placedLayer, operator string, parameters []string, attributes ...onnxpb.Attribute) error {
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
	x.value = s.prefix + "output"
	node.Outputs = []string{x.value}
	x.graph.Nodes = append(x.graph.Nodes, node)
	return nil
}
