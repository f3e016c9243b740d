package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"fashionlab/fashion/internal/regularfile"
)

// The IDX format is described at the end of http://yann.lecun.com/exdb/mnist/:
// a magic number (two zero bytes, the element type, the number of
// dimensions), one big-endian uint32 per dimension, then the elements.
const (
	imageMagic = 0x00000803 // unsigned bytes, three dimensions: count, rows, columns
	labelMagic = 0x00000801 // unsigned bytes, one dimension: count

	// maxIDXBytes limits the memory for a file of unknown origin to five times the
	// size of the largest file of Fashion-MNIST.
	maxIDXBytes = 256 << 20

	// maxDeflateRatio is the largest factor by which deflate can expand its input
	// (https://zlib.net/zlib_tech.html, "Maximum Compression Factor"). A header that
	// announces more is wrong.
	maxDeflateRatio = 1032
)

// idxKind is one of the two IDX layouts.
type idxKind struct {
	magic  uint32
	header int // bytes before the elements
	item   int // bytes of one image or label
	noun   string
	file   string // the file as a noun, with its article
}

var (
	imageIDX = idxKind{magic: imageMagic, header: 16, item: ImagePixels, noun: "image", file: "an image file"}
	labelIDX = idxKind{magic: labelMagic, header: 8, item: 1, noun: "label", file: "a label file"}
)

// The dimensions of the data set: every image has 28×28 grey pixels and belongs to one of
// ten classes.
const (
	ImageHeight = 28
	ImageWidth  = 28
	ImagePixels = ImageHeight * ImageWidth
	NumClasses  = 10
)

// FormatError is the error for a file whose content is wrong. The reader of IDX files and
// the check of the official files return it (wrapped, so use errors.As).
type FormatError struct {
	File  string // path of the file
	What  string // the property that is wrong, for example "magic number"
	Want  string // the wanted value
	Found string // the value in the file
}

// Error returns the file, the property that is wrong, and both values.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s: %s: %s, want %s", e.File, e.What, e.Found, e.Want)
}

// readIDX returns the whole uncompressed content of the IDX file at path, including its
// header. The file may be plain or compressed with gzip; its content decides, not its name.
// A file that is incomplete, has additional bytes, or does not hold 28×28 images or labels
// up to 9 is a FormatError. want is the number of items in the header; -1 allows any.
//
// The header alone never determines how much memory is allocated: a plain file must have
// exactly the announced size, and a compressed file, which must be large enough for it, is
// read in pieces.
func readIDX(path string, kind idxKind, want int) ([]byte, error) {
	file, size, err := regularfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	compressed, err := isGzip(file)
	if err != nil {
		return nil, err
	}
	if !compressed {
		header, err := readIDXHeader(file, path, kind)
		if err != nil {
			return nil, err
		}
		count, total, err := checkIDXHeader(path, kind, header, size, "")
		if err != nil {
			return nil, err
		}
		if size != total {
			return nil, wrongSize(path, kind, count, total, size, "")
		}
		if err := checkCount(path, kind, count, want); err != nil {
			return nil, err
		}
		content := make([]byte, total)
		copy(content, header)
		if _, err := io.ReadFull(file, content[kind.header:]); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = errors.New("the file became shorter while it was read")
			}
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return content, checkElements(path, kind, content)
	}

	unpacked, err := newGunzip(file)
	if err != nil {
		return nil, badGzip(path, size, err)
	}
	header, err := readIDXHeader(unpacked, path, kind)
	if err != nil {
		if isGzipError(err) {
			return nil, badGzip(path, size, err)
		}
		return nil, err
	}
	const unpackedNote = " when uncompressed"
	count, total, err := checkIDXHeader(path, kind, header, size*maxDeflateRatio, unpackedNote)
	if err != nil {
		return nil, err
	}
	if err := checkCount(path, kind, count, want); err != nil {
		return nil, err
	}
	content := bytes.NewBuffer(nil)
	if want >= 0 {
		content.Grow(int(total) + bytes.MinRead) // the caller knows the size, so the header need not be trusted
	}
	content.Write(header)
	// The limit is one byte more than announced, to detect additional bytes and to
	// reach the end of the stream, where gzip compares its checksum.
	if _, err := content.ReadFrom(io.LimitReader(unpacked, total-int64(kind.header)+1)); err != nil {
		if isGzipError(err) {
			return nil, badGzip(path, size, err)
		}
		return nil, err
	}
	if got := int64(content.Len()); got != total {
		return nil, wrongSize(path, kind, count, total, got, unpackedNote)
	}
	return content.Bytes(), checkElements(path, kind, content.Bytes())
}

// isGzip reports whether a file begins with gzip's magic number (RFC 1952, 2.3.1).
func isGzip(file io.ReaderAt) (bool, error) {
	var start [2]byte
	n, err := file.ReadAt(start[:], 0)
	if err != nil && err != io.EOF {
		return false, err
	}
	return n == len(start) && start == [2]byte{0x1f, 0x8b}, nil
}

// gunzip uncompresses the files that the program gunzip accepts: a sequence of gzip members,
// which may be followed by zero bytes, with which tapes and disk tools fill the last block.
// Other bytes after the last member are an error, as in Python; gunzip only warns.
type gunzip struct {
	in     *bufio.Reader
	member *gzip.Reader
}

func newGunzip(r io.Reader) (*gunzip, error) {
	in := bufio.NewReader(r)
	member, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &gunzip{in, member}, nil
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if err == io.EOF && n == 0 && len(p) > 0 {
			if err := g.next(); err != nil {
				return 0, err
			}
			continue
		}
		if err == io.EOF {
			err = nil
		}
		return n, err
	}
}

// next goes to the next member. The error is io.EOF when there is none.
func (g *gunzip) next() error {
	start, err := g.in.Peek(2)
	if len(start) == 2 && start[0] == 0x1f && start[1] == 0x8b {
		err := g.member.Reset(g.in)
		g.member.Multistream(false)
		return err
	}
	if err != nil && err != io.EOF {
		return err
	}
	for {
		b, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			return errors.New("other bytes follow the compressed data")
		}
	}
}

// readIDXHeader reads the header of a file of the given kind. If the file is too short and
// its magic number is that of the other kind, the error is about the magic number.
func readIDXHeader(r io.Reader, path string, kind idxKind) ([]byte, error) {
	header := make([]byte, kind.header)
	n, err := io.ReadFull(r, header)
	switch {
	case err == nil:
		return header, nil
	case err == io.EOF || err == io.ErrUnexpectedEOF && n > 0:
		if n >= 4 {
			if err := checkMagic(path, kind, header); err != nil {
				return nil, err
			}
		}
		return nil, &FormatError{path, "header", plural(int64(kind.header), "byte"), plural(int64(n), "byte") + ", then the end of the file"}
	default:
		return nil, err
	}
}

func checkMagic(path string, kind idxKind, header []byte) error {
	magic := binary.BigEndian.Uint32(header)
	if magic == kind.magic {
		return nil
	}
	found := fmt.Sprintf("0x%08x", magic)
	switch {
	case magic == labelMagic:
		found += " (this is " + labelIDX.file + ")"
	case magic == imageMagic:
		found += " (this is " + imageIDX.file + ")"
	case printable(header[:4]):
		found += fmt.Sprintf(" (the text %q: perhaps a saved web page)", header[:4])
	}
	return &FormatError{path, "magic number", fmt.Sprintf("0x%08x (%s in the IDX format)", kind.magic, kind.file), found}
}

// checkIDXHeader returns the number of items in the header and the size of a whole
// uncompressed file with so many items. room is the largest number of bytes that the file
// could hold.
func checkIDXHeader(path string, kind idxKind, header []byte, room int64, note string) (count int, total int64, err error) {
	if err := checkMagic(path, kind, header); err != nil {
		return 0, 0, err
	}
	promised := binary.BigEndian.Uint32(header[4:])
	if kind.magic == imageMagic {
		rows, columns := binary.BigEndian.Uint32(header[8:]), binary.BigEndian.Uint32(header[12:])
		if rows != ImageHeight || columns != ImageWidth {
			return 0, 0, &FormatError{path, "size of an image", fmt.Sprintf("%d×%d pixels", ImageHeight, ImageWidth), fmt.Sprintf("%d×%d", rows, columns)}
		}
	}
	// At most 2^32 * 784 + 16: no overflow in 64 bits.
	total = int64(kind.header) + int64(promised)*int64(kind.item)
	if total > room {
		return 0, 0, &FormatError{path, "size in the header",
			fmt.Sprintf("at most %s, which is the most that the file can hold%s", plural(room, "byte"), note),
			fmt.Sprintf("%s (%s)", plural(total, "byte"), plural(int64(promised), kind.noun))}
	}
	if total > maxIDXBytes {
		return 0, 0, &FormatError{path, "size in the header", fmt.Sprintf("at most %s", plural(maxIDXBytes, "byte")),
			fmt.Sprintf("%s (%s)", plural(total, "byte"), plural(int64(promised), kind.noun))}
	}
	return int(promised), total, nil
}

func checkCount(path string, kind idxKind, count, want int) error {
	if want >= 0 && count != want {
		return &FormatError{path, "number of " + kind.noun + "s", strconv.Itoa(want), strconv.Itoa(count)}
	}
	return nil
}

func wrongSize(path string, kind idxKind, count int, total, got int64, note string) error {
	expected := fmt.Sprintf("%s (a header of %d and %s)", plural(total, "byte"), kind.header, plural(int64(count), kind.noun))
	switch {
	case got < total:
		return &FormatError{path, "size" + note, expected, fmt.Sprintf("%s, so the file is cut off", plural(got, "byte"))}
	case note != "": // the read stopped after one additional byte
		return &FormatError{path, "size" + note, expected, "more bytes after the last " + kind.noun}
	default:
		return &FormatError{path, "size", expected, fmt.Sprintf("%s, so %s after the last %s", plural(got, "byte"), plural(got-total, "byte"), kind.noun)}
	}
}

func checkElements(path string, kind idxKind, content []byte) error {
	if kind.magic != labelMagic {
		return nil
	}
	labels := content[kind.header:]
	if i := badLabel(labels); i >= 0 {
		return &FormatError{path, fmt.Sprintf("label %d", i), fmt.Sprintf("0 to %d", NumClasses-1), strconv.Itoa(int(labels[i]))}
	}
	return nil
}

// badLabel returns the position of the first label that is not a class, or -1.
func badLabel(labels []byte) int {
	for i, label := range labels {
		if label >= NumClasses {
			return i
		}
	}
	return -1
}

func badGzip(path string, size int64, err error) error {
	reason := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		reason = "the file is cut off"
	}
	return &FormatError{path, "compressed data", "a complete gzip file", fmt.Sprintf("%s that cannot be uncompressed (%s)", plural(size, "byte"), reason)}
}

// isGzipError reports whether err is about damaged compressed data, and not an error of the
// disk or about the content.
func isGzipError(err error) bool {
	var path *fs.PathError
	var format *FormatError
	return !errors.As(err, &path) && !errors.As(err, &format)
}

func printable(text []byte) bool {
	for _, b := range text {
		if (b < ' ' || b > '~') && b != '\n' && b != '\r' && b != '\t' {
			return false
		}
	}
	return true
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
