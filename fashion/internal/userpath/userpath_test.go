package userpath

import (
	"strings"
	"testing"
)

func TestALeadingTildeIsTheHomeFolder(t *testing.T) {
	t.Setenv("HOME", "/home/jana nováková")
	for path, want := range map[string]string{
		"~":            "/home/jana nováková",
		"~/":           "/home/jana nováková/",
		"~/runs/a b":   "/home/jana nováková/runs/a b",
		"~/~/x":        "/home/jana nováková/~/x",
		"":             "",
		"x":            "x",
		"./~":          "./~",
		"./~jana/x":    "./~jana/x",
		"a/~/b":        "a/~/b",
		"backup~":      "backup~",
		"/data/~jana":  "/data/~jana",
		" ~/x":         " ~/x",
		"$HOME/x":      "$HOME/x",
		"/home/jana/x": "/home/jana/x",
	} {
		if got, err := Expand(path); err != nil || got != want {
			t.Errorf("Expand(%q) = %q, %v; want %q", path, got, err, want)
		}
	}
}

func TestAnotherUsersHomeFolderIsAnError(t *testing.T) {
	for _, path := range []string{"~jana", "~jana/runs", "~+", "~-/x", "~$x"} {
		got, err := Expand(path)
		if err == nil || !strings.Contains(err.Error(), "./"+path) {
			t.Errorf("Expand(%q) = %q, %v; want an error that names the way to a folder of that name", path, got, err)
		}
	}
}

func TestWithoutAHomeFolderATildeIsAnError(t *testing.T) {
	t.Setenv("HOME", "")
	if got, err := Expand("~/x"); err == nil {
		t.Errorf("Expand gave %q", got)
	}
	if got, err := Expand("x"); err != nil || got != "x" {
		t.Errorf("Expand(x) = %q, %v", got, err)
	}
}
