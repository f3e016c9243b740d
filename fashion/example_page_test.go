package fashion_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion"
)

// A page computes its network in the browser. A layer that only a program of its own computes is an
// error.
func ExamplePage() {
	swish := fashion.GraphLayer{Name: "Swish", Graph: func(_ *fashion.Context, x *graph.Node) *graph.Node {
		return graph.Mul(x, graph.Sigmoid(x))
	}}
	own := fashion.NewModel("own", fashion.Flatten(), swish, fashion.Linear(fashion.ImagePixels, 10))
	net, err := own.Init(1)
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(os.TempDir(), "own.html")
	err = net.SavePage(path, fashion.Page{Note: "not trained"})
	what, _, _ := strings.Cut(err.Error(), ",")
	fmt.Println(what)
	// Output: export own as a page: layer 1: Swish is not a layer of the library
}
