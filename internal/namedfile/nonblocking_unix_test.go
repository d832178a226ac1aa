//go:build unix

package namedfile

import (
	"os"
	"syscall"
	"testing"
)

// A named pipe would keep whoever opens it until somebody writes.
func TestNamedPipe(t *testing.T) {
	refused(t, "read FILE: is not a regular file", func(path string) error { return syscall.Mkfifo(path, 0o600) })
}

// A device gives as much as is read.
func TestDevice(t *testing.T) {
	refused(t, "read FILE: is not a regular file", func(path string) error { return os.Symlink("/dev/zero", path) })
}
