package answers

import "fashionlab/lessons"

func visibleSoftmaxRows() []lessons.Case {
	return each(softmaxRowsCaseOf,
		[][]float64{{1, 2, 3}, {0, 0, 0}},
	)
}

// CheckSoftmaxRowsFurther checks SoftmaxRows on one row, on as many rows as
// columns, and on rows whose logits are far from those of other rows.
func CheckSoftmaxRowsFurther(rows func(logits [][]float64) [][]float64) error {
	return check("SoftmaxRows", rows, softmaxRowsCaseOf,
		[][]float64{{2, -1}},
		[][]float64{{1, 2}, {5, 1}},
		[][]float64{{0, 1}, {-2000, -2001}, {3000, 3001}},
		[][]float64{{1, 4, 2}, {-1, 0.5, 3}, {0, 0, 5}},
	)
}

// softmaxRowsCaseOf is a call, with the right result and those of typical mistakes.
func softmaxRowsCaseOf(z [][]float64) lessons.Case {
	want := softmaxRows(z)
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
	rows := make([][]lessons.Cause, len(z))
	for i, row := range z {
		rows[i] = softmaxCauses(row)
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a row of probabilities for each of the %d rows of logits, not {length}", len(z)),
		lessons.If(lessons.WrongRowLength, "row {row} has {rowLength} probabilities for %d logits", len(z[0])),
		lessons.If(lessons.SharedRows, "all rows share one slice, so that each overwrites the one before; make a new slice for each row"),
		lessons.Gives(whole, "all rows together sum to 1; each row is one image, so each sums to 1 by itself"),
		lessons.Gives(rowsAsColumns(softmaxRows(rowsAsColumns(z))), "the columns sum to 1, not the rows; a row has the logits of one image"),
		lessons.Gives(sameRow, "every row is the softmax of the first; take row i of the logits"),
		lessons.Gives(onlyFirst, "only the first row was computed; go through all rows"),
		lessons.Rows("row {row} is wrong: {cause}", rows),
	}
	return lessons.One(want, causes, z)
}

// softmaxRows is the reference.
func softmaxRows(z [][]float64) [][]float64 {
	p := make([][]float64, len(z))
	for i, row := range z {
		p[i] = softmaxOf(row)
	}
	return p
}
