package fashion

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// pythonFloat returns a number as Python prints it: with a point, or with an exponent below
// 1e-4 and from 1e16.
func pythonFloat(v float64) string {
	if !isFinite(v) {
		return strings.ToLower(strings.TrimPrefix(fmt.Sprint(v), "+"))
	}
	if size := math.Abs(v); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// checkNumber returns an error for a setting that is NaN or infinite.
func checkNumber(v float64) error {
	if !isFinite(v) {
		return fmt.Errorf("the setting %v, want a finite number", v)
	}
	return nil
}
