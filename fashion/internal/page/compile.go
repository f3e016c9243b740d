package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"fashionlab/fashion/internal/repository"
)

// compile returns the WebAssembly program in the folder browser, and the script that Go's
// WebAssembly needs, which has to be of the same version.
func compile(ctx context.Context) (program, support []byte, err error) {
	const folder = "fashion/internal/page/browser"
	root := ""
	for _, place := range repository.Folders() {
		if _, err := os.Stat(filepath.Join(place, folder, "main.go")); err == nil {
			root = place
			break
		}
	}
	if root == "" {
		return nil, nil, errors.New("the course's repository is not here, and a page is compiled from it; run this in its folder")
	}
	temporary, err := os.MkdirTemp("", "fashion-page-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(temporary)
	out := filepath.Join(temporary, "program.wasm")
	if _, err := runGo(ctx, root, "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "./"+folder); err != nil {
		return nil, nil, err
	}
	if program, err = os.ReadFile(out); err != nil {
		return nil, nil, err
	}
	goroot, err := runGo(ctx, root, "env", "GOROOT")
	if err != nil {
		return nil, nil, err
	}
	support, err = os.ReadFile(filepath.Join(strings.TrimSpace(goroot), "lib", "wasm", "wasm_exec.js"))
	return program, support, err
}

// runGo runs the go command for WebAssembly in a folder and returns its output.
func runGo(ctx context.Context, folder string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = folder
	// Settings of the caller for other programs, such as the race detector, do not fit.
	command.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=")
	var out, log bytes.Buffer
	command.Stdout, command.Stderr = &out, &log
	err := command.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("the command go is not in PATH, and a page is compiled with it; install Go (https://go.dev/dl), or add its folder bin to PATH")
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("go %s: %w: %s", arguments[0], err, strings.TrimSpace(log.String()))
	}
	return out.String(), nil
}
