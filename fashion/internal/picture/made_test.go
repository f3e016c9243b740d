package picture

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// made returns the results for the pictures of testdata that show one thing, such as
// "white.png", in the order of their names.
func made(t *testing.T, kind string) (results [][]byte, done [][]string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*-"+kind))
	if err != nil || len(names) == 0 {
		t.Fatalf("no pictures *-%s in testdata (%v)", kind, err)
	}
	for _, name := range names {
		if kind != filepath.Base(name)[strings.IndexByte(filepath.Base(name), '-')+1:] {
			continue // "light-cutout.png" is no "cutout.png"
		}
		pixels, what, err := Read(testfiles.Read(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		results, done = append(results, pixels), append(done, what)
	}
	return results, done
}

// difference returns the mean absolute difference of two results, in grey levels.
func difference(a, b []byte) (mean float64) {
	for i := range a {
		mean += math.Abs(float64(a[i])-float64(b[i])) / float64(len(a))
	}
	return mean
}

// The kinds of pictures whose result should be the test image itself, and the words that
// say what was done.
var kinds = map[string][]string{
	"white.png": {"trimmed", "inverted"}, "white.gif": {"trimmed", "inverted"}, "white.webp": {"trimmed", "inverted"},
	"lossy.webp": {"inverted"}, "grey.jpg": {"inverted"}, "colour.jpg": {"inverted"}, "progressive.jpg": {"inverted"}, "cmyk.jpg": {"inverted"},
	"deep.png": {"inverted"}, "palette.png": {"on white", "inverted"}, "dark.png": {"trimmed"},
	"light-cutout.png": {"on black"}, "light-cutout.webp": {"on black"}, "wide.png": {"trimmed", "inverted"},
	"turned-1.jpg": {"inverted"}, "turned-2.jpg": {"turned"}, "turned-3.jpg": {"turned"}, "turned-4.jpg": {"turned"}, "turned-5.jpg": {"turned"},
	"turned-6.jpg": {"turned"}, "turned-7.jpg": {"turned"}, "turned-8.jpg": {"turned"}, "turned-6.png": {"turned"}, "turned-6.webp": {"turned"},
}

func TestPicturesOfTestImagesMadeByPillowBecomeTheTestImagesAgain(t *testing.T) {
	originals, _ := made(t, "size.png")
	for kind, words := range kinds {
		results, done := made(t, kind)
		var differences []float64
		for i, result := range results {
			differences = append(differences, difference(result, originals[i]))
			for _, word := range words {
				if !strings.Contains(strings.Join(done[i], ", "), word) {
					t.Errorf("%s: %q was done, want %q among it", kind, done[i], word)
				}
			}
			if got := slices.Contains(done[i], "inverted"); got != slices.Contains(words, "inverted") && words[0] != "turned" {
				t.Errorf("%s: inverted: %v", kind, got)
			}
		}
		slices.Sort(differences)
		// The test images are sharpened once more, so the difference is not 0. A garment whose
		// outermost row is within the tolerance is scaled by some percent more.
		if middle, largest := differences[len(differences)/2], differences[len(differences)-1]; middle > 15 || largest > 30 {
			t.Errorf("%s: mean differences %.1f grey levels, want a median up to 15 and none above 30", kind, differences)
		}
	}
}

func TestAPictureOfTheResultsSizeIsNeitherTrimmedNorSharpened(t *testing.T) {
	originals, done := made(t, "size.png")
	inverted, how := made(t, "size-white.png")
	for i := range originals {
		if string(inverted[i]) != string(originals[i]) {
			t.Errorf("image %d: the one on white differs by %.2f", i, difference(inverted[i], originals[i]))
		}
		if len(done[i]) != 1 || !strings.Contains(done[i][0], "kept") || !slices.Equal(how[i], []string{"inverted"}) {
			t.Errorf("image %d: %q and %q", i, done[i], how[i])
		}
	}
}

func TestACreamGarmentOnWhiteHasContrastAndTheShapeOfTheOriginal(t *testing.T) {
	originals, _ := made(t, "size.png")
	results, done := made(t, "cream.png")
	var cosines []float64
	for i, result := range results {
		// The cosine of the angle between the two as vectors.
		var product, a, b float64
		for p := range result {
			product += float64(result[p]) * float64(originals[i][p])
			a, b = a+float64(result[p])*float64(result[p]), b+float64(originals[i][p])*float64(originals[i][p])
		}
		cosines = append(cosines, product/math.Sqrt(a*b))
		if slices.Max(result) < 250 || !strings.Contains(strings.Join(done[i], ", "), "stretched") {
			t.Errorf("image %d: the lightest pixel is %d, done %q", i, slices.Max(result), done[i])
		}
	}
	// A garment that is faint in the test set has an outline below the tolerance in cream, and is cut.
	slices.Sort(cosines)
	if cosines[0] < 0.55 || cosines[3] < 0.85 {
		t.Errorf("cosines to the originals %.3f, want all above 0.55, and all but three above 0.85", cosines)
	}
}

func TestATransparentDarkGarmentIsPutOnWhite(t *testing.T) {
	originals, _ := made(t, "size.png")
	results, done := made(t, "cutout.png")
	for i, result := range results {
		var want []byte // the cut-out is of the grey 60, as opaque as the test image is light
		for _, v := range originals[i] {
			want = append(want, byte(int(v)*(255-60)/255))
		}
		if what := strings.Join(done[i], ", "); !strings.Contains(what, "put on white") || !strings.Contains(what, "inverted") {
			t.Errorf("image %d: %q", i, what)
		}
		if d := difference(result, want); d > 30 {
			t.Errorf("image %d: differs by %.1f grey levels", i, d)
		}
	}
}

func TestAllEightOrientationsShowTheSamePicture(t *testing.T) {
	want, _ := made(t, "turned-1.jpg")
	for orientation := 2; orientation <= 8; orientation++ {
		results, _ := made(t, "turned-"+string(rune('0'+orientation))+".jpg")
		for i := range results {
			// JPEG's blocks lie differently, and an odd pixel may be trimmed on another side.
			if d := difference(results[i], want[i]); d > 25 {
				t.Errorf("orientation %d, image %d: differs by %.1f grey levels", orientation, i, d)
			}
		}
	}
}

func TestEveryPictureThatTheScriptMakesIsTested(t *testing.T) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, entry := range entries {
		if number, kind, ok := strings.Cut(entry.Name(), "-"); ok && number != "" {
			seen[kind]++
		}
	}
	others := []string{"size.png", "size-white.png", "cutout.png", "cream.png"}
	for kind, count := range seen {
		tested := kinds[kind] != nil || slices.Contains(others, kind)
		if !tested || count != 10 {
			t.Errorf("%s: %d pictures, tested: %v", kind, count, tested)
		}
	}
}
