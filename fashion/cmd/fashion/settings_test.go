package main

import (
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion"
)

func TestTrainTakesTheSettingsOfItsFlagsAndResumeThoseOfTheRun(t *testing.T) {
	skipLongInShort(t)
	dir := filepath.Join(t.TempDir(), "r")
	train := []string{
		"train", "-model", "softmax", "-run", dir, "-shuffle=false", "-split-size", "2000", "-epochs", "3", "-optimizer", "adamw", "-lr", "0.01",
		"-weight-decay", "0.1", "-schedule", "onecycle", "-label-smoothing", "0.1", "-clip", "2", "-ema", "0.9", "-keep-best", "-patience", "3", "-monitor", "accuracy",
	}
	succeed(t, train...)
	run, err := fashion.OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := run.Config
	if want := fashion.AdamW(0.01, fashion.WithWeightDecay(0.1), fashion.WithBetas(0.95, 0.999)); c.Optimizer != want {
		t.Errorf("optimizer %v, want %v", c.Optimizer, want)
	}
	if c.Schedule != fashion.OneCycleLR() || c.LabelSmoothing != 0.1 || c.ClipNorm != 2 || c.EMA != (fashion.EMA{Decay: 0.9}) ||
		!c.KeepBest || c.Patience != 3 || c.Monitor != fashion.ByAccuracy {
		t.Errorf("the run has the settings %+v", c)
	}
	if result := succeed(t, "train", "-resume", "-run", dir); result["epochs"] != 3. {
		t.Errorf("resumed, the training has %v epochs, want 3", result["epochs"])
	}
	for flag, value := range map[string]string{"-schedule": "sine", "-monitor": "f1", "-momentum": "0.9"} {
		args := []string{"train", "-model", "cnn", "-run", filepath.Join(t.TempDir(), "r"), flag, value}
		if status, _, stderr := invoke(args...); status != exitUsage || !strings.Contains(stderr, strings.TrimPrefix(flag, "-")) {
			t.Errorf("%s %s: status %d, %s", flag, value, status, stderr)
		}
	}
}
