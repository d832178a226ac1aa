package namedfile

import (
	"os"
	"testing"
)

// A file that can be opened and not be read: nothing is mapped at the first byte of
// a process's memory.
func TestReadError(t *testing.T) {
	refused(t, "read FILE: input/output error", func(path string) error { return os.Symlink("/proc/self/mem", path) })
}
