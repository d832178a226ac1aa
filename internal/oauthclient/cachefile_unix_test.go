//go:build unix

package oauthclient

import (
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
	tests := []struct {
		name string
		info info
		want bool
	}{
		{"mine alone", info{nil, &syscall.Stat_t{Uid: me}, 0o600}, true},
		{"mine, read by the group", info{nil, &syscall.Stat_t{Uid: me}, 0o640}, false},
		{"mine, executed by others", info{nil, &syscall.Stat_t{Uid: me}, 0o601}, false},
		{"another's", info{nil, &syscall.Stat_t{Uid: me + 1}, 0o600}, false},
		{"nobody knows whose", info{nil, nil, 0o600}, false},
	}
	for _, tt := range tests {
		if got := isOwn(tt.info, 0o077); got != tt.want {
			t.Errorf("%s: isOwn = %v", tt.name, got)
		}
	}
}

// To open a named pipe would wait for its writer.
func TestNamedPipeIsNotWaitedFor(t *testing.T) {
	c, path := stored(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := c.load(testKey, need{})
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || err.Error() != "token cache: the file is not this user's own" {
			t.Errorf("the pipe was taken for a file: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting")
	}
}

func TestWriteReplacesALink(t *testing.T) {
	c, path := stored(t)
	target := filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(target, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if err := c.store(testKey, newHeld(testToken, wish{}, nil, testTime)); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(target); err != nil || string(content) != "mine" {
		t.Errorf("the link was followed: %q, %v", content, err)
	}
	if h, err := c.load(testKey, need{}); err != nil || h == nil {
		t.Errorf("load = %v, %v", h, err)
	}
}
