package display

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"fashionlab/plots"

	"github.com/janpfeifer/must"
)

// page is a notebook that stores outputs as a saved notebook does: in order, with those that
// have an id replaced.
type page struct {
	mu       sync.Mutex
	outputs  []message
	messages int
	unsynced int
	ids      int
}

func (p *page) newID() string { p.ids++; return fmt.Sprint("id", p.ids) }

func (p *page) send(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.messages++
	p.unsynced++
	for i := range p.outputs {
		if m.id != "" && p.outputs[i].id == m.id {
			p.outputs[i] = m
			return
		}
	}
	p.outputs = append(p.outputs, m)
}

func (p *page) sync() { p.mu.Lock(); p.unsynced = 0; p.mu.Unlock() }

// texts returns the text form of each output.
func (p *page) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var texts []string
	for _, m := range p.outputs {
		texts = append(texts, m.data["text/plain"].(string))
	}
	return texts
}

// inNotebook runs f in a session with a page, and returns the page.
func inNotebook(t *testing.T, f func()) *page {
	t.Helper()
	p := &page{}
	use(t, &session{notebook: p, out: io.Discard}, f)
	if p.unsynced > 0 {
		t.Errorf("%d messages were sent without waiting for the notebook", p.unsynced)
	}
	return p
}

// outside runs f in a session without a notebook, and returns what it printed.
func outside(t *testing.T, f func()) string {
	t.Helper()
	var b bytes.Buffer
	use(t, &session{out: &b}, f)
	return b.String()
}

func use(t *testing.T, s *session, f func()) {
	t.Helper()
	before := current
	current = s
	defer func() { current = before }()
	f()
}

func want(t *testing.T, p *page, texts ...string) {
	t.Helper()
	if got := p.texts(); strings.Join(got, "|") != strings.Join(texts, "|") {
		t.Errorf("the outputs are %q, want %q", got, texts)
	}
}

func loss() (*plots.Figure, error) {
	return plots.History("Loss", "loss", plots.FromUntrained("", 2.3, 0.5))
}

const lossText = "Loss: loss by epoch\n  epoch 0 to 1: 2.3 0.5"

func TestTextsJoinUntilSomethingElseIsShown(t *testing.T) {
	p := inNotebook(t, func() {
		Println("one")
		Print("tw", "o")
		Printf(" and %d\n", 3)
		Show(loss())
		Println("four")
		Markdown("**five**")
		Println("six")
	})
	want(t, p, "one\ntwo and 3", lossText, "four", "**five**", "six")
}

func TestAFigureIsOneOutputInThreeFormats(t *testing.T) {
	p := inNotebook(t, func() { Show(loss()) })
	m := p.outputs[0]
	if svg, ok := m.data["image/svg+xml"].(string); !ok || !strings.HasPrefix(svg, "<svg") {
		t.Errorf("the SVG is %.40v", m.data["image/svg+xml"])
	}
	if png, ok := m.data["image/png"].([]byte); !ok || !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("the PNG is %.40v", m.data["image/png"])
	}
	size, ok := m.metadata["image/png"].(map[string]any)
	if !ok || size["width"] != 560 || size["height"] != 320 {
		t.Errorf("the metadata is %v, want the PNG's size of 560×320", m.metadata)
	}
}

func TestProgressIsOneOutput(t *testing.T) {
	p := inNotebook(t, func() {
		w := Writer()
		for epoch := range 3 {
			for step := range 2000 {
				fmt.Fprintf(w, "\rEpoch %d: %4d/2000", epoch, step)
			}
			fmt.Fprintf(w, "\r                  \rEpoch [%d], val_loss: 0.5\n", epoch)
		}
		Println("done")
	})
	want(t, p, "Epoch [0], val_loss: 0.5\nEpoch [1], val_loss: 0.5\nEpoch [2], val_loss: 0.5\ndone")
	if p.messages > 200 {
		t.Errorf("%d messages for 6000 steps: rewritten lines are not held back", p.messages)
	}
}

func TestAnUnfinishedLineIsShownSoon(t *testing.T) {
	p := &page{}
	use(t, &session{notebook: p, out: io.Discard}, func() {
		fmt.Fprint(Writer(), "\r10 %")
		fmt.Fprint(Writer(), "\r20 %")
	})
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		if texts := p.texts(); len(texts) == 1 && texts[0] == "20 %" {
			return
		}
		time.Sleep(refresh / 10)
	}
	t.Errorf("the outputs are %q after 5 s, want the unfinished line", p.texts())
}

func TestALiveOutputStaysWhereItBeganAndKeepsItsLastContent(t *testing.T) {
	p := inNotebook(t, func() {
		l := Live()
		Println("before")
		l.Update("1")
		Println("behind")
		l.Update("2")
		l.Update("3")
		Println("still behind")
	})
	want(t, p, "before", "3", "behind\nstill behind")
}

func TestALiveOutputShowsFigures(t *testing.T) {
	p := inNotebook(t, func() {
		l := Live()
		l.Update("wait")
		l.Show(loss())
	})
	want(t, p, lossText)
}

func TestASketchIsReplacedByTheFinishedFigure(t *testing.T) {
	p := inNotebook(t, func() {
		l := Live()
		l.Sketch(loss())
		if data := current.notebook.(*page).outputs[0].data; data["image/png"] != nil || data["image/svg+xml"] == nil {
			t.Errorf("a sketch has the formats %v, want no PNG", data)
		}
		l.Show(loss())
	})
	want(t, p, lossText)
	if p.outputs[0].data["image/png"] == nil {
		t.Error("the finished figure has no PNG")
	}
	if got := outside(t, func() { Live().Sketch(loss()) }); got != "" {
		t.Errorf("outside a notebook a sketch printed %q", got)
	}
}

func answers() (*plots.Interactive, error) {
	boot := image.NewGray(image.Rect(0, 0, 28, 28))
	answer := plots.Answer{Image: boot, Title: "boot", Probabilities: []float64{0.9, 0.1}, TrueClass: 0}
	return plots.Slider("Walk", "image", []string{"Boot", "Bag"}, answer, answer)
}

func TestAnInteractiveFigureHasAStillPictureBesideIt(t *testing.T) {
	p := inNotebook(t, func() { ShowInteractive(answers()) })
	data := p.outputs[0].data
	spec, ok := data["application/vnd.vegalite.v5+json"].(map[string]any)
	if !ok || spec["params"] == nil || data["image/svg+xml"] == nil || data["image/png"] == nil || data["text/plain"] == nil {
		t.Errorf("the output lacks a format: %v", data)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(data); err != nil {
		t.Errorf("the output cannot go through the pipe to the notebook: %v", err)
	}
	if got := outside(t, func() { ShowInteractive(answers()) }); !strings.Contains(got, "Boot 90.0 %") {
		t.Errorf("outside a notebook it printed %q", got)
	}
}

func TestLongTextIsSplitIntoOutputsAtLines(t *testing.T) {
	var written strings.Builder
	p := inNotebook(t, func() {
		for i := range 5000 {
			line := fmt.Sprintf("this is line number %d\n", i)
			written.WriteString(line)
			Print(line)
		}
	})
	if n := len(p.outputs); n < 2 || n > 10 {
		t.Errorf("%d outputs for %d bytes, want a few", n, written.Len())
	}
	if got := strings.Join(p.texts(), "\n") + "\n"; got != written.String() {
		t.Errorf("the outputs together have %d bytes, want the %d that were printed", len(got), written.Len())
	}
}

func TestTableIsHTMLAndText(t *testing.T) {
	rows := [][]string{{"cnn", "88.5 %", "<b>"}, {"softmax", "9.1 %"}}
	p := inNotebook(t, func() { Table([]string{"model", "accuracy"}, rows) })
	want(t, p, "model    accuracy\ncnn        88.5 %  <b>\nsoftmax     9.1 %")
	page := p.outputs[0].data["text/html"].(string)
	for _, part := range []string{`<td style="text-align: left">cnn</td>`, `<td style="text-align: right">88.5 %</td>`, "&lt;b&gt;"} {
		if !strings.Contains(page, part) {
			t.Errorf("the HTML lacks %q:\n%s", part, page)
		}
	}
}

func TestOutsideANotebookEverythingIsText(t *testing.T) {
	got := outside(t, func() {
		Println("one")
		Show(loss())
		Markdown("**two**")
		Table([]string{"a", "b"}, [][]string{{"1", "x"}})
		l := Live()
		l.Update("three")
		l.Show(loss())
		fmt.Fprint(Writer(), "\r50 %\r100 %\n")
	})
	if want := "one\n" + lossText + "\n**two**\na  b\n1  x\nthree\n" + lossText + "\n\r50 %\r100 %\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// TestFailureEndsTheProgram runs itself as another process, which fails.
func TestFailureEndsTheProgram(t *testing.T) {
	if os.Getenv("DISPLAY_TEST_FAIL") != "" {
		must.M1(0, nil)
		must.M1(0, fmt.Errorf("load the data: %w", errors.New("no such file")))
		fmt.Println("not reached")
		return
	}
	command := exec.Command(os.Args[0], "-test.run=^TestFailureEndsTheProgram$")
	command.Env = append(os.Environ(), "DISPLAY_TEST_FAIL=1")
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	err := command.Run()
	var status *exec.ExitError
	if !errors.As(err, &status) || status.ExitCode() != 1 {
		t.Errorf("the program ended with %v, want status 1", err)
	}
	message := stderr.String()
	if !strings.HasSuffix(message, ": load the data: no such file\n") || strings.Count(message, "\n") != 1 || strings.Contains(message, "goroutine") {
		t.Errorf("standard error is %q, want one line with the error and no stack", message)
	}
	if strings.Contains(out.String(), "not reached") {
		t.Error("the program went on after the error")
	}
}

func TestAFailureNamesItsPlace(t *testing.T) {
	err := errors.New("no data\n")
	if got := failure(err, "main.go:17"); got != "main.go:17: no data\n" {
		t.Errorf("the message is %q", got)
	}
	if got := failure(err, ""); got != "error: no data\n" {
		t.Errorf("the message is %q", got)
	}
}

func TestATextThatIsUpdatedIsOneLineInATerminalAndLinesElsewhere(t *testing.T) {
	for terminal, want := range map[bool]string{true: "\rten\r2  ", false: "ten\n2\n"} {
		var b bytes.Buffer
		use(t, &session{out: &b, terminal: terminal}, func() {
			live := Live()
			live.Update("ten")
			live.Update("2")
			if i, ok := Writer().(interface{ Interactive() bool }); !ok || i.Interactive() != terminal {
				t.Errorf("terminal %v: the writer says otherwise", terminal)
			}
		})
		if b.String() != want {
			t.Errorf("terminal %v: %q, want %q", terminal, b.String(), want)
		}
	}
}
