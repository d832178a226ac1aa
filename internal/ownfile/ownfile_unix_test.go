//go:build unix

package ownfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const limit = 1 << 10

// written returns the path of a file in a directory of its own.
func written(t *testing.T, content string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "one", "two")
	path := filepath.Join(dir, "file")
	if err := errors.Join(MakeDir(dir), Write(path, []byte(content))); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrittenIsRead(t *testing.T) {
	path := written(t, "old")
	for _, content := range []string{"new", "", strings.Repeat("x", limit)} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path, limit); err != nil || string(got) != content {
			t.Errorf("Read = %q, %v, want %q", got, err, content)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("in the directory are %v, %v; want the file alone", entries, err)
	}
}

// What is made is this user's alone, whatever was there before.
func TestModes(t *testing.T) {
	path := written(t, "x")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("y")); err != nil {
		t.Fatal(err)
	}
	two := filepath.Dir(path)
	for name, want := range map[string]fs.FileMode{path: 0o600, two: 0o700 | fs.ModeDir, filepath.Dir(two): 0o700 | fs.ModeDir} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(path string) error
		want  error
	}{
		{"nothing: it is read", func(string) error { return nil }, nil},
		{"no file", os.Remove, fs.ErrNotExist},
		{"readable by the group", func(p string) error { return os.Chmod(p, 0o640) }, ErrNotOwn},
		{"writable by the group", func(p string) error { return os.Chmod(p, 0o620) }, ErrNotOwn},
		{"readable by others", func(p string) error { return os.Chmod(p, 0o604) }, ErrNotOwn},
		{"writable by others", func(p string) error { return os.Chmod(p, 0o602) }, ErrNotOwn},
		{"a symbolic link to a file that is", func(p string) error { return errors.Join(os.Rename(p, p+".real"), os.Symlink(p+".real", p)) }, ErrNotOwn},
		{"a symbolic link to nothing", func(p string) error { return errors.Join(os.Remove(p), os.Symlink(p+".none", p)) }, ErrNotOwn},
		{"a directory", func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o700)) }, ErrNotOwn},
		{"a byte too much", func(p string) error { return os.WriteFile(p, bytes.Repeat([]byte("s3cret"), limit), 0o600) }, ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := written(t, "s3cret")
			if err := tt.spoil(path); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path, limit)
			if !errors.Is(err, tt.want) || (string(got) == "s3cret") != (tt.want == nil) {
				t.Errorf("Read = %q, %v, want %v", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows the content: %v", err)
			}
		})
	}
}

func TestWriteFollowsNoLink(t *testing.T) {
	path := written(t, "old")
	target := filepath.Join(t.TempDir(), "target")
	if err := errors.Join(os.Remove(path), os.WriteFile(target, []byte("mine"), 0o600), os.Symlink(target, path)); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(target); err != nil || string(content) != "mine" {
		t.Errorf("the link was followed: %q, %v", content, err)
	}
	if got, err := Read(path, limit); err != nil || string(got) != "new" {
		t.Errorf("Read = %q, %v", got, err)
	}
}

// A write that fails leaves the old file, and nothing of its own.
func TestWriteThatFails(t *testing.T) {
	path := written(t, "x")
	if err := Write(filepath.Join(filepath.Dir(path), "none", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a directory: %v", err)
	}
	in := filepath.Join(path+".dir", "in")
	if err := os.MkdirAll(in, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(path+".dir", []byte("new")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("in the place of a directory: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if names := fmt.Sprint(entries); err != nil || len(entries) != 2 {
		t.Errorf("in the directory are %s, %v; want the file and the directory", names, err)
	}
}

// Whoever reads while others write finds one content or the other.
func TestWholeAtEveryMoment(t *testing.T) {
	path := written(t, strings.Repeat("a", limit))
	var wg sync.WaitGroup
	for _, letter := range []string{"a", "b"} {
		wg.Go(func() {
			for range 50 {
				if err := Write(path, []byte(strings.Repeat(letter, limit))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 500 {
			got, err := Read(path, limit)
			if err != nil || len(got) != limit || strings.Trim(string(got), string(got[0])) != "" {
				t.Errorf("Read = %d bytes, %v", len(got), err)
				return
			}
		}
	})
	wg.Wait()
}

func TestMakeDir(t *testing.T) {
	mode := func(mode fs.FileMode) func(string) error {
		return func(p string) error { return errors.Join(os.Mkdir(p, 0o700), os.Chmod(p, mode)) }
	}
	for _, tt := range []struct {
		name string
		make func(path string) error
		want error
	}{
		{"nothing there", func(string) error { return nil }, nil},
		{"this user's alone", mode(0o700), nil},
		{"read by others", mode(0o755), nil},
		{"written by the group", mode(0o770), ErrDirNotOwn},
		{"written by all", mode(0o777), ErrDirNotOwn},
		{"written by all, as /tmp is", mode(0o777 | fs.ModeSticky), ErrDirNotOwn},
		{"a link to one of this user's", func(p string) error { return errors.Join(os.Mkdir(p+".real", 0o700), os.Symlink(p+".real", p)) }, nil},
		{"a file", func(p string) error { return os.WriteFile(p, nil, 0o600) }, syscall.ENOTDIR},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dir")
			if err := tt.make(path); err != nil {
				t.Fatal(err)
			}
			if err := MakeDir(path); !errors.Is(err, tt.want) {
				t.Errorf("MakeDir = %v, want %v", err, tt.want)
			}
		})
	}
}
