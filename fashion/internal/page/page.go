// Package page makes an HTML file that holds a network and computes it in the browser. The file
// needs no server and no network: all of its content is in it, and it forbids requests.
package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	_ "embed" // the page's files
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"text/template"

	"fashionlab/fashion/internal/forward"
)

// Content is what a page shows.
type Content struct {
	// Model is the network's name, Parameters the number of its trainable values.
	Model      string `json:"model"`
	Parameters int    `json:"parameters"`
	// Note is a sentence about the training; it may be empty.
	Note string `json:"note"`
	// Classes are the names of the outputs.
	Classes []string `json:"classes"`
	// Labels and Indices describe the images: the right output, and the position in the data set.
	Labels  []int `json:"labels"`
	Indices []int `json:"indices"`
	// Maps reports whether the network has feature maps.
	Maps bool `json:"maps"`
	// Images holds the pixels of all images.
	Images []byte `json:"-"`
	// Network is what the page computes.
	Network *forward.Network `json:"-"`
}

//go:embed page.html
var markup string

//go:embed page.css
var style string

//go:embed page.js
var script string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"html": html.EscapeString}).Parse(markup))

// Make returns the file. It compiles the program that computes, for which Go and the sources of this
// module are needed. Go's own cache keeps what was compiled, by content.
func Make(ctx context.Context, c Content) ([]byte, error) {
	program, support, err := compile(ctx)
	if err != nil {
		return nil, err
	}
	network, err := c.Network.Encode()
	if err != nil {
		return nil, err
	}
	facts, err := json.Marshal(c) // escapes "<", so no tag ends the element
	if err != nil {
		return nil, err
	}
	all := string(support) + "\n" + script
	if strings.Contains(strings.ToLower(all), "</script") {
		return nil, fmt.Errorf("the page's script contains the end of its element")
	}
	data := map[string]string{
		"Model": c.Model, "Facts": string(facts), "Style": style, "Script": all,
		"StyleSum": sum(style), "ScriptSum": sum(all),
	}
	for name, content := range map[string][]byte{"Program": program, "Network": network, "Images": c.Images} {
		if data[name], err = packed(content); err != nil {
			return nil, err
		}
	}
	var page bytes.Buffer
	err = pageTemplate.Execute(&page, data)
	return page.Bytes(), err
}

// sum is the hash by which a Content-Security-Policy allows a script or a style.
func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(hash[:])
}

// packed returns content compressed, as base64.
func packed(content []byte) (string, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(content); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
