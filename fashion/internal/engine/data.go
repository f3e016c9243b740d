// Package engine runs graphs of GoMLX on images and tensors that stay on the device which
// computes: training steps that change a state, and the copying between host and device.
package engine

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// Data are images and their labels on a device.
type Data struct {
	Images, Labels *tensors.Tensor // uint8 [N pixels] and [N]
}

type dataKey struct {
	backend compute.Backend
	owner   any
}

// onDevice remembers what was copied, so that a process copies a data set to a
// device once, however often it trains and evaluates.
var onDevice struct {
	sync.Mutex
	data map[dataKey]Data
}

// Upload copies images, as they are stored, and their labels to a device. What belongs to
// the same owner, a pointer, is copied once.
func Upload(backend compute.Backend, owner any, images, labels []byte) (Data, error) {
	onDevice.Lock()
	defer onDevice.Unlock()
	key := dataKey{backend, owner}
	if data, ok := onDevice.data[key]; ok {
		return data, nil
	}
	data := Data{Images: Rows(images, len(labels)), Labels: Bytes(labels)}
	for _, t := range []*tensors.Tensor{data.Images, data.Labels} {
		if err := t.MaterializeOnDevice(backend, true, 0); err != nil {
			return Data{}, err
		}
	}
	if onDevice.data == nil {
		onDevice.data = map[dataKey]Data{}
	}
	onDevice.data[key] = data
	return data, nil
}

// Rows are images as a tensor with so many rows.
func Rows(images []byte, rows int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(images, rows, len(images)/max(rows, 1))
}

// Bytes are bytes as a tensor of one axis.
func Bytes(values []byte) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// ToDevice copies values of a shape for GoMLX.
func ToDevice(shape []int, values []float32) *tensors.Tensor {
	if len(shape) == 0 {
		return tensors.FromScalar(values[0])
	}
	return tensors.FromFlatDataAndDimensions(values, shape...)
}

// FromDevice copies a tensor of float32 values to the host.
func FromDevice(t *tensors.Tensor) (shape []int, values []float32, err error) {
	values, err = tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, nil, fmt.Errorf("read a tensor from the device: %w", err)
	}
	return append([]int{}, t.Shape().Dimensions...), values, nil
}
