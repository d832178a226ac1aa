//go:build !unix

package namedfile

// nonBlocking is nothing where the file system has no named pipes.
const nonBlocking = 0
