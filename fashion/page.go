package fashion

import (
	"context"
	"fmt"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/page"
)

// Page is what SavePage writes besides the network.
type Page struct {
	// Images are shown one after the other, with their labels. There may be none.
	Images []Image
	// Note is a sentence about the training, such as "validation accuracy 0.912". It may be empty.
	Note string
}

// SavePage writes the network as an HTML file that computes it in the browser: it classifies
// pictures and drawings, and shows where the network looks. The file needs no server and makes no
// request. Its program is compiled to WebAssembly from the course's repository, so Go is needed; the
// first time takes a minute, later ones a second. The logits are those of Predict, except for rounding,
// and the places are those of GradCAM for the layer "".
//
// A model with a GraphLayer, a network with views (WithViews), an image that does not have 28×28 pixels or
// a label, and a missing Go or repository are errors. The file is replaced atomically.
func (n *Network) SavePage(path string, p Page) error {
	return n.SavePageContext(context.Background(), path, p)
}

// SavePageContext is SavePage with a context. When the context is done, it returns an error.
func (n *Network) SavePageContext(ctx context.Context, path string, p Page) error {
	content, err := n.page(ctx, p)
	if err != nil {
		return fmt.Errorf("export %s as a page: %w", n.Model.Name(), err)
	}
	return atomicfile.Write(path, content)
}

func (n *Network) page(ctx context.Context, p Page) ([]byte, error) {
	if len(n.views) > 0 {
		return nil, fmt.Errorf("a network with %d views, want one without; WithViews() removes them", len(n.views))
	}
	lowered, err := n.lowered()
	if err != nil {
		return nil, err
	}
	c := page.Content{
		Model: n.Model.Name(), Parameters: n.Model.NumParameters(), Note: p.Note, Classes: ClassNames[:],
		Labels: []int{}, Indices: []int{}, Maps: lowered.Maps > 0, Network: lowered,
	}
	for _, image := range p.Images {
		if err := checkPixels(image); err != nil {
			return nil, fmt.Errorf("image %d: %w", image.Index, err)
		}
		if image.Label < 0 || image.Label >= NumClasses {
			return nil, fmt.Errorf("image %d: label %d, want 0 to %d", image.Index, image.Label, NumClasses-1)
		}
		c.Labels, c.Indices = append(c.Labels, image.Label), append(c.Indices, image.Index)
		c.Images = append(c.Images, image.Pixels...)
	}
	return page.Make(ctx, c)
}
