package audit

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// warnEvery bounds how often the log is told of one trouble.
	warnEvery = time.Minute
	// stuckAfter is how long one write may take before the log is told of it.
	stuckAfter = 5 * time.Second
	// keepBuffer is the largest buffer that is kept from line to line.
	keepBuffer = 64 << 10
)

// Log writes entries. A nil Log writes none. It is safe for concurrent use.
type Log struct {
	log *slog.Logger

	mu      sync.Mutex
	out     io.Writer
	file    *file // out, where it is a file of ours
	subject pseudonym
	buf     []byte
	torn    bool // the last write broke off within a line
	failed  trouble
	moved   trouble
	awaited map[string]Entry // by request id
	closed  bool
	idle    chan struct{} // not nil once Close waits; closed when nothing is awaited
	stuck   *time.Timer   // runs while a line is being written
	lines   atomic.Uint64 // that were written, or failed
}

// Open returns the log that c asks for, nil where it asks for none. std takes the
// lines where no file is named; log is told of lines that could not be written.
func Open(c Config, std io.Writer, log *slog.Logger) (*Log, error) {
	if !c.Enabled {
		return nil, nil
	}
	subject, err := newPseudonym(c)
	if err != nil {
		return nil, err
	}
	l := &Log{log: log, out: std, subject: subject, awaited: map[string]Entry{}}
	var told atomic.Int64 // when, in Unix time
	l.stuck = time.AfterFunc(stuckAfter, func() {
		if now := time.Now().Unix(); now-told.Load() < int64(warnEvery/time.Second) {
			return
		}
		told.Store(time.Now().Unix())
		log.Error("an audit line is held up, and every request with it: whoever is to read the lines does not", "for", stuckAfter)
	})
	l.stuck.Stop()
	if c.File != "" {
		if l.file, err = openFile(c.File); err != nil {
			return nil, fmt.Errorf("audit.file: %w", err)
		}
		l.out, l.torn = l.file, l.file.torn()
	}
	return l, nil
}

// Check says whether Open would succeed, and makes no file.
func Check(c Config) error {
	if !c.Enabled {
		return nil
	}
	if _, err := newPseudonym(c); err != nil {
		return err
	}
	if c.File == "" {
		return nil
	}
	if err := checkFile(c.File); err != nil {
		return fmt.Errorf("audit.file: %w", err)
	}
	f, err := os.OpenFile(c.File, os.O_APPEND|os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return nil // it will be made
	}
	if err != nil {
		return fmt.Errorf("audit.file: %w", err)
	}
	return f.Close()
}

// Write appends one line, whole, before it returns. A line that cannot be written is
// lost, and counted in the log: a full disk MUST NOT end the service.
func (l *Log) Write(e Entry) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrived(e.RequestID)
	if l.closed {
		return // Close wrote what it knew of it
	}
	l.write(e)
	l.warn(time.Now())
}

// write appends one line.
func (l *Log) write(e Entry) {
	e.Subject = l.subject.of(e.Issuer, e.Subject)
	b := l.buf[:0]
	if l.torn {
		b = append(b, '\n') // so that this line is no part of the torn one
	}
	b = e.appendLine(b)
	l.stuck.Reset(stuckAfter)
	n, err := l.out.Write(b)
	l.stuck.Stop()
	l.lines.Add(1)
	if err != nil {
		l.torn = n > 0 && n < len(b) || l.torn && n == 0
		l.failed.count(err)
	} else {
		l.torn = false
	}
	if l.file != nil && l.file.lost != nil {
		l.moved.count(l.file.lost)
	}
	if l.buf = b; cap(b) > keepBuffer {
		l.buf = nil
	}
}

// warn tells the log of what went wrong, now and then, and never what the line was.
func (l *Log) warn(now time.Time) {
	if n, err := l.failed.due(now); n > 0 {
		l.log.Error("audit lines could not be written", "count", n, "error", err)
	}
	if n, err := l.moved.due(now); n > 0 {
		l.log.Error("audit.file cannot be opened anew; audit lines go on to the file that it was", "count", n, "error", err)
	}
}

// trouble counts what went wrong until it is told of.
type trouble struct {
	n    int
	err  error
	told time.Time
}

func (t *trouble) count(err error) { t.n, t.err = t.n+1, err }

// due returns what is to be told of now, and forgets it.
func (t *trouble) due(now time.Time) (int, error) {
	if t.n == 0 || now.Sub(t.told) < warnEvery {
		return 0, nil
	}
	n := t.n
	t.n, t.told = 0, now
	return n, t.err
}
