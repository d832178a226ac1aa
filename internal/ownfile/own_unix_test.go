//go:build unix

package ownfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// info is a file of any owner: to make a real one takes root.
type info struct {
	fs.FileInfo
	sys  any
	mode fs.FileMode
}

func (i info) Sys() any          { return i.sys }
func (i info) Mode() fs.FileMode { return i.mode }

func TestIsOwn(t *testing.T) {
	me := uint32(os.Geteuid())
	for _, tt := range []struct {
		name string
		info info
		want bool
	}{
		{"mine alone", info{nil, &syscall.Stat_t{Uid: me}, 0o600}, true},
		{"mine alone, read only", info{nil, &syscall.Stat_t{Uid: me}, 0o400}, true},
		{"mine, read by the group", info{nil, &syscall.Stat_t{Uid: me}, 0o640}, false},
		{"mine, written by others", info{nil, &syscall.Stat_t{Uid: me}, 0o602}, false},
		{"mine, executed by others", info{nil, &syscall.Stat_t{Uid: me}, 0o601}, false},
		{"another's", info{nil, &syscall.Stat_t{Uid: me + 1}, 0o600}, false},
		{"nobody knows whose", info{nil, nil, 0o600}, false},
		{"a directory", info{nil, &syscall.Stat_t{Uid: me}, 0o600 | fs.ModeDir}, false},
		{"a named pipe", info{nil, &syscall.Stat_t{Uid: me}, 0o600 | fs.ModeNamedPipe}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := IsOwn(tt.info); got != tt.want {
				t.Errorf("IsOwn = %v, want %v", got, tt.want)
			}
		})
	}
}

// inTime fails the test where f waits for somebody.
func inTime(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting")
		return nil
	}
}

// To open a named pipe as usual would wait for its writer.
func TestNamedPipeIsNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func() error { _, err := Read(path, limit); return err }
	if err := inTime(t, read); !errors.Is(err, ErrNotOwn) {
		t.Errorf("Read = %v, want %v", err, ErrNotOwn)
	}
	// One that took the file's place after the first look.
	open := func() error {
		f, err := openPlain(path)
		if err == nil {
			defer f.Close()
			if info, statErr := f.Stat(); statErr != nil || IsOwn(info) {
				t.Errorf("the pipe is taken for a file: %v, %v", info, statErr)
			}
		}
		return err
	}
	if err := inTime(t, open); err != nil {
		t.Errorf("openPlain = %v", err)
	}
}

// A link that took the file's place after the first look is not followed.
func TestOpenFollowsNoLink(t *testing.T) {
	path := written(t, "x")
	if err := os.Symlink(path, path+".link"); err != nil {
		t.Fatal(err)
	}
	for _, flags := range []int{os.O_RDONLY | plain, LockFlags} {
		if f, err := os.OpenFile(path+".link", flags, 0o600); err == nil {
			f.Close()
			t.Errorf("flags %#x follow a link", flags)
		}
	}
	if f, err := openPlain(path); err != nil {
		t.Errorf("the file itself: %v", err)
	} else {
		f.Close()
	}
}
