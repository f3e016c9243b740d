package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const source = `// Package shop sells things. A price is in $, and [Cart.Add] adds it; see [fashionlab/plots.Figure], [fashionlab/plots] and [fmt.Println].
package shop

// Limit is the most that a [Cart] holds.
const Limit = 3

// A Cart is a list.
type Cart struct {
	// Items are sold.
	Items  []string
	hidden int
}

// NewCart returns an empty cart.
func NewCart() *Cart { return secret() }

// Add adds.
func (c *Cart) Add(item string) { c.Items = append(c.Items, item) }

func secret() *Cart { return nil }
`

const example = `package shop

import "fmt"

func ExampleCart_Add() {
	fmt.Println("added")
	// Output: added
}
`

// page returns the page of a package shop in a new folder.
func page(t *testing.T, files map[string]string) (string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("shop/testdata", 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join("shop", name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := write("out", "shop"); err != nil {
		return "", err
	}
	text, err := os.ReadFile("out/shop.md")
	return string(text), err
}

func TestThePageHasWhatIsExportedWithItsDocumentation(t *testing.T) {
	text, err := page(t, map[string]string{"shop.go": source, "shop_test.go": example})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# shop\n", `import "fashionlab/shop"`, "A price is in $,",
		"(shop.Limit)=\n", "const Limit = 3", "(shop.Cart)=\n### Cart\n", "(shop.NewCart)=\n### NewCart\n", "func NewCart() *Cart\n",
		"(shop.Cart.Add)=\n#### Cart.Add\n", "// Items are sold.", `fmt.Println("added")`, "```text\nadded\n```",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	for _, unwanted := range []string{"hidden int", "secret"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("the page has %q, which is not exported:\n%s", unwanted, text)
		}
	}
}

func TestLinksOfCommentsLeadToTheSiteOrToTheGoDocumentation(t *testing.T) {
	text, err := page(t, map[string]string{"shop.go": source})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"[Cart.Add](#shop.Cart.Add)", "[Cart](#shop.Cart)", "(#plots.Figure)", "(/reference/plots.md)", "[fmt.Println](https://pkg.go.dev/fmt#Println)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

func TestAFunctionIsShownWithThePictureThatItsTestExpects(t *testing.T) {
	for _, c := range []struct{ files, want string }{
		{"newcart_golden.png newcart_large_golden.png", "newcart_golden.png"},
		{"newcart_large_golden.png newcart_small_golden.png", "newcart_large_golden.png"},
	} {
		files := map[string]string{"shop.go": source}
		for _, name := range strings.Fields(c.files) {
			files["testdata/"+name] = name
		}
		text, err := page(t, files)
		if err != nil {
			t.Fatal(err)
		}
		if want := "![An example of what NewCart draws](shop/" + c.want + ")"; strings.Count(text, "![") != 1 || !strings.Contains(text, want) {
			t.Errorf("the page should have one picture, %s:\n%s", want, text)
		}
		if content, err := os.ReadFile("out/shop/" + c.want); err != nil || string(content) != c.want {
			t.Errorf("the picture beside the page is %q, %v", content, err)
		}
	}
}

func TestAFileThatIsNoGoIsNamed(t *testing.T) {
	_, err := page(t, map[string]string{"shop.go": "package shop\nfunc {"})
	if err == nil || !strings.Contains(err.Error(), "shop.go:2") {
		t.Errorf("the error is %v, want one that names shop.go:2", err)
	}
}

func TestAFolderWithoutAPackageIsAnError(t *testing.T) {
	if _, err := page(t, nil); err == nil {
		t.Error("there is no error")
	}
}
