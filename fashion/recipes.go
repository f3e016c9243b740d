package fashion

import "fmt"

// Recipe is a model with the settings of a training that suits it: what the homework's models
// leave out. Change its fields before Init and Loader.
type Recipe struct {
	// Model is the network.
	Model *Model
	// Whiten is the name of the layer whose kernels Init computes from training images; "" for none.
	Whiten string
	// BatchSize is the number of images in each batch; a smaller last batch is left out.
	BatchSize int
	// Training has the number of epochs, the optimizer, its schedule, label smoothing, the
	// average of the weights, and the augmentation.
	Training Training
	// Views are those of the evaluation.
	Views []View
}

// RecipeNames returns the names of the recipes: "fast" and "best".
func RecipeNames() []string { return []string{"fast", "best"} }

// RecipeByName returns a recipe. Another name is an error.
//
// Their parts come from Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024,
// https://arxiv.org/abs/2404.00498: a first convolution that whitens the patches of the images and
// is not trained, convolutions that begin as the identity, batch norm without a scale, logits that
// are divided by 8, and the alternating flip. The whitening has no bias here: without any trained
// value before it, the backward pass ends at the first group, and a step of "best" takes 0.6 of the time.
// "fast" has fewer channels and epochs: on the validation images, a narrow network that sees all pixels
// is better after 5 epochs than one that folds 2×2 pixels into channels (PixelUnshuffle) after 10, which take as long.
func RecipeByName(name string) (Recipe, error) {
	var channels []int
	var epochs int
	augment := []Augmentation{AlternatingFlip(), RandomShift(1, "reflect")}
	switch name {
	case "fast":
		channels, epochs = []int{8, 24, 48, 96}, 5
	case "best":
		channels, epochs = []int{16, 32, 64, 128}, 12
		augment = append(augment, RandomErasing(0.25)) // without it, 12 epochs are no better than 8
	default:
		return Recipe{}, fmt.Errorf("recipe %q, want one of %q", name, RecipeNames())
	}
	r := Recipe{
		Model: whitenedModel(name, channels...), Whiten: whitenLayer, BatchSize: 256,
		Training: Training{
			Optimizer:      AdamW(8e-3, WithBetas(0.9, 0.95), WithMatrixDecay(0.02)),
			Schedule:       TriangularLR(0.2),
			LabelSmoothing: 0.1,
			Augment:        augment,
		},
		Views: SixViews("reflect"),
	}
	return r.WithEpochs(epochs), nil
}

// WithEpochs returns the recipe with another number of epochs, at least 1. The weights are
// averaged in the last three.
func (r Recipe) WithEpochs(epochs int) Recipe {
	r.Training.Epochs = epochs
	r.Training.EMA = EMA{Decay: 0.95, Every: 5, Start: max(0, 1-3/float64(epochs))}
	return r
}

// whitenLayer is the name of the recipes' first convolution.
const whitenLayer = "whiten"

// whitenedModel returns a model of this family: a whitening and groups of two convolutions with the
// given numbers of channels, the maximum over what is left of the image, and a linear layer.
func whitenedModel(name string, channels ...int) *Model {
	gelu := GELU(Approximate("tanh"))
	parts := []Part{
		Normalize(0.2860, 0.3530), // the mean and the deviation of the training pixels
		Named(whitenLayer, Conv2D(1, channels[0], 3, NoBias(), Frozen("weight"))), gelu,
	}
	for i, out := range channels[1:] {
		norm := func() Layer { return BatchNorm2D(out, Frozen("weight"), Momentum(0.4), Epsilon(1e-12)) }
		convolution := func(in int) Layer { return Conv2D(in, out, 3, Padding(1), NoBias(), Dirac()) }
		parts = append(parts, Block(fmt.Sprintf("group%d", i+1),
			convolution(channels[i]), MaxPool2D(2), norm(), gelu, convolution(out), norm(), gelu))
	}
	last := channels[len(channels)-1]
	parts = append(parts, MaxPool2D(3), Flatten(), Named("out", Linear(last, NumClasses, NoBias())), Scale(1.0/8))
	return NewModel(name, parts...)
}

const (
	// whitenImages is the number of training images from which the kernels are computed.
	whitenImages = 5000
	// whitenEpsilon is added to the variances of the patches.
	whitenEpsilon = 5e-4
)

// Init returns a network with first weights: those of Model.Init with the seed, and the kernels of
// the whitening, if there is one, from the first 5,000 images of train. Errors are those of Init and Whiten.
func (r Recipe) Init(train Subset, seed uint64) (*Network, error) {
	net, err := r.Model.Init(seed)
	if err != nil {
		return nil, err
	}
	if r.Whiten == "" {
		return net, nil
	}
	train.Indices = train.Indices[:min(whitenImages, train.Len())]
	return net, net.Whiten(r.Whiten, train, whitenEpsilon)
}

// Loader returns the loader of the training images: shuffled batches without the smaller last one.
func (r Recipe) Loader(train Subset, seed uint64) (*Loader, error) {
	return NewLoader(train, r.BatchSize, Shuffle(seed), DropLast())
}
