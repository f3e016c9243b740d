package engine

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Parallel executes a graph on batches that are divided over the devices of a backend. The
// graph is built for the whole batch: XLA divides it (Shardy), and adds what the devices have to
// tell each other, such as the sums of batch norm and of the gradients. So it computes what one
// device computes, except for rounding.
type Parallel struct {
	backend compute.Backend
	devices int
	graph   func(in []*Node) []*Node
	execs   map[int]*Exec // by the number of devices
}

// NewParallel returns a Parallel for up to the given number of devices. The graph's arguments
// are the images of a batch [n pixels] as bytes, their labels [n] if the batches have labels, and
// then those that are equal on all devices. Its results are equal on all devices, too.
func NewParallel(backend compute.Backend, devices int, graph func(in []*Node) []*Node) *Parallel {
	return &Parallel{backend: backend, devices: devices, graph: graph, execs: map[int]*Exec{}}
}

// For returns the number of devices for a batch of n images: the largest one that divides it
// into equal parts. A small last batch may run on one device.
func (p *Parallel) For(n int) int {
	for devices := p.devices; devices > 1; devices-- {
		if n%devices == 0 {
			return devices
		}
	}
	return 1
}

// Call executes the graph on a batch, with For devices. rest returns the other arguments for a
// device. The results are those on each device.
func (p *Parallel) Call(batch Data, rest func(device int) ([]any, error)) ([][]*tensors.Tensor, error) {
	n := batch.Len()
	devices := p.For(n)
	exec, err := p.exec(devices, batch.Labels != nil)
	if err != nil {
		return nil, err
	}
	var args []any
	var data Replicas
	defer func() { data.Release() }()
	for d := range devices {
		part, err := batch.part(d*n/devices, (d+1)*n/devices).on(p.backend, d)
		if err != nil {
			return nil, err
		}
		data = append(data, part)
		for _, t := range part {
			args = append(args, t)
		}
		others, err := rest(d)
		if err != nil {
			return nil, err
		}
		args = append(args, others...)
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, err
	}
	results := make([][]*tensors.Tensor, devices)
	for d := range results {
		results[d] = out[d*len(out)/devices : (d+1)*len(out)/devices]
	}
	return results, nil
}

// exec returns the executor for a number of devices, and batches with or without labels.
func (p *Parallel) exec(devices int, labels bool) (*Exec, error) {
	if exec, ok := p.execs[devices]; ok {
		return exec, nil
	}
	exec, err := NewExec(p.backend, p.graph)
	if err != nil {
		return nil, err
	}
	if devices > 1 {
		const axis = "batch"
		mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{axis})
		if err != nil {
			return nil, fmt.Errorf("divide a batch over %d devices: %w", devices, err)
		}
		divided, err := distributed.BuildSpec(mesh).S(axis).Done()
		if err != nil {
			return nil, fmt.Errorf("divide a batch over %d devices: %w", devices, err)
		}
		equal := distributed.NewReplicatedShardingSpec(mesh)
		specs := []*distributed.ShardingSpec{divided}
		if labels {
			specs = append(specs, divided)
		}
		// The last one is that of all arguments that follow.
		exec.AutoSharding(mesh).WithInputShardingSpecs(append(specs, equal)...).WithOutputShardingSpecs(equal)
	}
	p.execs[devices] = exec
	return exec, nil
}

// Close releases the compiled graphs.
func (p *Parallel) Close() {
	for _, exec := range p.execs {
		exec.Finalize()
	}
}

// Replicas are equal tensors on several devices, [device][tensor]. Those of device 0 exist
// always.
type Replicas [][]*tensors.Tensor

// On adds copies until a device has its tensors.
func (r *Replicas) On(device int) ([]*tensors.Tensor, error) {
	for len(*r) <= device {
		var copies []*tensors.Tensor
		for _, t := range (*r)[0] {
			c, err := t.LocalClone() // its first use moves it to the device
			if err != nil {
				return nil, fmt.Errorf("copy a tensor for device %d: %w", len(*r), err)
			}
			copies = append(copies, c)
		}
		*r = append(*r, copies)
	}
	return (*r)[device], nil
}

// Release releases the memory of the tensors.
func (r Replicas) Release() {
	for _, list := range r {
		for _, t := range list {
			_ = t.FinalizeAll() // an error only delays the release of memory
		}
	}
}
