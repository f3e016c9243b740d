package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"fashionlab/fashion/internal/flock"
	"fashionlab/fashion/internal/terminal"
)

// officialMirrors are the addresses of the folders with the files, in the order in which
// they are tried. The first one has no encryption, which is safe because the content is
// checked after the download.
var officialMirrors = []string{
	"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
	"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
}

const (
	partSuffix = ".part" // of a download that is incomplete or not checked yet

	connectTimeout = 10 * time.Second // per address
	stallTimeout   = 30 * time.Second // without a byte

	// maxResumptions is the number of times that a broken connection to a mirror is
	// resumed before the next mirror is tried.
	maxResumptions = 3
)

// downloader downloads files into a folder.
type downloader struct {
	dir      string
	mirrors  []string
	client   *http.Client
	stall    time.Duration
	progress io.Writer // nil: silent
	terminal bool      // progress can show a bar
}

func newDownloader(dir string, mirrors []string, progress io.Writer) *downloader {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: connectTimeout,
		DisableCompression:    true, // so that sizes and offsets are those of the file
		DisableKeepAlives:     true, // there are few requests, and no goroutines remain
		ForceAttemptHTTP2:     true,
	}
	return &downloader{
		dir:      dir,
		mirrors:  mirrors,
		client:   &http.Client{Transport: transport},
		stall:    stallTimeout,
		progress: progress,
		terminal: terminal.Is(progress),
	}
}

// attemptErrors holds one error per mirror that failed.
type attemptErrors []error

func (a attemptErrors) Error() string { return errors.Join(a...).Error() }

func (a attemptErrors) Unwrap() []error { return a }

// errDamaged marks an attempt whose partial download is unusable.
var errDamaged = errors.New("the partial download was removed")

// fetch downloads the compressed file f into the folder and returns its path. The file has a
// temporary name until its MD5 sum was compared with the official one. If all mirrors fail,
// the error is attemptErrors.
func (d *downloader) fetch(ctx context.Context, f officialFile) (string, error) {
	path := filepath.Join(d.dir, f.gzName())
	part := path + partSuffix
	var failed attemptErrors
	for _, mirror := range d.mirrors {
		address := mirror + f.gzName()
		err := d.fetchFrom(ctx, address, part, f)
		if err == nil {
			if err := os.Rename(part, path); err != nil {
				return "", err
			}
			d.say("%s: downloaded from %s and verified (%d bytes)", f.gzName(), hostOf(address), f.gzBytes)
			return path, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		var disk *fs.PathError
		if errors.As(err, &disk) {
			return "", err // another mirror would not help
		}
		failed = append(failed, fmt.Errorf("%s: %w", address, err))
	}
	return "", failed
}

// fetchFrom downloads the whole file from one mirror into part. It continues an earlier
// download, and starts again if that is damaged.
func (d *downloader) fetchFrom(ctx context.Context, address, part string, f officialFile) error {
	for broken := 0; ; {
		resumed := partSize(part) > 0
		err := d.attempt(ctx, address, part, f)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		var interrupted *interruptedError
		switch {
		case errors.Is(err, errDamaged):
			if removeErr := os.Remove(part); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
				return removeErr
			}
			if !resumed {
				return err
			}
			// The earlier download may be the damaged part.
		case errors.As(err, &interrupted) && interrupted.received > 0 && broken < maxResumptions:
			broken++
		default:
			return err
		}
	}
}

// interruptedError is a connection that broke after some bytes.
type interruptedError struct {
	received, have, want int64
	err                  error
}

func (e *interruptedError) Error() string {
	return fmt.Sprintf("the connection broke at byte %d of %d: %v", e.have, e.want, e.err)
}

func (e *interruptedError) Unwrap() error { return e.err }

// attempt makes one request for what part lacks and checks the result.
func (d *downloader) attempt(ctx context.Context, address, part string, f officialFile) error {
	have := partSize(part)
	if have > f.gzBytes {
		return fmt.Errorf("an earlier download of %d bytes, want at most %d; %w", have, f.gzBytes, errDamaged)
	}
	if have < f.gzBytes {
		if err := d.request(ctx, address, part, have, f); err != nil {
			return err
		}
	}
	sum, err := md5File(part)
	if err != nil {
		return err
	}
	if sum != f.gzMD5 {
		return fmt.Errorf("wrong content: MD5 %s, want %s; %w", sum, f.gzMD5, errDamaged)
	}
	return nil
}

func (d *downloader) request(ctx context.Context, address, part string, have int64, f officialFile) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	response, err := d.client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // the caller adds the address
		}
		return err
	}
	defer response.Body.Close()

	switch response.StatusCode {
	case http.StatusOK: // the whole file, even if only a part was asked for
		have = 0
	case http.StatusPartialContent:
		if start, ok := rangeStart(response.Header.Get("Content-Range")); !ok || start != have {
			return fmt.Errorf("the server answers with the range %q, want one from byte %d; %w", response.Header.Get("Content-Range"), have, errDamaged)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return fmt.Errorf("the server's file has no byte %d; %w", have, errDamaged)
	default:
		return fmt.Errorf("the server answered %s", response.Status)
	}
	if n := response.ContentLength; n >= 0 && have+n != f.gzBytes {
		err := fmt.Errorf("wrong size: the server offers %s, want %d", plural(have+n, "byte"), f.gzBytes)
		if response.StatusCode == http.StatusPartialContent {
			err = fmt.Errorf("%w; %w", err, errDamaged)
		}
		return err
	}

	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := file.Truncate(have); err != nil {
		return err
	}
	if _, err := file.Seek(have, io.SeekStart); err != nil {
		return err
	}

	// There is no limit for the total time, since a network may be slow.
	stalled := fmt.Errorf("no data for %v", d.stall)
	timer := time.AfterFunc(d.stall, func() { cancel(stalled) })
	defer timer.Stop()
	bar := d.bar(f, have)
	defer bar.close()
	body := readerFunc(func(p []byte) (int, error) {
		n, err := response.Body.Read(p)
		timer.Reset(d.stall)
		bar.add(n)
		return n, err
	})
	rest := f.gzBytes - have
	received, err := io.Copy(file, io.LimitReader(body, rest+1))
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk):
		return err
	case received > rest:
		return fmt.Errorf("wrong size: the server sends more bytes, want %d; %w", f.gzBytes, errDamaged)
	case received < rest:
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if syncErr := file.Sync(); syncErr != nil {
			return syncErr
		}
		return &interruptedError{received, have + received, f.gzBytes, err}
	}
	return file.Sync()
}

// partSize returns the size of an unfinished download; 0 if there is none.
func partSize(part string) int64 {
	info, err := os.Stat(part)
	if err != nil {
		return 0
	}
	return info.Size()
}

// rangeStart returns the first position of a Content-Range header,
// "bytes 100-199/200" (RFC 9110, 14.4).
func rangeStart(header string) (int64, bool) {
	positions, ok := strings.CutPrefix(header, "bytes ")
	if !ok {
		return 0, false
	}
	first, _, ok := strings.Cut(positions, "-")
	if !ok {
		return 0, false
	}
	start, err := strconv.ParseInt(first, 10, 64)
	return start, err == nil
}

func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return address
	}
	return parsed.Host
}

// say writes one line of progress.
func (d *downloader) say(format string, arguments ...any) {
	if d.progress != nil {
		fmt.Fprintf(d.progress, format+"\n", arguments...)
	}
}

// tryLock is flock.TryLock. Tests replace it to imitate file systems without locks.
var tryLock = flock.TryLock

// lock prevents two processes from downloading into the same folder at the same time, and
// waits while another process downloads. If the file system does not support locks, it
// reports that, and there is no lock: two downloads may then damage each other's temporary
// file, which the checksum detects.
func (d *downloader) lock(ctx context.Context) (unlock func(), err error) {
	path := filepath.Join(d.dir, ".download.lock")
	for waited := false; ; waited = true {
		unlock, err := tryLock(path)
		if err == nil {
			return unlock, nil
		}
		if !errors.Is(err, flock.ErrLocked) {
			d.say("%s: %v; downloading without a lock", d.dir, err)
			return func() {}, nil
		}
		if !waited {
			d.say("waiting for another program that is downloading into %s", d.dir)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// downloadBar is the progress bar of one file on a terminal; nil shows nothing.
type downloadBar struct {
	bar *progressbar.ProgressBar
	out io.Writer
}

func (d *downloader) bar(f officialFile, have int64) *downloadBar {
	if d.progress == nil || !d.terminal {
		return nil
	}
	bar := progressbar.NewOptions64(f.gzBytes,
		progressbar.OptionSetWriter(d.progress),
		progressbar.OptionSetDescription(f.gzName()),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
	)
	b := &downloadBar{bar, d.progress}
	_ = bar.Set64(have) // an error of the display must not stop the download
	return b
}

func (b *downloadBar) add(n int) {
	if b != nil {
		_ = b.bar.Add(n)
	}
}

// close ends the bar and begins a new line.
func (b *downloadBar) close() {
	if b != nil {
		_ = b.bar.Exit()
		fmt.Fprintln(b.out)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
