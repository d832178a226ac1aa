//go:build !unix

package devstate

import "io/fs"

// ownedAndPrivate takes the word of the user's own cache directory: there are no
// modes here that would tell more.
func ownedAndPrivate(fs.FileInfo) bool { return true }
