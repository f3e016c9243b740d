package answers

import (
	"strings"
	"testing"

	"fashionlab/lessons"
)

// On the real data the bar is where it should be: settings that fit get over it
// and those of the homework, which has more images and epochs, do not.
func TestTheBarForSettingsIsRight(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for ten seconds")
	}
	for _, check := range []func(func() (float64, int, int)) error{lessons.CheckSettings, CheckSettingsFurther} {
		if err := check(func() (float64, int, int) { return 0.01, 8, 5 }); err != nil {
			t.Error(err)
		}
		if err := check(func() (float64, int, int) { return 0.001, 128, 5 }); err == nil || !strings.Contains(err.Error(), "in each epoch, but slowly") {
			t.Errorf("the homework's settings: %v", err)
		}
	}
}
