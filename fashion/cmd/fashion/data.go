package main

import (
	"flag"
	"fmt"
	"io"

	"fashionlab/fashion"
)

var dataCommand = command{
	name: "data", usage: "[-dir DIR] [-offline]",
	short: "find, verify and describe the data set",
	long: `
Looks for the four official files in -dir, $FASHION_MNIST_DIR, data/fashion of
the course's repository and the user's cache, and downloads them if they are in
none of these. Verifies all files by their checksums.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		dir := dirFlag(flags)
		offline := flags.Bool("offline", false, "fail rather than download")
		return func(s *session) error {
			data, err := s.load(fashion.LoadOptions{Dir: *dir, Offline: *offline})
			if err != nil {
				return err
			}
			result := dataResult{Dir: data.Dir, Train: data.Train.Len(), Test: data.Test.Len(), SHA256: map[string]string{}, Verified: true}
			for _, f := range data.Files {
				result.SHA256[f.Name] = f.SHA256
				result.Verified = result.Verified && f.Verified
			}
			return s.print(result, func(w io.Writer) {
				fmt.Fprintf(w, "%d training and %d test images in %s\n", result.Train, result.Test, result.Dir)
				for _, f := range data.Files {
					fmt.Fprintf(w, "%-28s %9d bytes  sha256 %s\n", f.Name, f.Bytes, f.SHA256)
				}
				fmt.Fprintln(w, "verified against the official checksums")
			})
		}
	},
}

type dataResult struct {
	Dir      string            `json:"dir"`
	Train    int               `json:"train"`
	Test     int               `json:"test"`
	SHA256   map[string]string `json:"sha256"`
	Verified bool              `json:"verified"`
}
