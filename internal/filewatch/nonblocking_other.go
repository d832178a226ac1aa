//go:build !unix

package filewatch

// nonBlocking is nothing where the file system has no named pipes.
const nonBlocking = 0
