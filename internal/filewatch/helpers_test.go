package filewatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	inTime   = 2 * time.Second // within which a change must be in use
	maxBytes = 2048
)

var errRefused = errors.New("line 1: begins with bad")

// watched is a file that is watched in a bubble.
type watched struct {
	*File
	t    *testing.T
	path string

	mu     sync.Mutex
	state  state
	logged bytes.Buffer
}

// state is what has come of the file so far.
type state struct {
	tried  int       // how often Use was called
	used   string    // what it took last
	usedAt time.Time // and when
}

func (w *watched) use(content []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.tried++
	if strings.HasPrefix(string(content), "bad") {
		return errRefused
	}
	w.state.used, w.state.usedAt = string(content), time.Now()
	return nil
}

// Write takes a line of the log.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logged.Write(p)
}

func (w *watched) now() state {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// watch runs f with a file of that content that is in use, and is looked at.
func watch(t *testing.T, content string, f func(*testing.T, *watched)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{t: t, path: filepath.Join(t.TempDir(), "file")}
		w.write(content)
		w.open()
		f(t, w)
	})
}

// open watches the file until the bubble ends.
func (w *watched) open() {
	w.t.Helper()
	var err error
	w.File, err = Open(Options{Path: w.path, MaxBytes: maxBytes, Use: w.use, Log: slog.New(slog.NewJSONHandler(w, nil))})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	w.t.Cleanup(func() { stop(); running.Wait() })
	synctest.Wait()
}

// write puts content in place at once, as a good editor does.
func (w *watched) write(content string) {
	w.t.Helper()
	w.must(os.WriteFile(w.path+".new", []byte(content), 0o600))
	w.must(os.Rename(w.path+".new", w.path))
}

func (w *watched) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// after lets time pass, and all looks be done that fall due in it.
func (w *watched) after(d time.Duration) {
	time.Sleep(d) // of the bubble
	synctest.Wait()
}

// lines returns the level and the message, or the error, of each line logged
// since it was last asked.
func (w *watched) lines() []string {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := []string{}
	for dec := json.NewDecoder(&w.logged); dec.More(); {
		var line struct{ Level, Msg, Error, File string }
		w.must(dec.Decode(&line))
		if line.File != w.path {
			w.t.Errorf("a line is about the file %q", line.File)
		}
		text := line.Level + " " + line.Msg
		if line.Error != "" {
			text = line.Level + " " + strings.ReplaceAll(line.Error, w.path, "FILE")
		}
		lines = append(lines, text)
	}
	return lines
}

// expect says what must be in use, whether the file is broken, and what was logged
// since the last time.
func (w *watched) expect(used string, broken bool, logged ...string) {
	w.t.Helper()
	if got := w.now().used; got != used {
		w.t.Errorf("%q is in use, want %q", got, used)
	}
	if w.Broken() != broken {
		w.t.Errorf("broken %v, want %v", w.Broken(), broken)
	}
	if got := w.lines(); strings.Join(got, "\n") != strings.Join(logged, "\n") {
		w.t.Errorf("logged %q, want %q", got, logged)
	}
}
