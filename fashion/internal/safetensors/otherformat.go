package safetensors

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// makeStateDict says how the right file is made.
const makeStateDict = `write the file in Python with safetensors.torch.save_file(model.state_dict(), "FILE.safetensors")`

// convertCheckpoint says how a file of torch.save is converted.
const convertCheckpoint = `convert it in Python: safetensors.torch.save_file(torch.load("FILE", map_location="cpu", weights_only=True), "FILE.safetensors")`

// otherFormats are beginnings of files that people take for safetensors. Those of more
// than three bytes begin no safetensors file, since read as the length of a header they are
// larger than the format allows.
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

// otherFormat says what a file is that is not safetensors, and what to do, or "".
func otherFormat(file []byte) string {
	if len(file) == 0 {
		return "it is empty; copy or download it again"
	}
	for _, f := range otherFormats {
		// Fewer bytes could be the length of a header; a brace follows then.
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

// isText reports whether there are only characters that texts are made of; the last one
// may be cut off.
func isText(text string) bool {
	for i, r := range text {
		if r == utf8.RuneError && i < len(text)-utf8.UTFMax || r < ' ' && !strings.ContainsRune("\t\r\n\f", r) || r == 0x7f {
			return false
		}
	}
	return true
}

// shorten cuts a text to so many characters.
func shorten(text string, characters int) string {
	runes := []rune(strings.TrimRight(text, "\r"))
	if len(runes) <= characters {
		return string(runes)
	}
	return string(runes[:characters]) + "…"
}
