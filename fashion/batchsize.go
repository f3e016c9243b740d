package fashion

import "fmt"

// checkBatches refuses, as PyTorch does, to train batch norm on a single value for each
// channel, whose variance is 0: "Expected more than 1 value per channel when training".
// That happens where a batch of one image meets batch norm without rows and columns. It
// looks at the batches of a training of so many steps.
func (m *Model) checkBatches(images, batch, steps int) error {
	layer := m.loneBatchNorm()
	if layer == "" || images == 0 {
		return nil
	}
	full := images / batch
	switch {
	case batch == 1 || images == 1:
		return fmt.Errorf("model %s, layer %s: batch norm needs at least 2 images in a batch, these are batches of 1; take batches of 2 or more", m.name, layer)
	case images%batch == 1 && steps > full:
		return fmt.Errorf("model %s, layer %s: batch norm needs at least 2 images in a batch, and %d images in batches of %d leave 1 for the last; batches of %d work", m.name, layer, images, batch, nearestBatch(images, batch))
	}
	return nil
}

// loneBatchNorm names the first layer of batch norm that sees one value for each channel
// of an image, or "".
func (m *Model) loneBatchNorm() string {
	summary, err := m.Summary()
	if err != nil {
		return "" // reported by whoever checks the model
	}
	for i, s := range m.steps() {
		if _, ok := s.layer.(batchNorm); ok && sizeOf(summary.Layers[i].Output[1:]) == 1 {
			return summary.Layers[i].Name
		}
	}
	return ""
}

// nearestBatch is the batch size nearest to the given one that leaves no batch of one
// image; of at least 2 images all together are such a batch.
func nearestBatch(images, batch int) int {
	for distance := 1; ; distance++ {
		for _, size := range []int{batch - distance, batch + distance} {
			if size >= 2 && images%size != 1 {
				return size
			}
		}
	}
}
