//go:build unix

package filewatch

import (
	"os"
	"syscall"
	"testing"
)

// A named pipe would keep whoever opens it until somebody writes.
func TestNamedPipe(t *testing.T) {
	watch(t, "one", func(_ *testing.T, w *watched) {
		w.must(os.Remove(w.path))
		w.must(syscall.Mkfifo(w.path, 0o600))
		w.after(inTime)
		w.expect("one", true, "ERROR read FILE: is not a regular file")
		w.write("two")
		w.after(inTime)
		w.expect("two", false, changedLine)
	})
}

// A device gives as much as is read.
func TestDevice(t *testing.T) {
	watch(t, "one", func(_ *testing.T, w *watched) {
		w.must(os.Remove(w.path))
		w.must(os.Symlink("/dev/zero", w.path))
		w.after(inTime)
		w.expect("one", true, "ERROR read FILE: is not a regular file")
		w.must(os.Remove(w.path))
		w.write("two")
		w.after(inTime)
		w.expect("two", false, changedLine)
	})
}
