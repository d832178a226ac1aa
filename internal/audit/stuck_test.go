package audit

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// lockedBuffer is a buffer for a log that several goroutines write to.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestCloseDoesNotWaitForAReader: a reader that does not read holds lines up, and with
// them requests, but no stop; and the log is told why nothing moves.
func TestCloseDoesNotWaitForAReader(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		reads bool
		want  error
	}{
		{"a reader that does not read", false, errUnread},
		{"one that does", true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reader, writer := io.Pipe()
			logs := &lockedBuffer{}
			l, err := Open(DefaultConfig(), writer, slog.New(slog.NewTextHandler(logs, nil)))
			if err != nil {
				t.Fatal(err)
			}
			if tt.reads {
				go func() { _, _ = io.Copy(io.Discard, reader) }()
			}
			written := make(chan struct{})
			go func() {
				defer close(written)
				l.Write(full())
			}()
			if tt.reads {
				<-written
			} else {
				for deadline := time.Now().Add(20 * time.Second); !strings.Contains(logs.String(), "is held up"); time.Sleep(10 * time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatal("the log is not told")
					}
				}
			}
			begun := time.Now()
			if err := l.Close(); !errors.Is(err, tt.want) {
				t.Errorf("closing: %v, want %v", err, tt.want)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("closing took %v", took)
			}
			if strings.Contains(logs.String(), "is held up") == tt.reads {
				t.Errorf("the log says %q", logs)
			}
			_ = reader.Close()
			<-written
		})
	}
}

// slowWriter takes its time, and writes.
type slowWriter struct {
	lockedBuffer
	each time.Duration
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.each)
	return w.lockedBuffer.Write(p)
}

// TestCloseWaitsForASlowReader: as long as lines are written, all of them are.
func TestCloseWaitsForASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 50
		w := &slowWriter{each: 900 * time.Millisecond}
		l, err := Open(DefaultConfig(), w, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for i := range lines {
			e := full()
			e.RequestID = strconv.Itoa(i)
			l.Await(e)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if n := strings.Count(w.String(), Unfinished); n != lines {
			t.Errorf("%d lines of %d", n, lines)
		}
	})
}

// TestCheckFindsWhatOpenWould: where the file is not there yet, the place for it counts.
func TestCheckFindsWhatOpenWould(t *testing.T) {
	dir := t.TempDir()
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	link := func(name, to string) string {
		at := filepath.Join(dir, name)
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tt := range []struct {
		name, path string
		want       error // nil: good
		anybody    bool  // also for root
	}{
		{"a file that will be made", filepath.Join(dir, "a.jsonl"), nil, true},
		{"a link to one", link("good", "b.jsonl"), nil, true},
		{"no directory", filepath.Join(dir, "none", "a.jsonl"), syscall.ENOENT, true},
		{"a link into none", link("dangling", "none/b.jsonl"), syscall.ENOENT, true},
		{"a directory that is not ours to write", filepath.Join(closed, "a.jsonl"), syscall.EACCES, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if os.Getuid() == 0 && !tt.anybody {
				want = nil // root writes everywhere
			}
			c := DefaultConfig()
			c.File = tt.path
			checked := Check(c)
			if !errors.Is(checked, want) {
				t.Errorf("checked: %v, want %v", checked, want)
			}
			l, opened := Open(c, io.Discard, slog.New(slog.DiscardHandler))
			if (opened == nil) != (checked == nil) {
				t.Errorf("opened: %v, checked: %v", opened, checked)
			}
			if err := l.Close(); opened == nil && err != nil {
				t.Error(err)
			}
		})
	}
}
