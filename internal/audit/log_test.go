package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// open opens a log without a file.
func open(t testing.TB, std, warnings io.Writer) *Log {
	t.Helper()
	l, err := Open(Config{Enabled: true}, std, slog.New(slog.NewTextHandler(warnings, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func entry(id int) Entry {
	return Entry{Time: time.Now(), RequestID: fmt.Sprint(id), Decision: Allowed, Result: "ok"}
}

func TestDisabled(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.log")
	l, err := Open(Config{File: file}, nil, nil)
	if l != nil || err != nil {
		t.Fatalf("%v, %v", l, err)
	}
	l.Write(entry(1)) // a nil Log takes everything
	l.Await(entry(1))
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

// writes counts the writes, and gives each to write.
type writes struct {
	n     int
	write func(b []byte) (int, error)
}

func (w *writes) Write(b []byte) (int, error) { w.n++; return w.write(b) }

// TestOneWriteEach: each line is one write, whole, also from many goroutines.
func TestOneWriteEach(t *testing.T) {
	var out bytes.Buffer
	std := &writes{write: func(b []byte) (int, error) {
		if bytes.Count(b, []byte("\n")) != 1 || !bytes.HasSuffix(b, []byte("\n")) {
			t.Errorf("not one line: %q", b)
		}
		return out.Write(b)
	}}
	l := open(t, std, io.Discard)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for j := range 20 {
				l.Write(entry(i*20 + j))
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, e := range readAll(t, out.String()) {
		seen[e.RequestID] = true
	}
	if len(seen) != 1000 || std.n != 1000 {
		t.Errorf("%d lines in %d writes", len(seen), std.n)
	}
}

// TestWriteFails: what cannot be written is counted in the log, once a minute and
// without its content, and the service goes on.
func TestWriteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, warnings bytes.Buffer
		full := false
		std := &writes{write: func(b []byte) (int, error) {
			if full {
				return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
			}
			return out.Write(b)
		}}
		l := open(t, std, &warnings)
		told := func(want ...string) {
			t.Helper()
			got := strings.Split(strings.TrimSpace(warnings.String()), "\n")
			warnings.Reset()
			for i, w := range want {
				if i >= len(got) || !strings.Contains(got[i], `level=ERROR msg="audit lines could not be written" `+w) {
					t.Errorf("the log has %q, want %q", got, want)
				}
			}
			if len(want) == 0 && got[0] != "" || len(want) > 0 && len(got) != len(want) {
				t.Errorf("the log has %q, want %q", got, want)
			}
		}
		e := entry(1)
		e.ClientID = "somebody"
		l.Write(e)
		told()
		full = true
		for range 3 {
			l.Write(e)
		}
		told(`count=1 error="write /dev/stdout: no space left on device"`)
		time.Sleep(warnEvery)
		l.Write(e)
		told(`count=3 error=`)
		l.Write(e)
		full = false
		l.Write(e)
		told()
		time.Sleep(warnEvery)
		l.Write(e) // there is room again: what is left is told all the same
		told(`count=1 error=`)
		full = true
		l.Write(e)
		told()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		told(`count=1 error=`)
		if n := len(readAll(t, out.String())); n != 3 {
			t.Errorf("%d lines were written, want 3", n)
		}
	})
}

// TestTornLine: a write that breaks off within a line spoils that line alone.
func TestTornLine(t *testing.T) {
	var out bytes.Buffer
	room := 1 << 20
	std := &writes{write: func(b []byte) (int, error) {
		n, _ := out.Write(b[:min(room, len(b))])
		if n < len(b) {
			return n, io.ErrShortWrite
		}
		return n, nil
	}}
	l := open(t, std, io.Discard)
	l.Write(entry(1))
	for _, room = range []int{20, 0} {
		l.Write(entry(2))
	}
	room = 1 << 20
	l.Write(entry(3))
	l.Write(entry(4))
	got := readAll(t, out.String())
	if len(got) != 3 || got[0].RequestID != "1" || got[1].RequestID != "3" || got[2].RequestID != "4" || strings.Contains(out.String(), "\n\n") {
		t.Errorf("%q", out.String())
	}
}

// TestClose: Close waits a moment for the lines that were announced, and writes what
// does not come as unfinished; each request has one line.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := open(t, &out, io.Discard)
		for i := range 4 {
			l.Await(entry(i))
		}
		l.Write(entry(0))
		go func() {
			time.Sleep(closeGrace / 2)
			l.Write(entry(1))
			time.Sleep(closeGrace)
			l.Write(entry(2)) // too late
		}()
		begin := time.Now()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != closeGrace {
			t.Errorf("it took %v", took)
		}
		time.Sleep(closeGrace)
		synctest.Wait()
		results := map[string]string{}
		for _, e := range readAll(t, out.String()) {
			results[e.RequestID] += e.Result
			if e.Result == Unfinished && e.Milliseconds != 1000 {
				t.Errorf("it took %v ms", e.Milliseconds)
			}
		}
		if fmt.Sprint(results) != "map[0:ok 1:ok 2:unfinished 3:unfinished]" {
			t.Error(results)
		}
	})
}

// TestCloseWaitsForNobody: where nothing is to come, Close is done at once, and so it
// is with the last line.
func TestCloseWaitsForNobody(t *testing.T) {
	for name, after := range map[string]time.Duration{"nothing": 0, "one": closeGrace / 4} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := open(t, io.Discard, io.Discard)
				if after > 0 {
					l.Await(entry(1))
					time.AfterFunc(after, func() { l.Write(entry(1)) })
				}
				begin := time.Now()
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				if took := time.Since(begin); took != after {
					t.Errorf("it took %v, want %v", took, after)
				}
			})
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	e := full()
	for _, mode := range []string{SubjectNone, SubjectHMAC} {
		for _, file := range []bool{false, true} {
			b.Run(fmt.Sprintf("subject=%s/file=%v", mode, file), func(b *testing.B) {
				c := Config{Enabled: true, Subject: mode}
				if mode == SubjectHMAC {
					c.HMACKeyFile = filepath.Join(b.TempDir(), "key")
					if err := os.WriteFile(c.HMACKeyFile, []byte(testKey), 0o600); err != nil {
						b.Fatal(err)
					}
				}
				if file {
					c.File = filepath.Join(b.TempDir(), "audit.log")
				}
				l, err := Open(c, io.Discard, slog.New(slog.DiscardHandler))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					l.Write(e)
				}
				if err := l.Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
