package filewatch

import (
	"os"
	"testing"
)

// A file that can be opened and not be read: nothing is mapped at the first byte of
// a process's memory.
func TestReadError(t *testing.T) {
	watch(t, "one", func(_ *testing.T, w *watched) {
		w.must(os.Remove(w.path))
		w.must(os.Symlink("/proc/self/mem", w.path))
		w.after(inTime)
		w.expect("one", true, "ERROR read FILE: input/output error")
		w.must(os.Remove(w.path))
		w.write("two")
		w.after(inTime)
		w.expect("two", false, changedLine)
	})
}
