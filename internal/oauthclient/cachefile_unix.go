//go:build unix

package oauthclient

import (
	"io/fs"
	"os"
	"syscall"
)

// openPlain opens a file, and neither what a symbolic link points to nor, waiting for
// its writer, a named pipe.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// lockFlags open or make a lock, for writing as some systems want it, and like openPlain
// follow no link and wait for nobody.
const lockFlags = os.O_CREATE | os.O_RDWR | syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// isOwn tells whether a file is this user's, and gives others none of the rights.
func isOwn(info fs.FileInfo, rights fs.FileMode) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&rights == 0
}
