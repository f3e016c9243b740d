// Package engine runs training steps as GoMLX graphs on images and a state that stay on the
// device, and copies tensors between host and device.
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

// onDevice holds the data that were copied, so a process copies a data set to a device
// only once, even if it trains and evaluates several times.
var onDevice struct {
	sync.Mutex
	data map[dataKey]Data
}

// Upload copies images, as bytes, and their labels to a device. The data of an owner, which
// is a pointer, are copied once for each backend; later calls return the same tensors.
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

// Rows returns images as a tensor [rows pixels].
func Rows(images []byte, rows int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(images, rows, len(images)/max(rows, 1))
}

// Bytes returns bytes as a tensor [n].
func Bytes(values []byte) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// ToDevice copies values to a GoMLX tensor of the given shape.
func ToDevice(shape []int, values []float32) *tensors.Tensor {
	if len(shape) == 0 {
		return tensors.FromScalar(values[0])
	}
	return tensors.FromFlatDataAndDimensions(values, shape...)
}

// FromDevice copies a tensor of float32 values to the host. Another type is an error.
func FromDevice(t *tensors.Tensor) (shape []int, values []float32, err error) {
	values, err = tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, nil, fmt.Errorf("read a tensor from the device: %w", err)
	}
	return append([]int{}, t.Shape().Dimensions...), values, nil
}
