package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fashionlab/fashion/internal/flock"
	"fashionlab/fashion/internal/testfiles"
)

// fileServer serves the tiny files and records the requests. answer, if set, may answer a
// request instead.
type fileServer struct {
	*httptest.Server
	mutex    sync.Mutex
	requests []string // "name" or "name from N"
	answer   func(w http.ResponseWriter, r *http.Request, content []byte) bool
}

func (tiny tinyOfficial) serve(t testing.TB) *fileServer {
	t.Helper()
	s := &fileServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		note := name
		if from := r.Header.Get("Range"); from != "" {
			note += " from " + strings.TrimSuffix(strings.TrimPrefix(from, "bytes="), "-")
		}
		s.mutex.Lock()
		s.requests = append(s.requests, note)
		s.mutex.Unlock()
		content, ok := tiny.gz[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if s.answer != nil && s.answer(w, r, content) {
			return
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *fileServer) seen() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Join(s.requests, ", ")
}

func mirrors(servers ...*fileServer) setting {
	return func(c *finder) {
		c.mirrors = nil
		for _, s := range servers {
			c.mirrors = append(c.mirrors, s.URL+"/")
		}
	}
}

// downloadOnly puts all files but the training images into the cache, so that a
// test sees the requests of one file.
func (tiny tinyOfficial) cacheAllButTrainImages(t testing.TB, cache string) {
	t.Helper()
	testfiles.WriteAll(t, cache, tiny.raw)
	if err := os.Remove(filepath.Join(cache, "train-images-idx3-ubyte")); err != nil {
		t.Fatal(err)
	}
}

const trainImagesGz = "train-images-idx3-ubyte.gz"

func expectNoFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there (error %v), want it not to be", filepath.Base(path), err)
	}
}

func TestDownloadFillsTheCacheOnce(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	server := tiny.serve(t)
	var progress bytes.Buffer
	data, err := load(option, mirrors(server), progressTo(&progress))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if data.Dir != cache {
		t.Errorf("Dir is %s, want the cache %s", data.Dir, cache)
	}
	var want strings.Builder
	for _, f := range tiny.table {
		fmt.Fprintf(&want, "%s: downloaded from %s and verified (%d bytes)\n", f.gzName(), strings.TrimPrefix(server.URL, "http://"), f.gzBytes)
	}
	if progress.String() != want.String() {
		t.Errorf("progress is\n%s\nwant one line per file:\n%s", &progress, &want)
	}
	if data, err = load(option, mirrors(server), progressTo(&progress)); err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if n := len(strings.Split(server.seen(), ", ")); n != 4 {
		t.Errorf("the server saw %d requests (%s), want 4", n, server.seen())
	}
	for name := range tiny.gz {
		expectNoFile(t, filepath.Join(cache, name+partSuffix))
	}
}

func TestDownloadResumesWhereTheLastOneEnded(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	tiny.cacheAllButTrainImages(t, cache)
	testfiles.Write(t, filepath.Join(cache, trainImagesGz+partSuffix), tiny.gz[trainImagesGz][:1000])
	server := tiny.serve(t)
	data, err := load(option, mirrors(server))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if want := trainImagesGz + " from 1000"; server.seen() != want {
		t.Errorf("the server saw %q, want %q", server.seen(), want)
	}
}

func TestDownloadOfACompletePartNeedsNoRequest(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	tiny.cacheAllButTrainImages(t, cache)
	testfiles.Write(t, filepath.Join(cache, trainImagesGz+partSuffix), tiny.gz[trainImagesGz])
	server := tiny.serve(t)
	data, err := load(option, mirrors(server))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if server.seen() != "" {
		t.Errorf("the server saw %q, want nothing", server.seen())
	}
}

func TestDownloadTakesTheWholeFileFromAServerWithoutRanges(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	tiny.cacheAllButTrainImages(t, cache)
	testfiles.Write(t, filepath.Join(cache, trainImagesGz+partSuffix), tiny.gz[trainImagesGz][:1000])
	server := tiny.serve(t)
	server.answer = func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
		_, _ = w.Write(content)
		return true
	}
	data, err := load(option, mirrors(server))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
}

func TestDownloadDropsABadPartAndStartsFromScratch(t *testing.T) {
	tiny := makeTinyOfficial(t)
	size := len(tiny.gz[trainImagesGz])
	for name, part := range map[string][]byte{
		"wrong bytes":    bytes.Repeat([]byte{1}, 1000),
		"complete":       bytes.Repeat([]byte{1}, size),
		"too many bytes": bytes.Repeat([]byte{1}, size+1),
	} {
		t.Run(name, func(t *testing.T) {
			option, cache := tiny.isolate(t)
			tiny.cacheAllButTrainImages(t, cache)
			testfiles.Write(t, filepath.Join(cache, trainImagesGz+partSuffix), part)
			server := tiny.serve(t)
			data, err := load(option, mirrors(server))
			if err != nil {
				t.Fatal(err)
			}
			tiny.check(t, data)
			if seen := server.seen(); seen != trainImagesGz && !strings.HasSuffix(seen, ", "+trainImagesGz) {
				t.Errorf("the server saw %q, want a last request for the whole file", seen)
			}
		})
	}
}

func TestDownloadContinuesAfterABrokenConnection(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	tiny.cacheAllButTrainImages(t, cache)
	server := tiny.serve(t)
	server.answer = func(w http.ResponseWriter, r *http.Request, content []byte) bool {
		if r.Header.Get("Range") != "" {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	data, err := load(option, mirrors(server))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if want := fmt.Sprintf("%s, %s from %d", trainImagesGz, trainImagesGz, len(tiny.gz[trainImagesGz])/2); server.seen() != want {
		t.Errorf("the server saw %q, want %q", server.seen(), want)
	}
}

func TestDownloadTriesTheNextMirror(t *testing.T) {
	tiny := makeTinyOfficial(t)
	wrong := func(content []byte) []byte {
		content = bytes.Clone(content)
		content[len(content)/2] ^= 1
		return content
	}
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request, []byte) bool{
		"404": func(w http.ResponseWriter, r *http.Request, _ []byte) bool { http.NotFound(w, r); return true },
		"wrong content": func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
			_, _ = w.Write(wrong(content))
			return true
		},
		"a web page": func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			_, _ = w.Write([]byte("<html>Please log in to this network</html>"))
			return true
		},
		"a body too long, announced": func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
			_, _ = w.Write(append(bytes.Clone(content), 0))
			return true
		},
		"a body too long, unannounced": func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
			w.(http.Flusher).Flush() // no Content-Length
			for range 10 {
				_, _ = w.Write(content)
			}
			return true
		},
		"a connection that always breaks": func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			panic(http.ErrAbortHandler)
		},
		"silence": func(w http.ResponseWriter, r *http.Request, content []byte) bool {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			option, cache := tiny.isolate(t)
			tiny.cacheAllButTrainImages(t, cache)
			bad, good := tiny.serve(t), tiny.serve(t)
			bad.answer = answer
			quick := func(c *finder) {
				c.download = func(d *downloader) { d.stall = 200 * time.Millisecond }
			}
			data, err := load(option, mirrors(bad, good), quick)
			if err != nil {
				t.Fatal(err)
			}
			tiny.check(t, data)
			if !strings.HasPrefix(good.seen(), trainImagesGz) {
				t.Errorf("the second mirror saw %q, want a request", good.seen())
			}
		})
	}
}

func TestFailedDownloadListsItsAttemptsAndKeepsNoBadFile(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	missing, wrong := tiny.serve(t), tiny.serve(t)
	missing.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool { http.NotFound(w, r); return true }
	wrong.answer = func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
		_, _ = w.Write(bytes.Repeat([]byte{7}, len(content)))
		return true
	}
	_, err := load(option, mirrors(missing, wrong))
	if !errors.Is(err, ErrNoData) {
		t.Fatalf("error %v, want ErrNoData", err)
	}
	for _, part := range []string{
		missing.URL + "/" + trainImagesGz + ": the server answered 404 Not Found",
		wrong.URL + "/" + trainImagesGz + ": wrong content: MD5 ",
		"want " + tiny.table[0].gzMD5,
		cache + ": no such folder",
		"To place the files by hand",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	for _, name := range []string{trainImagesGz, trainImagesGz + partSuffix, "train-images-idx3-ubyte"} {
		expectNoFile(t, filepath.Join(cache, name))
	}
}

func TestDownloadWithoutNetworkFailsWithTheReason(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String() + "/"
	listener.Close() // no server listens there now
	_, err = load(option, func(c *finder) { c.mirrors = []string{address} })
	if !errors.Is(err, ErrNoData) || !strings.Contains(err.Error(), address+trainImagesGz+": dial tcp") {
		t.Errorf("error %v, want ErrNoData with the reason of %s", err, address)
	}
}

func TestCancelledDownloadKeepsWhatArrived(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	tiny.cacheAllButTrainImages(t, cache)
	server := tiny.serve(t)
	ctx, cancel := context.WithCancel(context.Background())
	const sent = 1000
	part := filepath.Join(cache, trainImagesGz+partSuffix)
	server.answer = func(w http.ResponseWriter, r *http.Request, content []byte) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:sent])
		w.(http.Flusher).Flush()
		for partSize(part) < sent && r.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
		<-r.Context().Done()
		return true
	}
	_, err := loadContext(ctx, option, mirrors(server))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if !bytes.Equal(testfiles.Read(t, part), tiny.gz[trainImagesGz][:sent]) {
		t.Errorf("the part has %d bytes, want the %d that arrived", partSize(part), sent)
	}
	expectNoFile(t, filepath.Join(cache, trainImagesGz))
	server.answer = nil
	data, err := load(option, mirrors(server))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if want := fmt.Sprintf("%s from %d", trainImagesGz, sent); !strings.HasSuffix(server.seen(), want) {
		t.Errorf("the server saw %q, want it to end with %q", server.seen(), want)
	}
}

func TestDownloadRepairsABadCacheAndLeavesTheGoodFilesAlone(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	testfiles.WriteAll(t, cache, tiny.raw)
	testfiles.Write(t, filepath.Join(cache, "t10k-labels-idx1-ubyte"), []byte("damaged"))
	testfiles.Write(t, filepath.Join(cache, "t10k-labels-idx1-ubyte.gz"), []byte("damaged as well"))
	if _, err := load(option, offline()); err == nil || !strings.Contains(err.Error(), "t10k-labels-idx1-ubyte") {
		t.Errorf("offline: error %v, want one that names the damaged file", err)
	}
	before, err := os.Stat(filepath.Join(cache, "train-images-idx3-ubyte"))
	if err != nil {
		t.Fatal(err)
	}
	server := tiny.serve(t)
	data, err := load(option, mirrors(server))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if server.seen() != "t10k-labels-idx1-ubyte.gz" {
		t.Errorf("the server saw %q, want a request for the damaged file alone", server.seen())
	}
	after, err := os.Stat(filepath.Join(cache, "train-images-idx3-ubyte"))
	if err != nil || !os.SameFile(before, after) || !sameState(before, after) {
		t.Error("a good file of the cache was written again")
	}
}

func TestDownloadsAtTheSameTimeFetchEachFileOnce(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	server := tiny.serve(t)
	server.answer = func(http.ResponseWriter, *http.Request, []byte) bool {
		time.Sleep(20 * time.Millisecond) // so that the others arrive in the meantime
		return false
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			data, err := load(option, mirrors(server))
			if err != nil {
				t.Error(err)
				return
			}
			tiny.check(t, data)
		})
	}
	group.Wait()
	if _, err := tryLock(filepath.Join(t.TempDir(), "lock")); err != nil {
		t.Errorf("a lock that nobody holds: error %v", err)
	}
	if n := len(strings.Split(server.seen(), ", ")); locksWork(t) && n != 4 {
		t.Errorf("the server saw %d requests (%s), want 4", n, server.seen())
	}
}

func locksWork(t *testing.T) bool {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := tryLock(path)
	if err != nil {
		return false
	}
	defer unlock()
	_, err = tryLock(path)
	return errors.Is(err, flock.ErrLocked)
}

func TestDownloadWithoutAWritableCacheStaysInMemory(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	blocked := filepath.Join(t.TempDir(), "a file")
	testfiles.Write(t, blocked, "")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	data, err := load(option, mirrors(tiny.serve(t)), cacheIn(filepath.Join(blocked, "cache")))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if data.Dir != "" || data.Files[0].Path != "" {
		t.Errorf("Dir is %q and the first path %q, want none", data.Dir, data.Files[0].Path)
	}
	if entries, err := os.ReadDir(temporary); err != nil || len(entries) != 0 {
		t.Errorf("%d files were left in the temporary folder (error %v)", len(entries), err)
	}
}

func TestDownloadShowsABarOnATerminal(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	var screen bytes.Buffer
	terminal := func(c *finder) { c.download = func(d *downloader) { d.terminal = true } }
	if _, err := load(option, mirrors(tiny.serve(t)), terminal, progressTo(&screen)); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"\r", "100%", trainImagesGz} {
		if !strings.Contains(screen.String(), part) {
			t.Errorf("the screen does not show %q:\n%q", part, &screen)
		}
	}
}

func TestADownloadWritesOnlyToTheWriterThatItIsGiven(t *testing.T) {
	tiny := makeTinyOfficial(t)
	for _, onTerminal := range []bool{true, false} {
		for _, given := range []io.Writer{nil, &bytes.Buffer{}} {
			option, _ := tiny.isolate(t)
			stdout, stderr := os.Stdout, os.Stderr
			elsewhere, err := os.Create(filepath.Join(t.TempDir(), "elsewhere"))
			if err != nil {
				t.Fatal(err)
			}
			os.Stdout, os.Stderr = elsewhere, elsewhere
			_, err = load(option, mirrors(tiny.serve(t)), progressTo(given), func(c *finder) {
				c.download = func(d *downloader) { d.terminal = onTerminal }
			})
			os.Stdout, os.Stderr = stdout, stderr
			if err := errors.Join(err, elsewhere.Close()); err != nil {
				t.Fatal(err)
			}
			if text := testfiles.Read(t, elsewhere.Name()); len(text) != 0 {
				t.Errorf("terminal %v, writer %T: it wrote %q elsewhere", onTerminal, given, text)
			}
		}
	}
}

func TestDownloadsContinueIfTheFileSystemHasNoLocks(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	original := tryLock
	tryLock = func(string) (func(), error) {
		return nil, fmt.Errorf("%w (%w)", flock.ErrUnsupported, syscall.ENOSYS)
	}
	t.Cleanup(func() { tryLock = original })
	var progress bytes.Buffer
	data, err := load(option, mirrors(tiny.serve(t)), progressTo(&progress))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if n := strings.Count(progress.String(), "downloading without a lock"); n != 1 {
		t.Errorf("%d lines of warning, want 1, in %q", n, progress.String())
	}
}
