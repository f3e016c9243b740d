package answers

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestTheTablesAreUpToDate(t *testing.T) {
	for folder, made := range map[string]func() (map[string][]byte, error){"../tables": Files, "../models": Models} {
		files, err := made()
		if err != nil {
			t.Fatal(err)
		}
		there, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range there {
			if files[filepath.Base(path)] == nil {
				t.Errorf("%s is no table of an exercise: go generate ./lessons/answers", path)
			}
		}
		for name, want := range files {
			got, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not what the answers give: go generate ./lessons/answers (%v)", name, err)
			}
		}
	}
}

func TestEachWrongResultHasACause(t *testing.T) {
	for name, cases := range visible {
		for i, c := range cases() {
			for j, r := range c.Results {
				if n := len(r.Causes); n == 0 || r.Causes[n-1].Result != nil || r.Causes[n-1].When != "" {
					t.Errorf("%s: case %d, result %d: the last cause must fit any result", name, i, j)
				}
				for _, cause := range r.Causes {
					if cause.Result != nil && reflect.TypeOf(cause.Result) != reflect.TypeOf(r.Want) {
						t.Errorf("%s: case %d, result %d: a mistake gives a %T, and not a %T: %s", name, i, j, cause.Result, r.Want, cause.Text)
					}
				}
			}
		}
	}
}
