package answers

import (
	"fashionlab/fashion"
	"fashionlab/lessons"
)

// CheckDesignLearnsFurther trains a design with other images and first weights.
func CheckDesignLearnsFurther(f func() *fashion.Model) error {
	return lessons.CheckDesignLearnsWith(f, 2)
}
