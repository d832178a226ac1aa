package audit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"mcp-resource-server/internal/namedfile"
)

var errNotRegular = errors.New("is not a regular file")

// file appends to the file at a path, whichever that is at the moment: what rotates it
// need not tell us.
type file struct {
	path string
	f    *os.File
	held os.FileInfo
	// lost is why the path could not be opened anew, nil where it could. Lines then go
	// on to the file that is held.
	lost error
}

func openFile(path string) (*file, error) {
	w := &file{path: path}
	if err := checkFile(path); err != nil {
		return nil, err
	}
	return w, w.open()
}

// checkFile refuses what is no place for lines, and makes nothing. To open a pipe
// would wait for its reader.
func checkFile(path string) error {
	if err := namedfile.CheckPath(path); err != nil {
		return err
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return checkPlace(path, maxLinks)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &os.PathError{Op: "open", Path: path, Err: errNotRegular}
	default:
		return nil
	}
}

// maxLinks is how many symbolic links lead to a file at most.
const maxLinks = 40

// checkPlace refuses a path at which no file can be made. A link that leads to nothing
// yet is followed, as it is when the file is made.
func checkPlace(path string, links int) error {
	if to, err := os.Readlink(path); err == nil && links > 0 {
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		return checkPlace(to, links-1)
	}
	return checkWritable(filepath.Dir(path))
}

// open opens or makes the file, and lets go of the one that was held.
func (w *file) open() error {
	// Appending is what makes the whole of a line land behind all others, also where
	// somebody else cuts the file to nothing (copytruncate).
	f, err := os.OpenFile(w.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	held, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return err
	}
	if w.f != nil {
		_ = w.f.Close() // each line was written, or failed, before
	}
	w.f, w.held = f, held
	return nil
}

// torn reports whether the file ends within a line: its last writer met a full disk,
// or died.
func (w *file) torn() bool {
	f, err := os.Open(w.path)
	if err != nil {
		return false // it may be ours to write and not to read
	}
	defer f.Close()
	last := make([]byte, 1)
	n, _ := f.ReadAt(last, w.held.Size()-1) // none in an empty file
	return n == 1 && last[0] != '\n'
}

// Write writes one line with one write. It looks at the path each time: a look now and
// then would write lines into a file that its mover has read to the end already.
func (w *file) Write(line []byte) (int, error) {
	if now, err := os.Stat(w.path); err != nil || !os.SameFile(now, w.held) {
		if w.lost = checkFile(w.path); w.lost == nil {
			w.lost = w.open()
		}
	} else {
		w.lost = nil
	}
	return w.f.Write(line)
}

func (w *file) Close() error { return w.f.Close() }
