//go:build unix

package fashion

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// trainingProcess is a process that trains a run as childTraining does, started by a shell after
// some commands of it.
func trainingProcess(dir, shell string) (*exec.Cmd, *bytes.Buffer) {
	c := exec.Command("sh", "-c", shell+` exec "$0"`, os.Args[0])
	c.Env = append(os.Environ(), "FASHION_TEST_CHILD="+dir)
	stderr := &bytes.Buffer{}
	c.Stderr = stderr
	return c, stderr
}

// signalled starts a child, sends it a signal after its first checkpoint, and returns how
// it ended.
func signalled(t *testing.T, dir, shell string, signal os.Signal) (string, error) {
	t.Helper()
	c, stderr := trainingProcess(dir, shell)
	checkpoint := filepath.Join(dir, runCheckpointFile)
	before, _ := os.Stat(checkpoint)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for saved := false; !saved; {
		select {
		case err := <-ended:
			return stderr.String(), err
		case <-time.After(2 * time.Millisecond):
		}
		now, err := os.Stat(checkpoint)
		saved = err == nil && (before == nil || !now.ModTime().Equal(before.ModTime()))
	}
	_ = c.Process.Signal(signal) // it may have ended by itself
	err := <-ended
	return stderr.String(), err
}

func TestSignalsStopATrainingThatContinuesToTheSameFigures(t *testing.T) {
	if testing.Short() {
		t.Skip("starts several processes")
	}
	useBackend(t, "go")
	want, wantHistory, err := childTraining("")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "stopped")
	stops := 0
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		// A background job of a script ignores the interrupt, and inherits that.
		for _, shell := range []string{"", `trap "" INT;`} {
			text, err := signalled(t, dir, shell, signal)
			if err == nil {
				continue // it was done before the signal came
			}
			stops++
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("%v: the training ended with %v, want status 1: %s", signal, err, text)
			}
			if text = strings.TrimSpace(text); strings.Contains(text, "\n") || !strings.Contains(text, ErrInterrupted.Error()) || !strings.Contains(text, dir) {
				t.Errorf("%v: want one line that names the run, got:\n%s", signal, text)
			}
		}
	}
	if stops == 0 {
		t.Fatal("no training was stopped")
	}
	net, history, err := childTraining(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(want.Weights, net.Weights); err != nil {
		t.Errorf("after %d stops: %v", stops, err)
	}
	if !slices.Equal(wantHistory.StepLosses, history.StepLosses) {
		t.Errorf("after %d stops the losses differ", stops)
	}
}

func TestNohupKeepsATrainingAliveWhenTheTerminalCloses(t *testing.T) {
	text, err := signalled(t, filepath.Join(t.TempDir(), "r"), `trap "" HUP;`, syscall.SIGHUP)
	if err != nil {
		t.Errorf("the training ended with %v: %s", err, text)
	}
}

func TestADiskThatIsFullLeavesTheRunAsItWas(t *testing.T) {
	useBackend(t, "go")
	dir := filepath.Join(t.TempDir(), "full")
	if text, err := signalled(t, dir, "", syscall.SIGTERM); err == nil {
		t.Skipf("the training was done before it could be stopped: %s", text)
	}
	path := filepath.Join(dir, runCheckpointFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, stderr := trainingProcess(dir, "ulimit -f 8;") // blocks of at most 1,024 bytes
	if err := c.Run(); err == nil {
		t.Fatal("a training without room for its checkpoint succeeded")
	}
	text := strings.TrimSpace(stderr.String())
	if strings.Contains(text, "\n") || !strings.Contains(text, path) || !strings.Contains(text, "keeps its last saved state") {
		t.Errorf("want one line with the file and what is kept, got:\n%s", text)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the last checkpoint changed")
	}
	if _, _, err := childTraining(dir); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
