// Package engine runs training steps and forward passes as GoMLX graphs on one or several
// devices, and copies tensors between host and device.
package engine

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Data are images on the host and their labels, or nil if these are not known.
type Data struct {
	Images, Labels []byte
	// Floats are the images instead of Images, for graphs that take float32. Gather has no
	// form for them.
	Floats []float32
	// Pixels is the number of bytes of an image.
	Pixels int
	// Owner is a pointer that identifies the data: loops copy them to the device once. Data
	// without an owner are copied again for each Order.
	Owner any
	// Change, if it is not nil, changes the pixels of each image that is gathered, in place. index
	// is the image's position in the data. It may be called from several goroutines.
	Change func(index int32, pixels []byte)
}

// Len returns the number of images.
func (d Data) Len() int { return max(len(d.Images), len(d.Floats)) / d.Pixels }

// part returns the images from position start to end.
func (d Data) part(start, end int) Data {
	p := Data{Pixels: d.Pixels}
	if d.Floats != nil {
		p.Floats = d.Floats[start*d.Pixels : end*d.Pixels]
	} else {
		p.Images = d.Images[start*d.Pixels : end*d.Pixels]
	}
	if d.Labels != nil {
		p.Labels = d.Labels[start:end]
	}
	return p
}

// Gather returns the images at the given indices. A step copies its batch to the devices: the
// hundred kilobytes take less time than a selection there, and no device has to hold all data.
func (d Data) Gather(indices []int32) Data {
	if d.Change == nil && consecutive(indices) { // no copy
		return d.part(int(indices[0]), int(indices[0])+len(indices))
	}
	batch := Data{Images: make([]byte, 0, len(indices)*d.Pixels), Pixels: d.Pixels}
	for _, i := range indices {
		one := d.part(int(i), int(i)+1)
		batch.Images = append(batch.Images, one.Images...)
		batch.Labels = append(batch.Labels, one.Labels...)
		if d.Change != nil {
			d.Change(i, batch.Images[len(batch.Images)-d.Pixels:])
		}
	}
	return batch
}

// consecutive reports whether each index is one more than that before it. No indices are not.
func consecutive(indices []int32) bool {
	for i, index := range indices {
		if index != indices[0]+int32(i) {
			return false
		}
	}
	return len(indices) > 0
}

// on copies the images to a tensor [n pixels] on a device and, if they are known, the labels [n].
func (d Data) on(backend compute.Backend, device int) ([]*tensors.Tensor, error) {
	var images *tensors.Tensor
	var err error
	if d.Floats != nil {
		images, err = copied(backend, device, d.Floats, d.Len(), d.Pixels)
	} else {
		images, err = copied(backend, device, d.Images, d.Len(), d.Pixels)
	}
	if err != nil || d.Labels == nil {
		return []*tensors.Tensor{images}, err
	}
	labels, err := copied(backend, device, d.Labels, d.Len())
	return []*tensors.Tensor{images, labels}, err
}

// copied copies values to a tensor on a device. FromRaw copies them once, functions without a
// backend twice.
func copied[T float32 | byte](backend compute.Backend, device int, values []T, dimensions ...int) (*tensors.Tensor, error) {
	shape := shapes.Make(dtypes.FromGenericsType[T](), dimensions...)
	t, err := tensors.FromRaw(backend, compute.DeviceNum(device), shape, dtypes.UnsafeByteSlice(values))
	if err != nil {
		return nil, fmt.Errorf("copy images to device %d: %w", device, err)
	}
	return t, nil
}

type dataKey struct {
	backend compute.Backend
	owner   any
}

// onDevice holds the data that were copied, so a process copies a data set to a device
// only once, even if it trains several times.
var onDevice struct {
	sync.Mutex
	data map[dataKey][]*tensors.Tensor
}

// upload copies the images and labels to device 0. The data of an owner are copied once for each
// backend; later calls return the same tensors.
func (d Data) upload(backend compute.Backend) ([]*tensors.Tensor, error) {
	onDevice.Lock()
	defer onDevice.Unlock()
	key := dataKey{backend, d.Owner}
	if data, ok := onDevice.data[key]; ok {
		return data, nil
	}
	data, err := d.on(backend, 0)
	if err != nil {
		return nil, err
	}
	if d.Owner == nil {
		return data, nil
	}
	if onDevice.data == nil {
		onDevice.data = map[dataKey][]*tensors.Tensor{}
	}
	onDevice.data[key] = data
	return data, nil
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
