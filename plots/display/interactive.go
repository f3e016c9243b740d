package display

import (
	"encoding/json"
	"fmt"

	"fashionlab/plots"
)

// ShowInteractive shows a figure that readers can work with; it takes the two
// results of a function of package plots, as [Show] does. JupyterLab shows it
// without a network and without a kernel, also in a notebook that is not
// trusted; elsewhere its still picture is shown. The program does not wait for
// the reader.
func ShowInteractive(figure *plots.Interactive, err ...error) {
	for _, e := range err {
		Fail(e)
	}
	Fail(current.interactive(figure))
}

func (s *session) interactive(figure *plots.Interactive) error {
	if figure == nil {
		return fmt.Errorf("show an interactive figure: it is nil; did the function that makes it return an error?")
	}
	if s.notebook == nil {
		return s.figure(figure.Still())
	}
	m, err := figureMessage(figure.Still())
	if err != nil {
		return err
	}
	var spec map[string]any
	if err := json.Unmarshal(figure.VegaLite(), &spec); err != nil {
		return fmt.Errorf("show an interactive figure: %w", err)
	}
	m.data["application/vnd.vegalite.v5+json"] = spec
	s.mu.Lock()
	defer s.mu.Unlock()
	s.show(m)
	return nil
}
