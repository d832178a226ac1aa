//go:build unix

package oauthclient

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

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

// The lock is on a file of our own, or there is none; nobody waits for what is odd.
func TestOddLock(t *testing.T) {
	tests := []struct {
		name string
		make func(path string) error
		want string
	}{
		{"nothing: it is made", func(string) error { return nil }, ""},
		{"a file of ours", func(path string) error { return os.WriteFile(path, nil, 0o600) }, ""},
		{"a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }, "token cache: the lock is not this user's own file"},
		{"a file that others may read", func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o604))
		}, "token cache: the lock is not this user's own file"},
		{"a symbolic link", func(path string) error {
			return errors.Join(os.WriteFile(path+".target", nil, 0o600), os.Symlink(path+".target", path))
		}, "token cache: locking: "},
		{"a directory", func(path string) error { return os.Mkdir(path, 0o700) }, "token cache: locking: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, path := stored(t)
			if err := errors.Join(os.Remove(path+".lock"), tt.make(path+".lock")); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				unlock, err := c.lock(t.Context(), testKey)
				if err == nil {
					unlock()
				}
				done <- err
			}()
			select {
			case err := <-done:
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
					t.Errorf("lock: %v, want %q", err, tt.want)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("still waiting")
			}
		})
	}
}
