//go:build unix

package namedfile

import "syscall"

// nonBlocking keeps the opening of a named pipe from waiting for its writer.
const nonBlocking = syscall.O_NONBLOCK
