package challenge

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"fashionlab/fashion"
)

// Rules say how a student's run is marked. They are a JSON file that only the instructor has.
type Rules struct {
	// Secret draws the test images; see SecretTest. Images is their number.
	Secret string `json:"secret"`
	Images int    `json:"images"`
	// Parameters and Minutes are the limits. Minutes are those that the run records.
	Parameters int     `json:"parameters"`
	Minutes    float64 `json:"minutes"`
	// Steps is the number of first steps that are trained again; 0 trains all.
	Steps int `json:"replayed_steps"`
	// None is the accuracy that earns no points, Full the one that earns all Points. The points rise
	// evenly between them.
	None   float64 `json:"accuracy_for_no_points"`
	Full   float64 `json:"accuracy_for_all_points"`
	Points float64 `json:"points"`
	// Views is the test-time augmentation of all entries; see fashion.Run.Views.
	Views string `json:"views,omitempty"`
}

//go:embed rules.json
var defaultRules []byte // also read by lessons/grading, for a course's first rules

// DefaultRules returns the rules of a course, without a secret.
func DefaultRules() Rules {
	var rules Rules
	if err := json.Unmarshal(defaultRules, &rules); err != nil {
		panic("challenge/rules.json, a part of this program: " + err.Error())
	}
	return rules
}

// ReadRules reads and checks a file with rules.
func ReadRules(path string) (Rules, error) {
	file, err := os.Open(path)
	if err != nil {
		return Rules{}, fmt.Errorf("the rules: %w", err)
	}
	defer file.Close()
	rules := DefaultRules()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rules); err != nil {
		return Rules{}, fmt.Errorf("the rules in %s: %w", path, err)
	}
	if err := rules.Check(); err != nil {
		return Rules{}, fmt.Errorf("the rules in %s: %w", path, err)
	}
	return rules, nil
}

// Check returns an error for a rule that is out of its range.
func (r Rules) Check() error {
	switch {
	case len(r.Secret) < leastSecret:
		return fmt.Errorf("secret has %d bytes, want at least %d, drawn at random", len(r.Secret), leastSecret)
	case r.Images < 1 || r.Parameters < 1 || !(r.Minutes > 0) || r.Steps < 0 || !(r.Points > 0):
		return fmt.Errorf("images, parameters, minutes and points must be above 0, and replayed_steps at least 0: %d, %d, %v, %v, %d", r.Images, r.Parameters, r.Minutes, r.Points, r.Steps)
	case !(r.None >= 0 && r.None < r.Full && r.Full <= 1):
		return fmt.Errorf("accuracy_for_no_points %v and accuracy_for_all_points %v, want 0 ≤ the first < the second ≤ 1", r.None, r.Full)
	}
	_, err := fashion.ViewsByName(r.Views, "")
	return err
}

// PointsFor returns the points that an accuracy earns, in steps of 0.1.
func (r Rules) PointsFor(accuracy float64) float64 {
	share := min(1, max(0, (accuracy-r.None)/(r.Full-r.None)))
	return math.Round(r.Points*share*10) / 10
}

// Mark is what a student's run earns.
type Mark struct {
	Points float64 `json:"points"`
	Of     float64 `json:"of"`
	// Accuracy is that on the secret test images; 0 if the run does not hold.
	Accuracy   float64 `json:"accuracy"`
	Parameters int     `json:"parameters"`
	Minutes    float64 `json:"minutes"`
	// Problems are the reasons for no points, for the student.
	Problems []string `json:"problems"`
	// Doubts are for the instructor: a replay of all steps decides them.
	Doubts []string `json:"doubts"`
}

// Grade marks a student's run: Verify with the rules' limits, and the accuracy on the secret test images.
// A run that does not hold, or is over a limit, earns nothing. output may be nil.
func Grade(ctx context.Context, run *fashion.Run, data *fashion.Data, rules Rules, output io.Writer) (*Mark, error) {
	if err := rules.Check(); err != nil {
		return nil, fmt.Errorf("challenge: %w", err)
	}
	secret, err := SecretTest(data.Test, rules.Secret, rules.Images)
	if err != nil {
		return nil, err
	}
	steps := rules.Steps
	if steps == 0 {
		steps = AllSteps
	}
	entry, err := Verify(ctx, []*fashion.Run{run}, data, Options{Views: rules.Views, Limit: rules.Parameters, Steps: steps, AcceptOpen: true, Output: output})
	if err != nil {
		return nil, err
	}
	mark := &Mark{Of: rules.Points, Parameters: entry.Parameters, Problems: unnamed(run, entry.Problems), Doubts: unnamed(run, entry.Doubts)}
	mark.Minutes = recordedSeconds(run) / 60
	if mark.Minutes > rules.Minutes {
		mark.Problems = append(mark.Problems, fmt.Sprintf("%.1f minutes of training, want at most %g", mark.Minutes, rules.Minutes))
	}
	if len(mark.Problems) > 0 {
		return mark, nil
	}
	result, err := evaluate(ctx, entry.networks[0], secret.All())
	if err != nil {
		return nil, err
	}
	mark.Accuracy, mark.Points = result.Accuracy, rules.PointsFor(result.Accuracy)
	return mark, nil
}

// unnamed returns problems of one run without the run's name, since there is no other.
func unnamed(run *fashion.Run, problems []string) []string {
	short := make([]string, len(problems))
	for i, problem := range problems {
		short[i] = strings.TrimPrefix(problem, "run "+run.Name()+": ")
	}
	return short
}
