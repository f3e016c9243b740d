package plots

import (
	"cmp"
	"slices"
)

// A wire leads from a node to another through all columns between them: rows has its row in
// each column from column on.
type wire struct {
	column int
	rows   []float64
}

// layered returns the column and the row of each node of a graph, and the wires between
// them. Node i has the inputs inputs[i], which come before it. It is Sugiyama's method:
// columns by the longest path, an invisible node wherever a wire crosses a column, an order
// in each column by the mean position of the neighbours, and then rows that are as near to
// the neighbours' rows as the boxes allow.
func layered(inputs [][]int) (columns []int, rows []float64, wires []wire) {
	columns = columnsOf(inputs)
	column := slices.Clone(columns) // of the invisible nodes, too
	var neighbours [][]int
	add := func() int {
		neighbours = append(neighbours, nil)
		return len(neighbours) - 1
	}
	for range inputs {
		add()
	}
	var ways [][]int // the nodes along each wire
	for to, from := range inputs {
		for _, at := range slices.Compact(slices.Sorted(slices.Values(from))) {
			way := []int{at}
			for c := columns[at] + 1; c < columns[to]; c++ {
				way = append(way, add())
				column = append(column, c)
			}
			way = append(way, to)
			for i := 1; i < len(way); i++ {
				neighbours[way[i]] = append(neighbours[way[i]], way[i-1])
				neighbours[way[i-1]] = append(neighbours[way[i-1]], way[i])
			}
			ways = append(ways, way)
		}
	}

	layers := make([][]int, slices.Max(column)+1)
	all := make([]float64, len(column))
	for n, c := range column {
		all[n] = float64(len(layers[c]))
		layers[c] = append(layers[c], n)
	}
	// mean is the mean row of a node's neighbours.
	mean := func(n int) float64 {
		if len(neighbours[n]) == 0 {
			return all[n]
		}
		sum := 0.0
		for _, m := range neighbours[n] {
			sum += all[m]
		}
		return sum / float64(len(neighbours[n]))
	}
	const sweeps = 40
	for sweep := range 2 * sweeps {
		for i := range layers {
			layer := layers[i]
			if sweep%2 == 1 {
				layer = layers[len(layers)-1-i]
			}
			wanted := map[int]float64{}
			for _, n := range layer {
				wanted[n] = mean(n)
			}
			if sweep < sweeps {
				slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(wanted[a], wanted[b]) })
			}
			for j, row := range apart(layer, wanted) {
				all[layer[j]] = row
			}
		}
	}
	top := slices.Min(all)
	for n := range all {
		all[n] -= top
	}
	for _, way := range ways {
		w := wire{column: column[way[0]]}
		for _, n := range way {
			w.rows = append(w.rows, all[n])
		}
		wires = append(wires, w)
	}
	return columns, all[:len(inputs)], wires
}

// columnsOf places each node right after the last of its inputs, and a node without inputs
// right before the first node that needs it.
func columnsOf(inputs [][]int) []int {
	columns := make([]int, len(inputs))
	for n, from := range inputs {
		for _, m := range from {
			columns[n] = max(columns[n], columns[m]+1)
		}
	}
	for n, from := range inputs {
		if len(from) > 0 {
			continue
		}
		first := -1
		for to, its := range inputs {
			if slices.Contains(its, n) && (first < 0 || columns[to] < first) {
				first = columns[to]
			}
		}
		columns[n] = max(first-1, 0)
	}
	return columns
}

// apart returns rows for the nodes of a column, in their order and at least 1 apart, with
// the smallest sum of squared distances from the wanted rows. Without the distances this is
// isotonic regression, which the pool-adjacent-violators algorithm solves.
func apart(layer []int, wanted map[int]float64) []float64 {
	type pool struct {
		sum float64
		n   int
	}
	var pools []pool
	for i, node := range layer {
		pools = append(pools, pool{wanted[node] - float64(i), 1})
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.sum/float64(a.n) <= b.sum/float64(b.n) {
				break
			}
			pools = append(pools[:len(pools)-2], pool{a.sum + b.sum, a.n + b.n})
		}
	}
	var rows []float64
	for _, p := range pools {
		for range p.n {
			rows = append(rows, p.sum/float64(p.n)+float64(len(rows)))
		}
	}
	return rows
}
