package safetensors

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// makeStateDict explains how to make a safetensors file.
const makeStateDict = `write the file in Python with safetensors.torch.save_file(model.state_dict(), "FILE.safetensors")`

// convertCheckpoint explains how to convert a file of torch.save.
const convertCheckpoint = `convert it in Python: safetensors.torch.save_file(torch.load("FILE", map_location="cpu", weights_only=True), "FILE.safetensors")`

// otherFormats lists the first bytes of other formats. A safetensors file cannot begin with
// those of more than three bytes, since they would be a header length above the limit.
var otherFormats = []struct{ start, what string }{
	{"PK\x03\x04", "it is a ZIP archive, as torch.save and Keras write; " + convertCheckpoint},
	{"PK\x05\x06", "it is an empty ZIP archive; " + makeStateDict},
	{"\x80\x02", "it is a Python pickle, as torch.save wrote before version 1.6; " + convertCheckpoint},
	{"\x80\x03", "it is a Python pickle; " + convertCheckpoint},
	{"\x80\x04", "it is a Python pickle; " + convertCheckpoint},
	{"\x80\x05", "it is a Python pickle; " + convertCheckpoint},
	{"\x1f\x8b", "it is compressed with gzip; uncompress it with gunzip first"},
	{"BZh", "it is compressed with bzip2; uncompress it with bunzip2 first"},
	{"\xfd7zXZ\x00", "it is compressed with xz; uncompress it with unxz first"},
	{"\x28\xb5\x2f\xfd", "it is compressed with Zstandard; uncompress it with unzstd first"},
	{"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive; unpack it first"},
	{"Rar!", "it is a RAR archive; unpack it first"},
	{"\x89HDF\r\n\x1a\n", "it is an HDF5 file, as Keras writes; " + makeStateDict},
	{"\x93NUMPY", "it is a NumPy array; " + makeStateDict},
	{"GGUF", "it is a GGUF file; " + makeStateDict},
	{"version https://git-lfs", `it is a pointer of Git LFS, not the file itself; fetch that with "git lfs pull", or by the download button of its page`},
}

// otherFormat describes a file of another format and what to do, or returns "".
func otherFormat(file []byte) string {
	if len(file) == 0 {
		return "it is empty; copy or download it again"
	}
	for _, f := range otherFormats {
		// Up to three bytes may be the length of a header, which is followed by a brace.
		if bytes.HasPrefix(file, []byte(f.start)) && (len(file) < 9 || file[8] != '{' || len(f.start) > 3) {
			return f.what
		}
	}
	if len(file) >= 9 && file[7] == 0 && file[8] == '{' {
		return ""
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(file[:min(len(file), 512)]), "\ufeff"), " \t\r\n")
	switch {
	case strings.HasPrefix(text, "<"):
		return "it is a web page or XML, perhaps the page about the file or an error; download the file itself"
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return "it is JSON text, perhaps a server's error; " + makeStateDict
	case text != "" && isText(text):
		line, _, _ := strings.Cut(text, "\n")
		return fmt.Sprintf("it is text that begins %q; %s", shorten(line, 40), makeStateDict)
	}
	return ""
}

// isText reports whether all characters are those of text. The last character may be
// incomplete.
func isText(text string) bool {
	for i, r := range text {
		if r == utf8.RuneError && i < len(text)-utf8.UTFMax || r < ' ' && !strings.ContainsRune("\t\r\n\f", r) || r == 0x7f {
			return false
		}
	}
	return true
}

// shorten cuts a text to the given number of characters.
func shorten(text string, characters int) string {
	runes := []rune(strings.TrimRight(text, "\r"))
	if len(runes) <= characters {
		return string(runes)
	}
	return string(runes[:characters]) + "…"
}
