package lessons

import (
	"strings"
	"testing"
)

func called(id string) Student { return func() string { return id } }

// What was drawn once is what students have worked with: it must not change.
func TestAStudentHasTheSameNumbersAlways(t *testing.T) {
	for _, c := range []struct {
		exercise, id, name string
		n, want            int
	}{
		{"E", "s01", "size", 1000, 61},
		{"E", "s02", "size", 1000, 708},
		{"E", "s01", "channels", 1000, 263},
		{"F", "s01", "size", 1000, 629},
		{"E", "Žofie Nováková Malá", "size", 1000, 594},
		{"E", "王伟", "size", 1000, 498},
		{"E", "s01", "size", 1, 0},
	} {
		v, err := VariantOf(c.exercise, called(c.id))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Below(c.n, c.name); got != c.want {
			t.Errorf("%s of %s for %s is %d, want %d", c.name, c.exercise, c.id, got, c.want)
		}
	}
}

func TestWhatPeopleDoNotSeeInAnIDMakesNoDifference(t *testing.T) {
	for _, same := range [][]string{{"s01", "S01", " s01 "}, {"žofie nováková", "Žofie  Nováková", "z\u030cofie nova\u0301kova\u0301"}} {
		for _, id := range same {
			v, err := VariantOf("E", called(id))
			if err != nil {
				t.Fatal(err)
			}
			if v.Student != same[0] {
				t.Errorf("%q is taken as %q, want %q", id, v.Student, same[0])
			}
		}
	}
}

func TestWhatIsNoIDIsRefused(t *testing.T) {
	for id, want := range map[string]string{
		"":                       "empty text",
		" \t\n":                  "empty text",
		strings.Repeat("ж", 101): "202 bytes",
		"s01\n":                  "cannot be seen",
		"s\x0001":                "cannot be seen",
		"s\u202e01":              "cannot be seen",
		"s\u200b01":              "cannot be seen",
		"\x1b[2Ks01":             "cannot be seen",
		"s\xff":                  "cannot be seen",
	} {
		if _, err := VariantOf("E", called(id)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "your teacher") {
			t.Errorf("%q gives %v, want %q", id, err, want)
		}
	}
	for want, student := range map[string]Student{
		"Student is not written yet": func() string { panic(stubPanic) },
		"Student() panics":           func() string { panic("no") },
	} {
		if _, err := VariantOf("E", student); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
