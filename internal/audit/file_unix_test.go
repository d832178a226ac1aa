//go:build unix

package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"mcp-resource-server/internal/namedfile"
)

// openAt opens a log with a file.
func openAt(t *testing.T, path string) (*Log, *bytes.Buffer) {
	t.Helper()
	warnings := &bytes.Buffer{}
	l, err := Open(Config{Enabled: true, File: path}, nil, slog.New(slog.NewTextHandler(warnings, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, warnings
}

// ids are the request ids in a file, in order.
func ids(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range readAll(t, string(content)) {
		list = append(list, e.RequestID)
	}
	return strings.Join(list, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRotation: whatever becomes of the file, the next line is where the path leads,
// and none is lost.
func TestRotation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rotate func(path, old string) error
		now    string // in the file at the path
		old    string // in the one that was moved away, if there is one
	}{
		{"nothing happens", func(string, string) error { return nil }, "1 2 3", ""},
		{"renamed", os.Rename, "2 3", "1"},
		{"removed", func(path, _ string) error { return os.Remove(path) }, "2 3", ""},
		{"renamed, and another made", func(path, old string) error {
			return errors.Join(os.Rename(path, old), os.WriteFile(path, nil, 0o640))
		}, "2 3", "1"},
		{"copied and cut", func(path, old string) error {
			content, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(old, content, 0o600), os.Truncate(path, 0))
		}, "2 3", "1"},
		{"renamed to and fro", func(path, old string) error {
			return errors.Join(os.Rename(path, old), os.Rename(old, path))
		}, "1 2 3", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "audit.log")
			old := path + ".1"
			l, warnings := openAt(t, path)
			l.Write(entry(1))
			must(t, tt.rotate(path, old))
			l.Write(entry(2))
			l.Write(entry(3))
			if got := ids(t, path); got != tt.now {
				t.Errorf("in the file: %s, want %s", got, tt.now)
			}
			if tt.old != "" && ids(t, old) != tt.old {
				t.Errorf("in the old one: %s, want %s", ids(t, old), tt.old)
			}
			if warnings.Len() > 0 {
				t.Error(warnings)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o007 != 0 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		})
	}
}

// TestRotationUnderLoad: many write while the file is moved away again and again.
func TestRotationUnderLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	l, warnings := openAt(t, path)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				l.Write(entry(i*200 + j))
			}
		})
	}
	for i := range 20 {
		if err := os.Rename(path, fmt.Sprintf("%s.%d", path, i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	wg.Wait()
	files, err := filepath.Glob(path + "*")
	must(t, err)
	seen := map[string]bool{}
	for _, f := range files {
		for id := range strings.FieldsSeq(ids(t, f)) {
			seen[id] = true
		}
	}
	if len(seen) != 1600 || warnings.Len() > 0 {
		t.Errorf("%d lines of 1600 in %d files; %s", len(seen), len(files), warnings)
	}
}

// TestNoNewFile: where the path cannot be opened anew, lines go on to the file that is
// held, which is told of; when it can, they go there.
func TestNoNewFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	must(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "audit.log")
	l, warnings := openAt(t, path)
	l.Write(entry(1))
	must(t, os.Rename(dir, dir+".old"))
	l.Write(entry(2))
	l.Write(entry(3))
	if got := ids(t, filepath.Join(dir+".old", "audit.log")); got != "1 2 3" {
		t.Errorf("in the file that was held: %s", got)
	}
	if want := `msg="audit.file cannot be opened anew; audit lines go on to the file that it was" count=1 error="access ` + dir; strings.Count(warnings.String(), want) != 1 {
		t.Errorf("%s, want %s", warnings, want)
	}
	must(t, os.Mkdir(dir, 0o700))
	l.Write(entry(4))
	if got := ids(t, path); got != "4" {
		t.Errorf("in the new file: %s", got)
	}
}

// TestTornFile: a file whose last line broke off is gone on with on a new line.
func TestTornFile(t *testing.T) {
	for content, want := range map[string]string{`{"time":"20`: "1", "": "1", "other\n": "1"} {
		path := filepath.Join(t.TempDir(), "audit.log")
		must(t, os.WriteFile(path, []byte(content), 0o600))
		l, _ := openAt(t, path)
		l.Write(entry(1))
		if got := ids(t, path); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

// TestOpenFile: what is no place for lines refuses the start, in Check as in Open.
func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	there := filepath.Join(dir, "there")
	must(t, os.WriteFile(there, []byte("kept\n"), 0o600))
	for _, tt := range []struct {
		name, path string
		is         error
		text       string
	}{
		{"a new file", filepath.Join(dir, "new"), nil, ""},
		{"one that is there", there, nil, ""},
		{"no directory", filepath.Join(dir, "none", "audit.log"), fs.ErrNotExist, "audit.file: access " + filepath.Join(dir, "none") + ": no such file or directory"},
		{"a directory", dir, errNotRegular, "audit.file: open " + dir + ": is not a regular file"},
		{"a pipe", pipe, errNotRegular, "audit.file: open " + pipe + ": is not a regular file"},
		{"a device", "/dev/null", errNotRegular, "audit.file: open /dev/null: is not a regular file"},
		{"below a file", filepath.Join(there, "x"), syscall.ENOTDIR, "audit.file: stat " + filepath.Join(there, "x") + ": not a directory"},
		{"a content", "eyJhbGciOi", namedfile.ErrContent, "audit.file: the content stands where the file's name belongs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Enabled: true, File: tt.path}
			check := Check(c)
			if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
				t.Error("Check made the file")
			}
			l, err := Open(c, nil, slog.New(slog.DiscardHandler))
			if !errors.Is(err, tt.is) || !errors.Is(check, tt.is) {
				t.Fatalf("Open: %v; Check: %v", err, check)
			}
			if err != nil {
				if err.Error() != tt.text || check.Error() != tt.text {
					t.Errorf("Open: %q; Check: %q; want %q", err, check, tt.text)
				}
				return
			}
			l.Write(entry(1))
			must(t, l.Close())
			if got := ids(t, tt.path); got != "1" {
				t.Errorf("%q", got)
			}
			if info, err := os.Stat(tt.path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			if tt.path != there {
				must(t, os.Remove(tt.path))
			}
		})
	}
}
