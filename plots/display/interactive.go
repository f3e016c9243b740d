package display

import (
	"encoding/json"
	"fmt"

	"fashionlab/plots"
)

// ShowInteractive shows an interactive figure. Its arguments are the two results of a
// function of package plots, as for [Show]. JupyterLab shows it without a network and
// without a kernel, even in a notebook that is not trusted; other programs show its still
// picture. The program does not wait for input.
func ShowInteractive(figure *plots.Interactive, err ...error) {
	for _, e := range err {
		Fail(e)
	}
	Fail(current.interactive(figure))
}

func (s *session) interactive(figure *plots.Interactive) error {
	if figure == nil {
		return fmt.Errorf("show an interactive figure: it is nil, want a figure; check the error of the function that makes it")
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
