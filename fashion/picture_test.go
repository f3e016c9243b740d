package fashion

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

func writePicture(t *testing.T, picture image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPictureOfTheDataSetsSizeIsTakenAsItIs(t *testing.T) {
	data, err := Synthetic(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	original, err := data.Train.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	read, done, err := ReadPicture(writePicture(t, original))
	if err != nil {
		t.Fatal(err)
	}
	if string(read.Pixels) != string(original.Pixels) || read.Label != -1 {
		t.Errorf("the picture is not what was written, or its label is known; done: %q", done)
	}
	again, _, err := FromPicture(original)
	if err != nil || string(again.Pixels) != string(original.Pixels) {
		t.Errorf("FromPicture gives another image than ReadPicture, or the error %v", err)
	}
}

func TestADarkGarmentOnWhiteIsInvertedAndCentred(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 200, 100))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for y := 10; y < 30; y++ {
		for x := 120; x < 160; x++ {
			picture.SetGray(x, y, color.Gray{})
		}
	}
	read, done, err := ReadPicture(writePicture(t, picture))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"trimmed to 40×20", "scaled to 28×14", "inverted"}; !slices.Equal(done, want) {
		t.Errorf("done: %q, want %q", done, want)
	}
	for i, v := range read.Pixels {
		want := uint8(0)
		if row := i / ImageWidth; row >= 7 && row < 21 {
			want = 255
		}
		if v != want {
			t.Fatalf("row %d, column %d is %d, want %d", i/ImageWidth, i%ImageWidth, v, want)
		}
	}
}

func TestAPictureThatCannotBeReadIsAnErrorThatNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.png")
	testfiles.Write(t, text, "no picture")
	large := filepath.Join(dir, "large.jpg")
	testfiles.Write(t, large, "")
	if err := os.Truncate(large, 101<<20); err != nil {
		t.Fatal(err)
	}
	blank := writePicture(t, image.NewGray(image.Rect(0, 0, 50, 50)))
	for path, says := range map[string]string{
		text: "JPEG, PNG, GIF and WebP", large: "want at most", blank: "blank", dir: "a folder", filepath.Join(dir, "none.png"): "none.png",
	} {
		if _, _, err := ReadPicture(path); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: %v, want the file's name and %q", path, err, says)
		}
	}
}

func TestATrainedNetworkGivesAPicturesClassAsThatOfTheTestImageThatItShows(t *testing.T) {
	if testing.Short() {
		t.Skip("trains on 10,000 images")
	}
	useBackend(t, "go")
	data, err := load(realData(t))
	if err != nil {
		t.Fatal(err)
	}
	part, _, err := RandomSplit(data.Train, 1, 10000, 50000)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(part, 128)
	if err != nil {
		t.Fatal(err)
	}
	net := initialised(t, SoftmaxRegression())
	if _, err := net.Fit(loader, Training{Epochs: 5, Optimizer: SGD(0.1)}); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join("internal", "picture", "testdata", "*-*.*"))
	if err != nil {
		t.Fatal(err)
	}
	var prepared, originals []Image
	for _, name := range names {
		picture, _, err := ReadPicture(name)
		if err != nil {
			t.Fatal(err)
		}
		number, _, _ := strings.Cut(filepath.Base(name), "-")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		original, err := data.Test.Image(n)
		if err != nil {
			t.Fatal(err)
		}
		prepared, originals = append(prepared, picture), append(originals, original)
	}
	got, err := net.Predict(prepared...)
	if err != nil {
		t.Fatal(err)
	}
	want, err := net.Predict(originals...)
	if err != nil {
		t.Fatal(err)
	}
	equal := 0
	for i := range got {
		if got[i].Predicted == want[i].Predicted {
			equal++
		} else {
			t.Logf("%s: %s, and %s for the test image", filepath.Base(names[i]), ClassNames[got[i].Predicted], ClassNames[want[i].Predicted])
		}
	}
	t.Logf("%d of %d pictures have the class of the test image", equal, len(names))
	if len(names) < 200 || 10*equal < 9*len(names) {
		t.Errorf("%d of %d pictures have the class of the test image, want 9 of 10", equal, len(names))
	}
}
