package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion"
)

const servedRun = "../../testdata/run-softmax"

// serveRun starts "fashion serve" on a free port, and returns its address and a function that ends
// it and returns the exit status and the log.
func serveRun(t *testing.T, args ...string) (url string, stop func() (int, string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	var log bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"serve", "-run", servedRun, "-addr", "127.0.0.1:0", "-json"}, args...), writer, &log)
		writer.Close()
	}()
	var first struct{ URL, Model string }
	if err := json.NewDecoder(reader).Decode(&first); err != nil {
		t.Fatalf("fashion serve: %v: status %d: %s", err, <-status, log.String())
	}
	return first.URL, func() (int, string) {
		cancel()
		return <-status, log.String()
	}
}

// testImages returns the first test images of the data set.
func testImages(t *testing.T, n int) []byte {
	t.Helper()
	data, err := fashion.Load()
	if err != nil {
		t.Fatal(err)
	}
	return data.Test.Images[:n*fashion.ImagePixels]
}

func TestServeAnswersWithTheLogitsThatPredictPrints(t *testing.T) {
	url, stop := serveRun(t, "-name", "mine")
	var pixels [3][784]int
	for i, x := range testImages(t, 3) {
		pixels[i/784][i%784] = int(x)
	}
	body, err := json.Marshal(map[string]any{"inputs": []any{
		map[string]any{"name": "images", "datatype": "UINT8", "shape": []int{3, 784}, "data": pixels},
	}, "outputs": []any{map[string]string{"name": "logits"}}})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(url+"/v2/models/mine/infer", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Outputs []struct{ Data []float64 } }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Outputs) != 1 {
		t.Fatalf("status %d: %v, %+v", response.StatusCode, err, answer)
	}
	for i, p := range succeed(t, "predict", "-run", servedRun, "-index", "0,1,2")["predictions"].([]any) {
		for c, want := range p.(map[string]any)["logits"].([]any) {
			if got := answer.Outputs[0].Data[10*i+c]; math.Abs(got-want.(float64)) > 1e-5 {
				t.Errorf("image %d: logit %d is %v, predict prints %v", i, c, got, want)
			}
		}
	}
	status, log := stop()
	if status != exitDone || !strings.Contains(log, "path=/v2/models/mine/infer status=200") {
		t.Errorf("status %d after the end, log %q", status, log)
	}
}

func TestServeWithWrongFlagsEndsWithStatus2(t *testing.T) {
	for _, args := range [][]string{{}, {"-run", servedRun, "-max-batch", "0"}, {"-run", servedRun, "-timeout", "-1s"}} {
		if status, stdout, stderr := invoke(append([]string{"serve"}, args...)...); status != exitUsage || stdout != "" {
			t.Errorf("fashion serve %v: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
	status, _, stderr := invoke("serve", "-run", servedRun, "-addr", "127.0.0.1:99999")
	if status != exitFailed || !strings.Contains(stderr, "-addr") {
		t.Errorf("an address that does not exist: status %d, %q", status, stderr)
	}
}

// The client is Triton's, from PyPI: pip install "tritonclient[http]". FASHION_TRITON_PYTHON names
// the Python that has it.
func TestTritonsClientReadsMetadataAndGetsThePredictions(t *testing.T) {
	python := os.Getenv("FASHION_TRITON_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import tritonclient.http").CombinedOutput(); err != nil {
		t.Skipf("%s has no tritonclient[http] (FASHION_TRITON_PYTHON names another Python): %v: %.200s", python, err, out)
	}
	url, stop := serveRun(t)
	images := filepath.Join(t.TempDir(), "images")
	if err := os.WriteFile(images, testImages(t, 5), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python, "testdata/triton_client.py", strings.TrimPrefix(url, "http://"), images)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got [][]float64
	if err := json.Unmarshal(out, &got); err != nil || len(got) != 5 {
		t.Fatalf("%v: %s", err, out)
	}
	for i, p := range succeed(t, "predict", "-run", servedRun, "-index", "0,1,2,3,4")["predictions"].([]any) {
		for c, want := range p.(map[string]any)["logits"].([]any) {
			if math.Abs(got[i][c]-want.(float64)) > 1e-5 {
				t.Errorf("image %d: logit %d is %v, predict prints %v", i, c, got[i][c], want)
			}
		}
	}
	if status, log := stop(); status != exitDone {
		t.Errorf("status %d: %s", status, log)
	}
}
