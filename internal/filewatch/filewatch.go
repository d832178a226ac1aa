// Package filewatch reads a small file again whenever it changes, until the
// program ends.
//
// It looks at the content twice a second instead of asking the system to tell:
// that sees every way in which files change, also the symbolic links that
// Kubernetes swaps, network file systems, and a write within one tick of the
// file's clock. A change counts when two looks in a row have seen it, so that a
// file that is being written is not read half; and an empty file is a fault.
package filewatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"mcp-resource-server/internal/namedfile"
)

// maxChanges is after how many looks a file that is another at each is a fault:
// no writer of a small file takes a quarter of a minute.
const maxChanges = 30

var errRestless = errors.New("changes all the time: no two looks have seen the same content")

// interval is the time between two looks: a change is used within two of them,
// and the time that it takes.
const interval = 500 * time.Millisecond

// Options are what a File is made of. All are required.
type Options struct {
	// Path is the file's; a symbolic link is followed anew at each look.
	Path string
	// MaxBytes bounds the content.
	MaxBytes int64
	// Use takes over the content, and MUST NOT change it. After an error what it took
	// before stays; the error's text is logged, and MUST NOT quote the content. Open
	// and Run call it, once for each change.
	Use func(content []byte) error
	// Log is told of changes and faults, each once.
	Log *slog.Logger
}

// File is a file that is watched.
type File struct {
	o       Options
	given   []byte // what Use was given last
	refused error  // what Use said of it, nil where it is in use
	// seen is the content of the last look where it was another; waiting says that
	// there is one.
	seen    []byte
	waiting bool
	changes int  // how many looks in a row have seen another content each
	failing bool // the last look could not read it
	fault   atomic.Pointer[string]
}

// Open reads the file and uses it. It fails where either does.
func Open(o Options) (*File, error) {
	content, err := namedfile.Read(o.Path, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	if err := o.Use(content); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return &File{o: o, given: content}, nil
}

// Broken reports whether the file, as it is now, cannot be used.
func (f *File) Broken() bool { return f.fault.Load() != nil }

// Run watches until ctx is done. It is called once.
func (f *File) Run(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.look()
		}
	}
}

func (f *File) look() {
	content, err := namedfile.Read(f.o.Path, f.o.MaxBytes)
	failed := f.failing
	f.failing = err != nil
	switch {
	case err != nil:
		f.forget()
		if failed { // once is a file that is just being replaced
			f.fail(err)
		}
	case bytes.Equal(content, f.given):
		f.forget()
		f.returned()
	case !f.waiting || !bytes.Equal(content, f.seen):
		f.seen, f.waiting = content, true
		if f.changes++; f.changes > maxChanges {
			f.fail(errRestless)
		}
	default:
		f.forget()
		f.give(content)
	}
}

// forget drops what only one look has seen.
func (f *File) forget() { f.seen, f.waiting, f.changes = nil, false, 0 }

// give tries a content that is new.
func (f *File) give(content []byte) {
	f.given, f.refused = content, f.o.Use(content)
	if f.refused != nil {
		f.fail(f.refused)
		return
	}
	f.fault.Store(nil)
	f.o.Log.Info("a changed file is in use", "file", f.o.Path)
}

// returned judges a file that is as it was: it may have been gone in between.
func (f *File) returned() {
	if f.refused != nil {
		f.fail(f.refused)
		return
	}
	if f.fault.Swap(nil) != nil {
		f.o.Log.Info("a file is back as it was", "file", f.o.Path)
	}
}

// fail logs a fault that is not the one of the last look.
func (f *File) fail(err error) {
	text := err.Error()
	if old := f.fault.Swap(&text); old == nil || *old != text {
		f.o.Log.Error("a file cannot be used; what was read before stays", "file", f.o.Path, "error", text)
	}
}
