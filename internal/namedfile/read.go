// Package namedfile reads a file that somebody named in a setting or on a command
// line: it waits for nobody, and what stands where a name belongs and is none is never
// printed.
package namedfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

var (
	errNotRegular = errors.New("is not a regular file")
	// A file that is written in place is empty at first. What it held must not be
	// forgotten if the writer then takes its time, or ends.
	errEmpty = errors.New("is empty: where nothing is meant, write a comment")
)

// Read returns the content of a file that somebody configured, of at most limit
// bytes. It waits for nobody: a pipe, a terminal or a device in the file's place is
// refused, and so is an empty file.
func Read(path string, limit int64) ([]byte, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: path, Err: errNotRegular}
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, &os.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d KiB", limit>>10)}
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return nil, &os.PathError{Op: "read", Path: path, Err: errEmpty}
	}
	return content, nil
}
