package filewatch

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/namedfile"
)

// The lines that a File logs.
const (
	changedLine  = "INFO a changed file is in use"
	backLine     = "INFO a file is back as it was"
	refusedLine  = "ERROR line 1: begins with bad"
	restlessLine = "ERROR changes all the time: no two looks have seen the same content"
	emptyLine    = "ERROR read FILE: is empty: where nothing is meant, write a comment"
	goneLine     = "ERROR open FILE: no such file or directory"
)

// Each way in which a file changes is seen, and in time.
func TestChangesAreUsed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *watched)
	}{
		{"renamed into place", func(w *watched) { w.write("two") }},
		{"rewritten in place", func(w *watched) { w.must(os.WriteFile(w.path, []byte("two"), 0o600)) }},
		{"removed and made again", func(w *watched) {
			w.must(os.Remove(w.path))
			w.must(os.WriteFile(w.path, []byte("two"), 0o600))
		}},
		{"of the same size, inode and time", func(w *watched) {
			was, err := os.Stat(w.path)
			w.must(err)
			w.must(os.WriteFile(w.path, []byte("two"), 0o600))
			w.must(os.Chtimes(w.path, was.ModTime(), was.ModTime()))
		}},
		{"made a symbolic link", func(w *watched) {
			w.must(os.WriteFile(w.path+".target", []byte("two"), 0o600))
			w.must(os.Remove(w.path))
			w.must(os.Symlink("file.target", w.path))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			watch(t, "one", func(_ *testing.T, w *watched) {
				w.after(1700 * time.Millisecond) // somewhere between two looks
				w.expect("one", false)
				changed := time.Now()
				tt.change(w)
				w.after(inTime)
				w.expect("two", false, changedLine)
				if took := w.now().usedAt.Sub(changed); took > inTime {
					w.t.Errorf("in use after %v, want at most %v", took, inTime)
				}
				w.after(time.Minute)
				w.expect("two", false)
				if tried := w.now().tried; tried != 2 {
					w.t.Errorf("tried %d times, want 2", tried)
				}
			})
		})
	}
}

// Kubernetes mounts a ConfigMap as links: FILE → ..data/file, ..data → a directory
// of its own for each version. An update swaps ..data; FILE is never touched.
func TestKubernetesSymlinkSwap(t *testing.T) {
	watch(t, "one", func(t *testing.T, w *watched) {
		dir := t.TempDir()
		publish := func(version, content string) {
			w.must(os.Mkdir(filepath.Join(dir, version), 0o700))
			w.must(os.WriteFile(filepath.Join(dir, version, "file"), []byte(content), 0o600))
			w.must(os.Symlink(version, filepath.Join(dir, "..data_tmp")))
			w.must(os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
		}
		publish("..v1", "one")
		w.must(os.Remove(w.path))
		w.must(os.Symlink(filepath.Join(dir, "..data", "file"), w.path))
		w.after(inTime)
		w.expect("one", false) // the same content is no change

		publish("..v2", "two")
		w.must(os.RemoveAll(filepath.Join(dir, "..v1")))
		w.after(inTime)
		w.expect("two", false, changedLine)

		publish("..v3", "bad")
		w.after(inTime)
		w.expect("two", true, refusedLine)

		publish("..v4", "three")
		w.after(inTime)
		w.expect("three", false, changedLine)
	})
}

// A file that is written slowly is used when it is whole, never half.
func TestHalfWrittenFile(t *testing.T) {
	watch(t, "one", func(t *testing.T, w *watched) {
		file, err := os.Create(w.path) // truncated
		w.must(err)
		defer file.Close()
		for range 20 {
			_, err := file.WriteString("two")
			w.must(err)
			w.after(interval)
		}
		w.expect("one", false)
		w.after(inTime)
		w.expect(strings.Repeat("two", 20), false, changedLine)
		if tried := w.now().tried; tried != 2 {
			t.Errorf("tried %d times, want 2", tried)
		}
	})
}

// A file that is truncated takes nothing away, however long its writer needs.
func TestEmptyFile(t *testing.T) {
	watch(t, "one", func(_ *testing.T, w *watched) {
		w.after(interval / 2)
		w.must(os.Truncate(w.path, 0))
		w.after(interval)
		w.write("one")
		w.after(inTime)
		w.expect("one", false)

		w.must(os.Truncate(w.path, 0))
		w.after(inTime)
		w.expect("one", true, emptyLine)
		w.write(" \n\t")
		w.after(inTime)
		w.expect("one", true)
		w.write("one")
		w.after(inTime)
		w.expect("one", false, backLine)
	})
}

// Two contents that each last for one look are two half files, not one whole.
func TestAlternatingFile(t *testing.T) {
	watch(t, "one", func(_ *testing.T, w *watched) {
		w.after(interval / 2)
		for range 20 {
			w.write("two")
			w.after(interval)
			w.write("three")
			w.after(interval)
		}
		w.expect("one", true, restlessLine)
		w.write("one")
		w.after(inTime)
		w.expect("one", false, backLine)
		for range 10 { // back and forth: what comes between two looks at "two" counts
			w.write("two")
			w.after(interval)
			w.write("one")
			w.after(interval)
		}
		w.expect("one", false)
		w.write("two")
		w.after(interval)
		w.must(os.Remove(w.path))
		w.after(interval)
		w.write("two")
		w.after(interval)
		w.expect("one", false) // gone for one look: it was being replaced
		w.after(interval)
		w.expect("two", false, changedLine)
	})
}

// A file that comes back as it was mends the fault, without being used anew.
func TestRemovedAndBack(t *testing.T) {
	watch(t, "one", func(t *testing.T, w *watched) {
		w.must(os.Remove(w.path))
		w.after(inTime)
		w.expect("one", true, goneLine)
		w.after(time.Minute)
		w.expect("one", true)

		w.write("one")
		w.after(inTime)
		w.expect("one", false, backLine)
		if tried := w.now().tried; tried != 1 {
			t.Errorf("tried %d times, want 1", tried)
		}

		w.must(os.Remove(w.path))
		w.after(inTime)
		w.expect("one", true, goneLine)
		w.write("two")
		w.after(inTime)
		w.expect("two", false, changedLine)
	})
}

// What Use refuses is tried and logged once, and what was good stays.
func TestRefusedContent(t *testing.T) {
	watch(t, "one", func(t *testing.T, w *watched) {
		w.write("bad")
		w.after(inTime)
		w.expect("one", true, refusedLine)
		w.after(time.Minute)
		w.expect("one", true)
		if tried := w.now().tried; tried != 2 {
			t.Errorf("tried %d times, want 2", tried)
		}

		// The same fault in another content is no news.
		w.write("bad, too")
		w.after(inTime)
		w.expect("one", true)

		// Gone and back: it is as broken as it was.
		w.must(os.Remove(w.path))
		w.after(inTime)
		w.expect("one", true, goneLine)
		w.write("bad, too")
		w.after(inTime)
		w.expect("one", true, refusedLine)
		if tried := w.now().tried; tried != 3 {
			t.Errorf("tried %d times, want 3", tried)
		}

		// What was good before is tried again: a mended file may be the old one.
		w.write("one")
		w.after(inTime)
		w.expect("one", false, changedLine)

		// Newly broken is news again.
		w.write("bad")
		w.after(inTime)
		w.expect("one", true, refusedLine)
		w.write("two")
		w.after(inTime)
		w.expect("two", false, changedLine)
	})
}

// unreadable are the ways in which there is no file to be read.
func unreadable() map[string]func(t *testing.T, path string) (want string) {
	return map[string]func(*testing.T, string) string{
		"missing": func(*testing.T, string) string { return "open FILE: no such file or directory" },
		"a directory": func(t *testing.T, path string) string {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			return "read FILE: is not a regular file"
		},
		"a link to itself": func(t *testing.T, path string) string {
			if err := os.Symlink(path, path); err != nil {
				t.Fatal(err)
			}
			return "open FILE: too many levels of symbolic links"
		},
		"a link to nothing": func(t *testing.T, path string) string {
			if err := os.Symlink(path+".none", path); err != nil {
				t.Fatal(err)
			}
			return "open FILE: no such file or directory"
		},
		"too large": func(t *testing.T, path string) string {
			if err := os.WriteFile(path, make([]byte, maxBytes+1), 0o600); err != nil {
				t.Fatal(err)
			}
			return "read FILE: larger than 2 KiB"
		},
	}
}

func TestUnreadable(t *testing.T) {
	for name, put := range unreadable() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			want := put(t, path)
			_, err := Open(Options{Path: path, MaxBytes: maxBytes, Use: func([]byte) error {
				t.Error("it is used")
				return nil
			}, Log: slog.New(slog.DiscardHandler)})
			if err == nil || strings.ReplaceAll(err.Error(), path, "FILE") != want {
				t.Errorf("error %v, want %s", err, want)
			}

			watch(t, "one", func(t *testing.T, w *watched) {
				w.must(os.Remove(w.path))
				put(t, w.path)
				w.after(inTime)
				w.expect("one", true, "ERROR "+want)
				w.after(time.Minute)
				w.expect("one", true)
				w.must(os.RemoveAll(w.path))
				// The twin: a file that is just within the bound.
				w.write(strings.Repeat("x", maxBytes))
				w.after(inTime)
				w.expect(strings.Repeat("x", maxBytes), false, changedLine)
			})
		})
	}
}

func TestOpenRefusedContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("bad"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t}
	_, err := Open(Options{Path: path, MaxBytes: maxBytes, Use: w.use, Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, errRefused) || err.Error() != path+": "+errRefused.Error() {
		t.Errorf("error %v", err)
	}
	_, err = Open(Options{Path: path + ".none", MaxBytes: maxBytes, Use: w.use, Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one that says that there is none", err)
	}
}

// A content where the path belongs is neither tried nor printed: not by the error, and
// not by the log.
func TestOpenContent(t *testing.T) {
	var logged bytes.Buffer
	_, err := Open(Options{Path: "mcprs_AAAA", MaxBytes: maxBytes, Use: func([]byte) error {
		t.Error("it is used")
		return nil
	}, Log: slog.New(slog.NewJSONHandler(&logged, nil))})
	if !errors.Is(err, namedfile.ErrContent) || err.Error() != "the content stands where the file's name belongs" {
		t.Errorf("error %v", err)
	}
	if logged.Len() > 0 {
		t.Errorf("logged %s", &logged)
	}
}
