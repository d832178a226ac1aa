//go:build unix

package audit

import (
	"os"
	"syscall"
)

// checkWritable refuses a directory in which no file can be made (access(2): W_OK and
// X_OK).
func checkWritable(dir string) error {
	if err := syscall.Access(dir, 0o2|0o1); err != nil {
		return &os.PathError{Op: "access", Path: dir, Err: err}
	}
	return nil
}
