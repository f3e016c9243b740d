package answers

import (
	"math/rand/v2"
	"testing"

	"fashionlab/lessons"
)

func TestCheckSplit(t *testing.T) {
	type answer = func(n, validation int, seed uint64) ([]int, []int)
	seeded := func(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
	right := func(n, validation int, seed uint64) ([]int, []int) {
		order := seeded(seed).Perm(n)
		return order[:n-validation], order[n-validation:]
	}
	inOrder := func(n int) []int {
		list := make([]int, n)
		for i := range list {
			list[i] = i
		}
		return list
	}
	testCheck(t, right, lessons.CheckSplit, CheckSplitFurther, []wrongCase[answer]{
		{"the stub", func(int, int, uint64) ([]int, []int) { panic("not implemented") }, "Split is not written yet"},
		{"the last", func(n, validation int, _ uint64) ([]int, []int) {
			return inOrder(n)[:n-validation], inOrder(n)[n-validation:]
		}, "holds back the last 5 positions, always"},
		{"the first", func(n, validation int, _ uint64) ([]int, []int) {
			return inOrder(n)[validation:], inOrder(n)[:validation]
		}, "holds back the first 5 positions, always"},
		{"shuffled after dividing", func(n, validation int, seed uint64) ([]int, []int) {
			list := inOrder(n)
			train := list[:n-validation]
			seeded(seed).Shuffle(len(train), func(i, j int) { train[i], train[j] = train[j], train[i] })
			return train, list[n-validation:]
		}, "shuffles after dividing"},
		{"two shuffles", func(n, validation int, seed uint64) ([]int, []int) {
			random := seeded(seed)
			return random.Perm(n)[:n-validation], random.Perm(n)[:validation]
		}, "in both parts"},
		{"drawn one by one", func(n, validation int, seed uint64) ([]int, []int) {
			random := seeded(seed)
			train := make([]int, n-validation)
			for i := range train {
				train[i] = random.IntN(n)
			}
			return train, nil
		}, "twice in the training part"},
		{"exchanged", func(n, validation int, seed uint64) ([]int, []int) {
			train, held := right(n, validation, seed)
			return held, train
		}, "the two are exchanged"},
		{"counted from 1", func(n, validation int, seed uint64) ([]int, []int) {
			train, held := right(n, validation, seed)
			for i := range train {
				train[i]++
			}
			for i := range held {
				held[i]++
			}
			return train, held
		}, "have the positions 0 to 19"},
		{"one lost", func(n, validation int, seed uint64) ([]int, []int) {
			train, held := right(n, validation, seed)
			return train[:len(train)-1], held
		}, "one position is lost"},
		{"another size", func(n, validation int, seed uint64) ([]int, []int) {
			train, held := right(n, validation, seed)
			return train[:3], held
		}, "cut the shuffled list"},
		{"no seed", func(n, validation int, _ uint64) ([]int, []int) {
			order := rand.Perm(n)
			return order[:n-validation], order[n-validation:]
		}, "another split when it is called again"},
		{"always the same seed", func(n, validation int, _ uint64) ([]int, []int) { return right(n, validation, 4) }, "the seed must decide"},
		{"every fourth", func(n, validation int, seed uint64) ([]int, []int) {
			var train, held []int
			for i := range n {
				if len(held) < validation && i%4 == int(seed%4) {
					held = append(held, i)
				} else {
					train = append(train, i)
				}
			}
			return train, held
		}, "positions that are equally far apart"},
	})
}
