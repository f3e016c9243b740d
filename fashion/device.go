package fashion

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// deviceData is a data set in the memory of the device that computes.
type deviceData struct {
	images, labels *tensors.Tensor // uint8 [N 784] and [N]
}

type deviceKey struct {
	backend compute.Backend
	dataset *Dataset
}

// onDevice remembers what was copied, so that a process copies a data set to a
// device once, however often it trains and evaluates.
var onDevice struct {
	sync.Mutex
	data map[deviceKey]deviceData
}

// toDevice copies a data set's images, as they are stored, to the device.
func toDevice(backend compute.Backend, d *Dataset) (deviceData, error) {
	onDevice.Lock()
	defer onDevice.Unlock()
	key := deviceKey{backend, d}
	if data, ok := onDevice.data[key]; ok {
		return data, nil
	}
	data := deviceData{
		images: tensors.FromFlatDataAndDimensions(d.Images, d.Len(), ImagePixels),
		labels: tensors.FromFlatDataAndDimensions(d.Labels, d.Len()),
	}
	for _, t := range []*tensors.Tensor{data.images, data.labels} {
		if err := t.MaterializeOnDevice(backend, true, 0); err != nil {
			return deviceData{}, fmt.Errorf("copy %s to the device: %w", d.Name, err)
		}
	}
	if onDevice.data == nil {
		onDevice.data = map[deviceKey]deviceData{}
	}
	onDevice.data[key] = data
	return data, nil
}

// toTensor copies a host tensor for GoMLX.
func toTensor(t *Tensor) *tensors.Tensor {
	if len(t.Shape) == 0 {
		return tensors.FromScalar(t.Data[0])
	}
	return tensors.FromFlatDataAndDimensions(t.Data, t.Shape...)
}

// fromTensor copies a GoMLX tensor of float32 values to the host.
func fromTensor(t *tensors.Tensor) (*Tensor, error) {
	data, err := tensors.CopyFlatData[float32](t)
	if err != nil {
		return nil, fmt.Errorf("read a tensor from the device: %w", err)
	}
	return &Tensor{Shape: append([]int{}, t.Shape().Dimensions...), Data: data}, nil
}
