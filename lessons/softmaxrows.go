package lessons

import "fmt"

// CheckSoftmaxRows checks SoftmaxRows(logits), the softmax of each row of a batch.
func CheckSoftmaxRows(rows func(logits [][]float64) [][]float64) error {
	return checkSoftmaxRows(rows,
		[][]float64{{1, 2, 3}, {0, 0, 0}},
	)
}

// CheckSoftmaxRowsFurther checks SoftmaxRows on one row, on as many rows as
// columns, and on rows whose logits are far from those of other rows.
func CheckSoftmaxRowsFurther(rows func(logits [][]float64) [][]float64) error {
	return checkSoftmaxRows(rows,
		[][]float64{{2, -1}},
		[][]float64{{1, 2}, {5, 1}},
		[][]float64{{0, 1}, {-2000, -2001}, {3000, 3001}},
		[][]float64{{1, 4, 2}, {-1, 0.5, 3}, {0, 0, 5}},
	)
}

func checkSoftmaxRows(rows func(logits [][]float64) [][]float64, cases ...[][]float64) error {
	for _, z := range cases {
		call := callOf("SoftmaxRows", z)
		var got [][]float64
		if err := call.run(func() { got = rows(z) }); err != nil {
			return err
		}
		want := softmaxRows(z)
		if alikeRows(got, want) {
			continue
		}
		if len(got) != len(z) {
			return call.wrong(got, want, "there is a row of probabilities for each of the %d rows of logits, not %d", len(z), len(got))
		}
		for i, row := range got {
			if len(row) != len(z[i]) {
				return call.wrong(got, want, "row %d has %d probabilities for %d logits", i, len(row), len(z[i]))
			}
		}
		var flat []float64
		for _, row := range z {
			flat = append(flat, row...)
		}
		whole, sameRow, onlyFirst := make([][]float64, len(z)), make([][]float64, len(z)), make([][]float64, len(z))
		for i, row := range z {
			whole[i] = softmaxOf(flat)[i*len(row) : (i+1)*len(row)]
			sameRow[i] = want[0]
			onlyFirst[i] = make([]float64, len(row))
		}
		onlyFirst[0] = want[0]
		cause := likelyCause(got, alikeRows, "",
			mistake[[][]float64]{whole, "all rows together sum to 1; each row is one image, so each sums to 1 by itself"},
			mistake[[][]float64]{rowsAsColumns(softmaxRows(rowsAsColumns(z))), "the columns sum to 1, not the rows; a row has the logits of one image"},
			mistake[[][]float64]{sameRow, "every row is the softmax of the first; take row i of the logits"},
			mistake[[][]float64]{onlyFirst, "only the first row was computed; go through all rows"},
		)
		switch {
		case len(got) > 1 && &got[0][0] == &got[1][0]:
			cause = "all rows share one slice, so that each overwrites the one before; make a new slice for each row"
		case cause == "":
			for i := range got {
				if !alikeAll(got[i], want[i]) {
					cause = fmt.Sprintf("row %d is wrong: %s", i, softmaxCause(got[i], z[i]))
					break
				}
			}
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// softmaxRows is the reference.
func softmaxRows(z [][]float64) [][]float64 {
	p := make([][]float64, len(z))
	for i, row := range z {
		p[i] = softmaxOf(row)
	}
	return p
}
