package challenge

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"

	"fashionlab/fashion"
)

// leastSecret is the least length of a secret in bytes: that of 128 random bits in hexadecimal is 32.
const leastSecret = 16

// SecretTest returns test images that whoever does not know the secret does not have: count images of
// test, drawn by the secret, each moved by up to one pixel in each direction, with black edges. Equal
// secrets give equal images on every platform.
func SecretTest(test *fashion.Dataset, secret string, count int) (*fashion.Dataset, error) {
	if len(secret) < leastSecret {
		return nil, fmt.Errorf("challenge: a secret of %d bytes, want at least %d, drawn at random", len(secret), leastSecret)
	}
	if count < 1 || count > test.Len() {
		return nil, fmt.Errorf("challenge: %d secret test images, want 1 to %d", count, test.Len())
	}
	random := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(secret))))
	chosen := random.Perm(test.Len())[:count]
	slices.Sort(chosen)
	secretly := &fashion.Dataset{Name: "secret test images", Synthetic: test.Synthetic}
	for _, i := range chosen {
		image, err := test.Image(i)
		if err != nil {
			return nil, err
		}
		secretly.Images = append(secretly.Images, moved(image.Pixels, random.IntN(3)-1, random.IntN(3)-1)...)
		secretly.Labels = append(secretly.Labels, byte(image.Label))
	}
	return secretly, nil
}

// moved returns an image that is moved to the right and down, with black edges.
func moved(pixels []byte, right, down int) []byte {
	out := make([]byte, fashion.ImagePixels)
	for y := range fashion.ImageHeight {
		for x := range fashion.ImageWidth {
			if fromX, fromY := x-right, y-down; fromX >= 0 && fromX < fashion.ImageWidth && fromY >= 0 && fromY < fashion.ImageHeight {
				out[y*fashion.ImageWidth+x] = pixels[fromY*fashion.ImageWidth+fromX]
			}
		}
	}
	return out
}
