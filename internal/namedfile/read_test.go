package namedfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const maxBytes = 2048

// refused puts something in a file's place, and expects that it is not read; then a
// good file in the same place, and expects that it is.
func refused(t *testing.T, want string, put func(path string) error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := put(path); err != nil {
		t.Fatal(err)
	}
	content, err := Read(path, maxBytes)
	if err == nil || strings.ReplaceAll(err.Error(), path, "FILE") != want || content != nil {
		t.Errorf("%d bytes, error %v, want %s", len(content), err, want)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	good := " " + strings.Repeat("x", maxBytes-1)
	if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	if content, err := Read(path, maxBytes); err != nil || string(content) != good {
		t.Errorf("a file that is just within the bound: %d bytes, error %v", len(content), err)
	}
}

func TestRead(t *testing.T) {
	write := func(content string) func(string) error {
		return func(path string) error { return os.WriteFile(path, []byte(content), 0o600) }
	}
	for name, tt := range map[string]struct {
		put  func(path string) error
		want string
	}{
		"missing":           {func(string) error { return nil }, "open FILE: no such file or directory"},
		"a directory":       {func(path string) error { return os.Mkdir(path, 0o700) }, "read FILE: is not a regular file"},
		"a link to itself":  {func(path string) error { return os.Symlink(path, path) }, "open FILE: too many levels of symbolic links"},
		"a link to nothing": {func(path string) error { return os.Symlink(path+".none", path) }, "open FILE: no such file or directory"},
		"too large":         {write(strings.Repeat("x", maxBytes+1)), "read FILE: larger than 2 KiB"},
		"empty":             {write(""), "read FILE: is empty: where nothing is meant, write a comment"},
		"blank":             {write(" \r\n\t"), "read FILE: is empty: where nothing is meant, write a comment"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, tt.want, tt.put) })
	}
}
