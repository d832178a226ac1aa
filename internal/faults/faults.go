// Package faults collects what is wrong with a configuration, each fault
// under the path of its key, so that an operator sees all of them at once.
package faults

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with one key.
type Fault struct {
	// Path is the dotted path of the key, such as "http.public_url".
	Path string
	// Message says what is expected. It MUST NOT hold the value of a secret.
	Message string
}

// List is every fault found in one pass, in the order in which they were found.
// The zero value is an empty list.
type List []Fault

// Add appends a fault for the key at path.
func (l *List) Add(path, format string, args ...any) {
	*l = append(*l, Fault{Path: path, Message: fmt.Sprintf(format, args...)})
}

// Under appends the faults of sub, whose paths are relative to prefix.
func (l *List) Under(prefix string, sub List) {
	for _, f := range sub {
		*l = append(*l, Fault{Path: prefix + "." + f.Path, Message: f.Message})
	}
}

// Err returns the list as an error, or nil where it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Error lists the faults, one to a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Path + ": " + f.Message
	}
	return strings.Join(lines, "\n")
}
