package safetensors

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
)

// fileOf puts a header in front of a body, as the format has it:
// https://huggingface.co/docs/safetensors, "Format".
func fileOf(header, body string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + body
}

func TestOtherTypesAreConverted(t *testing.T) {
	for _, c := range []struct {
		dtype string
		bytes []byte
		want  float32
	}{
		{"F64", binary.LittleEndian.AppendUint64(nil, math.Float64bits(-1.5)), -1.5},
		{"F32", binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.25)), 0.25},
		{"F16", []byte{0x00, 0xc1}, -2.5},
		{"F16", []byte{0x01, 0x00}, 0x1p-24}, // the smallest subnormal number
		{"BF16", []byte{0x40, 0x40}, 3},
		{"I64", binary.LittleEndian.AppendUint64(nil, 7), 7},
		{"U8", []byte{200}, 200},
	} {
		header := fmt.Sprintf(`{"x":{"dtype":%q,"shape":[1],"data_offsets":[0,%d]}}`, c.dtype, len(c.bytes))
		tensors, _, err := Decode("f", []byte(fileOf(header, string(c.bytes))))
		if err != nil {
			t.Errorf("%s: %v", c.dtype, err)
			continue
		}
		if len(tensors) != 1 || tensors[0].Name != "x" || tensors[0].Data[0] != c.want {
			t.Errorf("%s: read %v, want x = %v", c.dtype, tensors, c.want)
		}
	}
}

func TestDamagedFilesAreRefusedWithTheReason(t *testing.T) {
	good := `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	for _, c := range []struct{ name, file, says string }{
		{"empty", "", "it is empty"},
		{"seven bytes", "\x10\x00\x00\x00\x00\x00\x00", "want at least the 8"},
		{"a header longer than the file", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", "a header of"},
		{"a header longer than the file by one", "\x03\x00\x00\x00\x00\x00\x00\x00{}", "a header of"},
		{"not JSON", fileOf("{nonsense", ""), "not JSON"},
		{"truncated", fileOf(good, "1234567"), `tensor "a" is at`},
		{"longer", fileOf(good, "123456789"), "after the last tensor"},
		{"overlap", fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), `tensor "b" is at`},
		{"a hole", fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "is at"},
		{"backwards", fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}`, "12345678"), "is at"},
		{"a shape of gigabytes", fileOf(`{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}}`, "12345678"), "want as many as shape"},
		{"a negative shape", fileOf(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, "12345678"), "want as many as shape"},
		{"another shape", fileOf(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, "12345678"), "8"},
		{"an unknown type", fileOf(`{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}`, "12345678"), "want F64, F32"},
	} {
		_, _, err := Decode("w.safetensors", []byte(c.file))
		var refused *Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "w.safetensors") {
			t.Errorf("%s: %v, want an Error that names the file and says %q", c.name, err, c.says)
		}
	}
}

func TestFilesOfOtherFormatsAreRecognised(t *testing.T) {
	page := "<!DOCTYPE html>\n<html><head><title>Not found</title></head></html>"
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := w.Write([]byte(page)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct{ file, says, advice string }{
		"Git LFS":             {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 31400\n", "pointer of Git LFS", "git lfs pull"},
		"a page":              {page, "web page", "download the file itself"},
		"a page behind a BOM": {"\ufeff\r\n" + page, "web page", "download"},
		"XML":                 {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML", "download"},
		"a server's error":    {`{"error":"Repository not found"}`, "JSON", "save_file"},
		"a note":              {"weights follow by mail", `begins "weights follow by mail"`, "save_file"},
		"notes in Cyrillic":   {strings.Repeat("веса ", 300), "text that begins", "save_file"},
		"torch.save":          {"PK\x03\x04\x00\x00\x08\x08\x00\x00archive/data.pkl", "ZIP", "torch.load"},
		"an old torch.save":   {"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M", "pickle", "torch.load"},
		"pickle, protocol 5":  {"\x80\x05\x95\x1b\x00\x00\x00\x00\x00\x00\x00}", "pickle", "torch.load"},
		"gzip":                {compressed.String(), "gzip", "gunzip"},
		"xz":                  {"\xfd7zXZ\x00\x00\x04\xe6\xd6", "xz", "unxz"},
		"Keras":               {"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "HDF5", "save_file"},
		"NumPy":               {"\x93NUMPY\x01\x00v\x00{'descr'", "NumPy", "save_file"},
		"nothing":             {"", "empty", "again"},
		"a cut header":        {"\x40\x00\x00\x00\x00\x00\x00\x00" + `{"a":{"dtype"`, "cut off", "again"},
		"cut tensors":         {fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "1234"), "cut off", "again"},
		"noise":               {"\x9c\x01\x02\xf3\x04\xf5\x06\xf7\xf8\xf9", "another format", "save_file"},
	} {
		const path = "folder/w.safetensors"
		_, _, err := Decode(path, []byte(c.file))
		var refused *Error
		if !errors.As(err, &refused) || refused.Path != path || !strings.Contains(refused.Reason, c.says) || !strings.Contains(refused.Reason, c.advice) {
			t.Errorf("%s: %v, want an Error with %q and %q", what, err, c.says, c.advice)
		}
	}
}

// A header may be as long as the first bytes of other formats say.
func TestHeadersOfEveryLengthAreRead(t *testing.T) {
	for _, length := range []int{0x1f | 0x8b<<8, 0x80 | 0x02<<8, 0x80 | 0x05<<8, '<' | '!'<<8, 'B' | 'Z'<<8 | 'h'<<16} {
		header := `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`
		file := fileOf(header+strings.Repeat(" ", length-len(header)), "7")
		tensors, _, err := Decode("f", []byte(file))
		if err != nil {
			t.Errorf("a header of %d bytes: %v", length, err)
			continue
		}
		if len(tensors) != 1 || tensors[0].Data[0] != '7' {
			t.Errorf("a header of %d bytes: read %v", length, tensors)
		}
	}
}

func TestHostileHeadersAreRefusedWithoutGigabytes(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for what, file := range map[string]string{
		"a header of 2^63 bytes":     "\xff\xff\xff\xff\xff\xff\xff\x7f{}",
		"a header of 100 MB":         "\x00\xe1\xf5\x05\x00\x00\x00\x00{}",
		"a tensor of 2^62 bytes":     fileOf(`{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4611686018427387904]}}`, "1234"),
		"a product that overflows":   fileOf(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}`, "1234"),
		"an offset beyond 64 bits":   fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551620]}}`, "1234"),
		"negative offsets":           fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, "1234"),
		"a gigabyte that is no byte": fileOf(`{"a":{"dtype":"U8","shape":[1073741824],"data_offsets":[0,1073741824]}}`, "1234"),
		"the same bytes twice":       fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"),
		"folded a thousand times":    fileOf(strings.Repeat(`{"a":`, 20000), "1234"),
	} {
		var refused *Error
		if _, _, err := Decode("f", []byte(file)); !errors.As(err, &refused) {
			t.Errorf("%s: error %v, want an Error", what, err)
		}
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 16<<20 {
		t.Errorf("allocated %d bytes for files of some hundred", allocated)
	}
}

// The seeds are in testdata/fuzz.
func FuzzDecodeNeverPanicsAndGivesWholeTensors(f *testing.F) {
	f.Fuzz(func(t *testing.T, content []byte) {
		tensors, metadata, err := Decode("f", content)
		if err != nil {
			return
		}
		for _, x := range tensors {
			size := 1
			for _, n := range x.Shape {
				size *= n
			}
			if len(x.Data) != size {
				t.Errorf("%q has %d values and the shape %v", x.Name, len(x.Data), x.Shape)
			}
		}
		file, err := Encode(tensors, metadata)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, _, err := Decode("f", file)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if len(again) != len(tensors) {
			t.Errorf("read %d tensors, and %d after writing them", len(tensors), len(again))
		}
	})
}
