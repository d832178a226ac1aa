//go:build unix

package ownfile

import (
	"io/fs"
	"os"
	"syscall"
)

// plain flags follow no symbolic link and, at a named pipe, wait for nobody.
const plain = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// LockFlags open or make a file to lock, for writing as some systems want it, that is
// then to be judged by [IsOwn]. Like Read they follow no link and wait for nobody.
const LockFlags = os.O_CREATE | os.O_RDWR | plain

func openPlain(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|plain, 0) }

// isOwn reports whether a file is this user's, and gives others none of the rights.
func isOwn(info fs.FileInfo, rights fs.FileMode) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&rights == 0
}
