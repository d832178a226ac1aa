package oauthclient

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// readOwn reads a file that nobody but this user can have written or read.
func readOwn(path string) ([]byte, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadCache, err)
	}
	defer f.Close()
	info, err := f.Stat() // of what was opened, not of what now has the name
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadCache, err)
	}
	if !isOwnFile(info) {
		return nil, fmt.Errorf("%w: the file is not this user's own", errBadCache)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxCacheBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadCache, err)
	}
	if len(data) > maxCacheBytes {
		return nil, fmt.Errorf("%w: the file is too large", errBadCache)
	}
	return data, nil
}

// isOwnFile tells whether a file is one that nobody but this user has any right to.
func isOwnFile(info fs.FileInfo) bool { return info.Mode().IsRegular() && isOwn(info, 0o077) }

// writeOwn puts data into the file at path, whole at every moment and never readable by
// others: CreateTemp makes a file of mode 0600, and a rename puts it in the place of the
// old one, whatever that was. A symbolic link is replaced, not followed.
func writeOwn(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".token-*")
	if err != nil {
		return fmt.Errorf("%w: %w", errBadCache, err)
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("%w: %w", errBadCache, err)
	}
	return nil
}

// makeOwnDir makes the directory, and refuses one in which others could put files of
// their own in the place of ours.
func makeOwnDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: %w", errBadCache, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", errBadCache, err)
	}
	if !info.IsDir() || !isOwn(info, 0o022) {
		return fmt.Errorf("%w: the directory is not this user's own, or others may write to it", errBadCache)
	}
	return nil
}
