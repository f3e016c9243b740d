package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/sample"
	"fashionlab/plots"
)

// sweepResult is what sweep prints.
type sweepResult struct {
	Out  string `json:"out"`
	Part string `json:"part"`
	// Split is the split of the accuracies: validation or test.
	Split string `json:"split"`
	// TTA names the views of the evaluation; "" for none.
	TTA   string       `json:"tta"`
	Table []*sweepRow  `json:"table"`
	Runs  []runOfSweep `json:"runs"`
	// Missing lists the runs that are not in the table.
	Missing []string `json:"missing"`
}

// sweepRow describes one model with its settings over all finished seeds.
type sweepRow struct {
	Name       string    `json:"name"`
	Accuracies []float64 `json:"accuracies"`
	Mean       float64   `json:"mean"`
	// Std is the standard deviation of a sample; nil for one seed.
	Std        *float64 `json:"std"`
	Lowest     float64  `json:"lowest"`
	Highest    float64  `json:"highest"`
	Seeds      int      `json:"seeds"`
	Parameters int      `json:"parameters"`
	// Minutes is the mean duration of a training.
	Minutes  float64 `json:"minutes"`
	Original float64 `json:"original,omitempty"`
}

// runOfSweep describes one run.
type runOfSweep struct {
	Name string `json:"name"`
	Seed uint64 `json:"seed"`
	// State is finished, not tested, unfinished or missing.
	State string `json:"state"`
	Steps int    `json:"steps"`
	// Accuracy is nil if the state is not finished.
	Accuracy *float64 `json:"accuracy"`
	Minutes  float64  `json:"minutes"`
}

// States of a run.
const (
	stateFinished   = "finished"
	stateNotTested  = "not tested"
	stateUnfinished = "unfinished"
	stateMissing    = "missing"
)

// state describes the run.
func (r *sweepRun) state(test bool) runOfSweep {
	d := runOfSweep{Name: r.name, Seed: r.seed, State: stateMissing}
	if r.run == nil {
		return d
	}
	d.Steps, d.Minutes = r.run.Steps(), r.run.History.Seconds()/60
	accuracies := r.run.History.ValAccuracies()
	switch {
	case !r.complete:
		d.State = stateUnfinished
	case test && r.test == nil:
		d.State = stateNotTested
	case test:
		d.State, d.Accuracy = stateFinished, &r.test.Accuracy
	default:
		d.State, d.Accuracy = stateFinished, &accuracies[len(accuracies)-1]
	}
	return d
}

// tableOf summarises the runs, with the rows in their order.
func tableOf(runs []*sweepRun, test bool, originals map[string]float64) *sweepResult {
	result := &sweepResult{Split: "validation", Table: []*sweepRow{}, Missing: []string{}}
	if test {
		result.Split = "test"
	}
	rows := map[string]*sweepRow{}
	for _, r := range runs {
		d := r.state(test)
		result.Runs = append(result.Runs, d)
		if d.Accuracy == nil {
			result.Missing = append(result.Missing, d.Name)
			continue
		}
		row := rows[r.row]
		if row == nil {
			row = &sweepRow{Name: r.row, Parameters: r.parameters, Original: originals[r.row]}
			rows[r.row] = row
			result.Table = append(result.Table, row)
		}
		row.Accuracies = append(row.Accuracies, *d.Accuracy)
		row.Minutes += d.Minutes
	}
	for _, row := range result.Table {
		row.summarise()
	}
	return result
}

// summarise computes the statistics. Minutes holds the sum over the seeds before.
func (row *sweepRow) summarise() {
	row.Seeds, row.Lowest, row.Highest = len(row.Accuracies), slices.Min(row.Accuracies), slices.Max(row.Accuracies)
	row.Minutes /= float64(row.Seeds)
	mean, variance := sample.Moments(row.Accuracies)
	row.Mean = mean
	if row.Seeds > 1 {
		std := math.Sqrt(variance)
		row.Std = &std
	}
}

// measure names what the accuracies are.
func (result *sweepResult) measure() string {
	if result.TTA != "" {
		return result.Split + " accuracy with -tta " + result.TTA
	}
	return result.Split + " accuracy"
}

// text writes the table for a terminal.
func (result *sweepResult) text(w io.Writer) {
	if len(result.Table) > 0 {
		columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(columns, "%s of\tmean\tstd\tlowest\thighest\tseeds\tparameters\tminutes\t\n", result.measure())
		for _, row := range result.Table {
			std := "–"
			if row.Std != nil {
				std = fmt.Sprintf("%.4f", *row.Std)
			}
			fmt.Fprintf(columns, "%s\t%.4f\t%s\t%.4f\t%.4f\t%d\t%d\t%.1f\t\n", row.Name, row.Mean, std, row.Lowest, row.Highest, row.Seeds, row.Parameters, row.Minutes)
		}
		_ = columns.Flush() // w is a buffer
	}
	result.listMissing(w)
}

// listMissing writes a line for each run that is not in the table.
func (result *sweepResult) listMissing(w io.Writer) {
	for _, r := range result.Runs {
		if r.State == stateFinished {
			continue
		}
		fmt.Fprintf(w, "%s: %s", r.Name, r.State)
		switch r.State {
		case stateUnfinished:
			fmt.Fprintf(w, ", %d steps", r.Steps)
		case stateNotTested:
			fmt.Fprint(w, "; the part with this run does it with -test")
		}
		fmt.Fprintln(w)
	}
}

// markdown writes the table in the form of the homework's.
func (result *sweepResult) markdown(w io.Writer) {
	fmt.Fprintf(w, "| run | %s: mean (range) | seeds | original |\n|---|---|---|---|\n", result.measure())
	for _, row := range result.Table {
		original := "–"
		if row.Original != 0 {
			original = strconv.FormatFloat(row.Original, 'f', 3, 64)
		}
		fmt.Fprintf(w, "| %s | %.3f (%.3f–%.3f) | %d | %s |\n", row.Name, row.Mean, row.Lowest, row.Highest, row.Seeds, original)
	}
	if len(result.Missing) > 0 {
		fmt.Fprintln(w)
		result.listMissing(w)
	}
}

// writePlot draws the means and ranges into a file.
func (result *sweepResult) writePlot(s *session, path string) error {
	if len(result.Table) == 0 {
		fmt.Fprintf(s.log, "no run is finished, so %s is not written\n", path)
		return nil
	}
	var scores []plots.Score
	for _, row := range result.Table {
		scores = append(scores, plots.Score{Model: row.Name, Accuracies: row.Accuracies, Reference: row.Original})
	}
	title := result.measure() + " over seeds"
	figure, err := plots.Compare(strings.ToUpper(title[:1])+title[1:], "original", scores...)
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	write := figure.WriteSVG
	if filepath.Ext(path) == ".png" {
		write = figure.WritePNG
	}
	if err := write(&picture); err != nil {
		return err
	}
	return atomicfile.Write(path, picture.Bytes())
}
