package fashion

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/engine"
)

// toDevice copies a data set's images, as they are stored, to the device, once in a process.
func toDevice(backend compute.Backend, d *Dataset) (engine.Data, error) {
	data, err := engine.Upload(backend, d, d.Images, d.Labels)
	if err != nil {
		return engine.Data{}, fmt.Errorf("copy %s to the device: %w", d.Name, err)
	}
	return data, nil
}

// toTensor copies a host tensor for GoMLX.
func toTensor(t *Tensor) *tensors.Tensor { return engine.ToDevice(t.Shape, t.Data) }

// fromTensor copies a GoMLX tensor of float32 values to the host.
func fromTensor(t *tensors.Tensor) (*Tensor, error) {
	shape, values, err := engine.FromDevice(t)
	if err != nil {
		return nil, err
	}
	return &Tensor{Shape: shape, Data: values}, nil
}

// fromTensors copies several.
func fromTensors(list []*tensors.Tensor) ([]*Tensor, error) {
	host := make([]*Tensor, len(list))
	for i, t := range list {
		var err error
		if host[i], err = fromTensor(t); err != nil {
			return nil, err
		}
	}
	return host, nil
}

// deviceWeights are the weights as tensors for GoMLX, in the model's order.
func (n *Network) deviceWeights() ([]*tensors.Tensor, error) {
	if err := n.Weights.check(n.Model); err != nil {
		return nil, err
	}
	var weights []*tensors.Tensor
	for _, p := range n.Model.Parameters() {
		t, _ := n.Weights.Get(p.Name)
		weights = append(weights, toTensor(t))
	}
	return weights, nil
}
