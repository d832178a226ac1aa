//go:build unix

package devstate

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedAndPrivate reports whether a file is this user's and no one else's.
func ownedAndPrivate(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0
}
