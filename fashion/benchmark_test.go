package fashion

import "testing"

// What a notebook pays in each cell: opening the data that are in the cache.
func BenchmarkLoad(b *testing.B) {
	options := realData(b)
	for b.Loop() {
		if _, err := load(options); err != nil {
			b.Fatal(err)
		}
	}
}

// One step of training, with the homework's optimizer and batches of 128.
func BenchmarkTrainingStep(b *testing.B) {
	data, err := Synthetic(1, 1280, 1)
	if err != nil {
		b.Fatal(err)
	}
	backend, choice, err := DefaultBackend()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range ModelNames() {
		b.Run(name, func(b *testing.B) {
			model, err := ModelByName(name)
			if err != nil {
				b.Fatal(err)
			}
			net, err := model.Init(1)
			if err != nil {
				b.Fatal(err)
			}
			t, err := newTrainer(backend, choice.Devices, net, stepSettings{optimizer: model.DefaultOptimizer()}, 1, trainerState{}, model.linearOnly())
			if err != nil {
				b.Fatal(err)
			}
			defer t.Close()
			order, err := t.engine.NewOrder(data.Train.data(), data.Train.All().Indices, 128)
			if err != nil {
				b.Fatal(err)
			}
			step := func() {
				if _, err := t.run(order, 0, 1); err != nil {
					b.Fatal(err)
				}
			}
			step() // compiles
			for b.Loop() {
				step()
			}
		})
	}
}
