//go:build !unix

package oauthclient

import (
	"io/fs"
	"os"
)

func openPlain(path string) (*os.File, error) { return os.Open(path) }

const lockFlags = os.O_CREATE | os.O_RDONLY

// isOwn takes the word of the directory's owner: there are no modes here that would
// tell more.
func isOwn(fs.FileInfo, fs.FileMode) bool { return true }
