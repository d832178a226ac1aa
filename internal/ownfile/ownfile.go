package ownfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors to branch on. A file that is not there is an [fs.ErrNotExist].
var (
	// ErrNotOwn is a file that others have a right to, or no plain file: a symbolic
	// link, a directory, a named pipe.
	ErrNotOwn = errors.New("the file is not this user's own")
	// ErrTooLarge is a file with more content than was asked for.
	ErrTooLarge = errors.New("the file is too large")
	// ErrDirNotOwn is a directory in which others could put files of their own in the
	// place of ours, or older ones of ours in the place of newer ones.
	ErrDirNotOwn = errors.New("the directory is not this user's own, or others may write to it")
)

const (
	anyRight   fs.FileMode = 0o077
	writeRight fs.FileMode = 0o022
)

// Read returns the content of a file that nobody but this user can have written or
// read, of at most limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	// Before Open, for an answer that is the same on every system. The one that counts
	// is that about what was opened.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, ErrNotOwn
	}
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat() // of what was opened, not of what now has the name
	if err != nil {
		return nil, err
	}
	if !IsOwn(info) {
		return nil, ErrNotOwn
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, ErrTooLarge
	}
	return data, nil
}

// IsOwn reports whether a file is a plain one that nobody but this user has any right
// to.
func IsOwn(info fs.FileInfo) bool { return info.Mode().IsRegular() && isOwn(info, anyRight) }

// Write puts data into the file at path, whose directory must be there. Whoever reads
// it finds the old content or the new one, never a part, also after a power failure.
// CreateTemp makes a file of mode 0600, and a rename puts it in the place of the old
// one, whatever that was: a symbolic link is replaced, not followed.
func Write(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync() // a rename may reach the disk before what was written
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}

// MakeDir makes the directory, for this user alone, with those above it that are
// missing. One that is there already may be readable by others.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("looking at the directory: %w", err)
	}
	if !info.IsDir() || !isOwn(info, writeRight) {
		return ErrDirNotOwn
	}
	return nil
}
