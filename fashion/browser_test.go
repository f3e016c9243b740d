package fashion

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fashionlab/fashion/internal/testfiles"
)

// browser is a headless Chromium with one open page, controlled by the DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/) over two pipes.
type browser struct {
	t        *testing.T
	to       *os.File
	messages chan devtoolsMessage
	session  string
	last     int
	// seen are the messages that are no answers.
	seen []devtoolsMessage
}

type devtoolsMessage struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  json.RawMessage
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	arguments := []string{"--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
		"--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", // a camera that shows a moving pattern
		"--user-data-dir=" + t.TempDir()}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--no-sandbox") // Chromium's own does not start as root
	}
	command := exec.Command(required(t, "chromium", "chromium-browser", "google-chrome"), append(arguments, "about:blank")...)
	fromTest, toBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromBrowser, toTest, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.ExtraFiles = []*os.File{fromTest, toTest} // descriptors 3 and 4
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = fromTest.Close(), toTest.Close()
	b := &browser{t: t, to: toBrowser, messages: make(chan devtoolsMessage, 1000)}
	go func() {
		decoder := json.NewDecoder(&withoutZeros{fromBrowser})
		for {
			var m devtoolsMessage
			if decoder.Decode(&m) != nil {
				close(b.messages)
				return
			}
			b.messages <- m
		}
	}()
	t.Cleanup(func() {
		_ = b.to.Close() // Chromium ends when its pipe is closed
		for range b.messages {
		}
		_ = command.Wait()
		_ = fromBrowser.Close()
	})
	var target struct{ TargetID string }
	b.send(&target, "Target.createTarget", map[string]any{"url": "about:blank"})
	var attached struct{ SessionID string }
	b.send(&attached, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true})
	b.session = attached.SessionID
	for _, domain := range []string{"Runtime", "Log", "Network", "Page", "DOM"} {
		b.send(nil, domain+".enable", nil)
	}
	return b
}

// withoutZeros replaces the zero bytes between messages by newlines.
type withoutZeros struct{ file *os.File }

func (w *withoutZeros) Read(p []byte) (int, error) {
	n, err := w.file.Read(p)
	for i := range p[:n] {
		if p[i] == 0 {
			p[i] = '\n'
		}
	}
	return n, err
}

// send sends a command, waits for its answer and decodes it into result.
func (b *browser) send(result any, method string, parameters any) {
	b.t.Helper()
	b.last++
	message := map[string]any{"id": b.last, "method": method}
	if parameters != nil {
		message["params"] = parameters
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	timeout := time.After(time.Minute)
	for {
		select {
		case m, ok := <-b.messages:
			switch {
			case !ok:
				b.t.Fatalf("%s: Chromium has ended", method)
			case m.ID != b.last:
				b.seen = append(b.seen, m)
				continue
			case m.Error != nil:
				b.t.Fatalf("%s: %s", method, m.Error)
			case result != nil:
				if err := json.Unmarshal(m.Result, result); err != nil {
					b.t.Fatal(err)
				}
			}
			return
		case <-timeout:
			b.t.Fatalf("%s: no answer in a minute", method)
		}
	}
}

// open shows a page from the disk and waits until the document is there.
func (b *browser) open(path string) {
	b.t.Helper()
	b.send(nil, "Page.navigate", map[string]any{"url": "file://" + path})
	for range 100 {
		var ready bool
		if b.evaluate(&ready, `document.readyState === "complete"`); ready {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// evaluate computes an expression in the page, waits for it if it is a promise, and decodes its value
// into result.
func (b *browser) evaluate(result any, expression string, arguments ...any) {
	b.t.Helper()
	for i, a := range arguments {
		text, err := json.Marshal(a)
		if err != nil {
			b.t.Fatal(err)
		}
		arguments[i] = string(text)
	}
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	if len(arguments) > 0 {
		expression = fmt.Sprintf(expression, arguments...)
	}
	b.send(&answer, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%.200s: %s", expression, answer.ExceptionDetails)
	}
	if result != nil {
		if err := json.Unmarshal(answer.Result.Value, result); err != nil {
			b.t.Fatalf("%.200s: %v: %s", expression, err, answer.Result.Value)
		}
	}
}

// text returns an element's text.
func (b *browser) text(id string) (text string) {
	b.t.Helper()
	b.evaluate(&text, "document.getElementById(%s).textContent", id)
	return text
}

// news waits until the page has an answer or an error, and returns both.
func (b *browser) news() (answer, failure string) {
	b.t.Helper()
	for range 600 {
		if b.text("status") == "" {
			if answer, failure = b.text("answer"), b.text("error"); answer+failure != "" {
				return answer, failure
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("the page has neither an answer nor an error after 30 s; status %q", b.text("status"))
	return "", ""
}

// forget empties the news, so that the next ones can be awaited.
func (b *browser) forget() {
	b.evaluate(nil, `for (const id of ["answer", "error"]) document.getElementById(id).textContent = ""`)
}

// pixels returns what a canvas of 28×28 squares shows.
func (b *browser) pixels(id string) (pixels []byte) {
	b.t.Helper()
	var text string
	b.evaluate(&text, `(() => {
		const canvas = document.getElementById(%s);
		const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
		const square = canvas.width / 28;
		let text = "";
		for (let y = 0; y < 28; y++) for (let x = 0; x < 28; x++) {
			text += String.fromCharCode(data[4 * (Math.floor((y + 0.5) * square) * canvas.width + Math.floor((x + 0.5) * square))]);
		}
		return btoa(text);
	})()`, id)
	pixels, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return pixels
}

// choose gives a file to an input.
func (b *browser) choose(input, file string) {
	b.t.Helper()
	absolute, err := filepath.Abs(file)
	if err != nil {
		b.t.Fatal(err)
	}
	var object struct{ Result struct{ ObjectID string } }
	b.send(&object, "Runtime.evaluate", map[string]any{"expression": fmt.Sprintf("document.getElementById(%q)", input)})
	b.send(nil, "DOM.setFileInputFiles", map[string]any{"files": []string{absolute}, "objectId": object.Result.ObjectID})
}

// show sets the width of the window, and light or dark.
func (b *browser) show(width int, scheme string) {
	b.send(nil, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500})
	b.send(nil, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

// press presses a key.
func (b *browser) press(key string) {
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.send(nil, "Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key})
	}
}

// axe returns the source of axe-core, which tools/setup.py --browser installs.
func axe(t *testing.T) string {
	t.Helper()
	pattern := filepath.Join("..", ".venv", "lib", "python*", "site-packages", "axe_playwright_python", "axe.min.js")
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) != 1 {
		missing(t, pattern)
	}
	return string(testfiles.Read(t, paths[0]))
}

// answered is what a page says about a prediction.
func answered(p Prediction) string {
	return fmt.Sprintf("%s, %.1f%%.", ClassNames[p.Predicted], 100*p.Probabilities[p.Predicted])
}

func TestThePageOfEachModelComputesInABrowserWhatTheLibraryDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles to WebAssembly")
	}
	b := openBrowser(t)
	images := testImages(t, 100)
	var pixels []byte
	for _, image := range images {
		pixels = append(pixels, image.Pixels...)
	}
	all := references(t, images)
	for _, name := range ModelNames() {
		r := all[name]
		b.open(savedPage(t, r.net, images))
		if answer, failure := b.news(); failure != "" || !strings.HasPrefix(answer, answered(r.predictions[0])) {
			t.Errorf("%s: answer %q and error %q, want %q", name, answer, failure, answered(r.predictions[0]))
		}
		var computed struct {
			Logits, Maps [][]float32
			Milliseconds []float64
			Looks        bool // whether the page has a place for maps
		}
		b.evaluate(&computed, `(() => {
			const pixels = Uint8Array.from(atob(%s), (c) => c.charCodeAt(0));
			const result = {logits: [], maps: [], milliseconds: [], looks: !document.getElementById("look").hidden};
			for (let i = 0; i < pixels.length / 784; i++) {
				const image = pixels.subarray(784 * i, 784 * (i + 1));
				const started = performance.now();
				const answer = fashionlab.predict(image);
				result.milliseconds.push(performance.now() - started);
				result.logits.push([...answer.logits]);
				if (result.looks && i < 10) result.maps.push([...fashionlab.look(image, i).map]);
			}
			return result;
		})()`, base64.StdEncoding.EncodeToString(pixels))
		if len(computed.Logits) != len(images) || computed.Looks != (name != "softmax") || len(computed.Maps) != len(r.cams) {
			t.Fatalf("%s: %d results and %d maps, want %d and %d", name, len(computed.Logits), len(computed.Maps), len(images), len(r.cams))
		}
		r.compare(t, name, computed.Logits, computed.Maps)
		slices.Sort(computed.Milliseconds)
		t.Logf("%s: %.1f ms for an image", name, computed.Milliseconds[len(images)/2])
	}
}

func TestAPageWorksInABrowserFromAFileWithoutAnyRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles to WebAssembly")
	}
	b := openBrowser(t)
	useBackend(t, "go")
	net := variedNetworks(t, everyLayer())["cnn"]
	images := testImages(t, 30)
	path := savedPage(t, net, images)
	predictions, err := net.Predict(images...)
	if err != nil {
		t.Fatal(err)
	}
	b.show(1100, "light")
	b.open(path)

	t.Run("test images", func(t *testing.T) {
		answer, failure := b.news()
		if failure != "" || !strings.HasPrefix(answer, answered(predictions[0])) {
			t.Errorf("answer %q and error %q, want %q", answer, failure, answered(predictions[0]))
		}
		if !slices.Equal(b.pixels("seen"), images[0].Pixels) {
			t.Error("the page does not show the first image")
		}
		if facts := b.text("facts"); facts != "28,938 parameters · a note <&>" {
			t.Errorf("facts %q", facts)
		}
		b.evaluate(nil, `document.getElementById("next").focus()`)
		b.send(nil, "Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
		b.send(nil, "Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": "Enter"})
		if answer, _ := b.news(); !strings.HasPrefix(answer, answered(predictions[1])) || !strings.Contains(b.text("image-title"), "image 1, labelled "+ClassNames[images[1].Label]) {
			t.Errorf("after Next the answer is %q of %q, want %q", answer, b.text("image-title"), answered(predictions[1]))
		}
		for class := range NumClasses {
			cell := fmt.Sprintf("%.1f%%", 100*predictions[1].Probabilities[class])
			var row string
			if b.evaluate(&row, `document.getElementById("classes").rows[%s].textContent`, class); !strings.HasPrefix(row, ClassNames[class]+cell) {
				t.Errorf("row %q, want %s with %s", row, ClassNames[class], cell)
			}
		}
		before := b.pixels("map")
		b.evaluate(nil, `(() => { const s = document.getElementById("class"); s.value = "7"; s.dispatchEvent(new Event("change")); })()`)
		if !strings.Contains(b.text("map-text"), "Sneaker") || slices.Equal(before, b.pixels("map")) {
			t.Errorf("another class gives the same map, with the text %q", b.text("map-text"))
		}
	})
	// chosen is the name of the file that an input shows, "" without one.
	chosen := func(input string) (name string) {
		b.evaluate(&name, `document.getElementById(%s).files[0]?.name ?? ""`, input)
		return name
	}
	t.Run("pictures", func(t *testing.T) {
		const folder = "internal/picture/testdata"
		for _, name := range []string{"0-white.png", "13-dark.png", "1-cutout.png", "0-turned-6.jpg", "0-lossy.webp"} {
			want, done, err := ReadPicture(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			predictions, err := net.Predict(want)
			if err != nil {
				t.Fatal(err)
			}
			b.forget()
			b.choose("file", filepath.Join(folder, name))
			answer, failure := b.news()
			if failure != "" || !strings.HasPrefix(answer, answered(predictions[0])) {
				t.Errorf("%s: answer %q and error %q, want %q", name, answer, failure, answered(predictions[0]))
			}
			if !slices.Equal(b.pixels("seen"), want.Pixels) || b.text("done") != "The picture was "+strings.Join(done, ", ")+"." {
				t.Errorf("%s: the page shows other pixels, or %q, want %v", name, b.text("done"), done)
			}
			if got := chosen("file"); got != name {
				t.Errorf("the input shows %q, want %q", got, name)
			}
		}
	})
	t.Run("blank picture", func(t *testing.T) {
		blank := filepath.Join(t.TempDir(), "blank.png")
		var content bytes.Buffer
		picture := image.NewGray(image.Rect(0, 0, 50, 50))
		picture.SetGray(25, 25, color.Gray{Y: 1})
		if err := png.Encode(&content, picture); err != nil {
			t.Fatal(err)
		}
		testfiles.Write(t, blank, content.Bytes())
		_, _, err := ReadPicture(blank)
		if err == nil {
			t.Fatal("the picture is not blank")
		}
		b.forget()
		b.choose("photograph", blank)
		if answer, failure := b.news(); answer != "" || failure == "" || !strings.HasSuffix(err.Error(), failure) {
			t.Errorf("answer %q and error %q, want %q", answer, failure, err)
		}
		if first, second := chosen("file"), chosen("photograph"); first != "" || second != "blank.png" {
			t.Errorf("the inputs show %q and %q, want the second file alone", first, second)
		}
	})
	t.Run("drop, paste and draw", func(t *testing.T) {
		white := base64.StdEncoding.EncodeToString(testfiles.Read(t, "internal/picture/testdata/0-white.png"))
		for event, field := range map[string]string{"drop": "dataTransfer", "paste": "clipboardData"} {
			b.forget()
			b.evaluate(nil, `(() => {
				const data = new DataTransfer();
				data.items.add(new File([Uint8Array.from(atob(`+"%[3]s"+`), (c) => c.charCodeAt(0))], "a.png"));
				const event = new Event(`+"%[1]s"+`, {bubbles: true, cancelable: true});
				Object.defineProperty(event, `+"%[2]s"+`, {value: data});
				document.body.dispatchEvent(event);
			})()`, event, field, white)
			if answer, failure := b.news(); answer == "" || failure != "" || !strings.Contains(b.text("done"), "inverted") {
				t.Errorf("%s: answer %q, error %q, %q", event, answer, failure, b.text("done"))
			}
			if got := chosen("photograph"); got != "" {
				t.Errorf("after a %s the input still shows %q", event, got)
			}
		}
		b.forget()
		var box struct{ X, Y float64 }
		b.evaluate(&box, `(() => { const c = document.getElementById("drawing"); c.scrollIntoView(); return c.getBoundingClientRect().toJSON(); })()`)
		for i, kind := range []string{"mousePressed", "mouseMoved", "mouseMoved", "mouseReleased"} {
			b.send(nil, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": box.X + 80 + 30*float64(i), "y": box.Y + 100 + 20*float64(i), "button": "left", "buttons": 1, "clickCount": 1})
		}
		if answer, failure := b.news(); answer == "" || failure != "" || !strings.Contains(b.text("done"), "inverted") {
			t.Errorf("a drawing: answer %q, error %q, %q", answer, failure, b.text("done"))
		}
		drawn := b.pixels("seen")
		b.forget()
		b.evaluate(nil, `document.getElementById("clear").click(); document.getElementById("drawing").focus()`)
		for _, key := range []string{" ", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", " "} {
			b.press(key)
		}
		if answer, failure := b.news(); answer == "" || failure != "" || slices.Equal(drawn, b.pixels("seen")) {
			t.Errorf("a drawing with the keyboard: answer %q, error %q", answer, failure)
		}
	})
	t.Run("the computer's camera", func(t *testing.T) {
		b.forget()
		b.evaluate(nil, `document.getElementById("camera").click()`)
		var shot bool
		for range 200 {
			if b.evaluate(&shot, `!document.getElementById("shoot").hidden && document.getElementById("video").videoWidth > 0`); shot {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		b.evaluate(nil, `document.getElementById("shoot").click()`)
		if answer, failure := b.news(); !shot || answer == "" || failure != "" {
			t.Errorf("a photograph: answer %q, error %q", answer, failure)
		}
		var released bool
		if b.evaluate(&released, `document.getElementById("video").srcObject === null`); !released {
			t.Error("the camera is still on")
		}
	})
	t.Run("on a telephone nothing is wider than the window", func(t *testing.T) {
		b.show(360, "light")
		var width int
		if b.evaluate(&width, "document.documentElement.scrollWidth"); width > 360 {
			t.Errorf("the page is %d pixels wide, want at most 360", width)
		}
	})
	t.Run("no request", func(t *testing.T) {
		var refused string
		b.evaluate(&refused, `new Promise((resolve) => {
			document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
			fetch("https://127.0.0.1:9/").then(() => resolve("sent"), () => setTimeout(resolve, 5000, "an error of another kind"));
		})`)
		if refused != "connect-src" {
			t.Errorf("the page's policy does not refuse a request: %s", refused)
		}
		for _, m := range b.seen {
			var p struct {
				Request struct{ URL string }
				Entry   struct{ Level, Text string }
			}
			if err := json.Unmarshal(m.Params, &p); err != nil {
				t.Fatal(err)
			}
			switch {
			case m.Method == "Network.requestWillBeSent" && p.Request.URL != "file://"+path && !strings.Contains(p.Request.URL, "127.0.0.1:9"):
				t.Errorf("a request of %.100s", p.Request.URL)
			case m.Method == "Runtime.exceptionThrown", m.Method == "Log.entryAdded" && p.Entry.Level == "error" && !strings.Contains(p.Entry.Text, "127.0.0.1:9"):
				t.Errorf("%s: %s", m.Method, m.Params)
			}
		}
	})
	t.Run("axe finds nothing", func(t *testing.T) {
		b.evaluate(nil, axe(t)+";0")
		for _, window := range []struct {
			width  int
			scheme string
		}{{1100, "light"}, {1100, "dark"}, {360, "light"}} {
			b.show(window.width, window.scheme)
			var found struct {
				Violations []struct {
					ID    string
					Nodes []struct{ HTML, FailureSummary string }
				}
				Passes []json.RawMessage
			}
			b.evaluate(&found, "axe.run()")
			if len(found.Passes) < 20 {
				t.Errorf("axe checked only %d rules", len(found.Passes))
			}
			for _, v := range found.Violations {
				t.Errorf("%d pixels, %s: %s: %v", window.width, window.scheme, v.ID, v.Nodes)
			}
		}
	})
}
