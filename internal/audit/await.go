package audit

import (
	"errors"
	"time"
)

// Unfinished is the result of what had not ended when the log was closed.
const Unfinished = "unfinished"

// closeGrace is how long Close waits for the lines that are to come.
const closeGrace = time.Second

// Await says that the line of a request is to come. If the log is closed before, Close
// writes e, with the result [Unfinished].
func (l *Log) Await(e Entry) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.awaited[e.RequestID] = e
}

// arrived notes that nothing more is to come of a request.
func (l *Log) arrived(requestID string) {
	delete(l.awaited, requestID)
	l.settle()
}

func (l *Log) settle() {
	if l.idle != nil && len(l.awaited) == 0 {
		close(l.idle)
		l.idle = nil
	}
}

// errUnread says that a line was still being written when the log was to be closed.
var errUnread = errors.New("audit lines were lost: whoever is to read them does not")

// Close waits a moment for the lines that are to come, writes those that do not as
// unfinished, and closes the file, if there is one. Where no line is written for a while
// it gives up: a stop MUST NOT wait for who may never read. It is called once.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- l.close() }()
	for last := l.lines.Load(); ; {
		select {
		case err := <-closed:
			return err
		case <-time.After(2 * closeGrace):
		}
		lines := l.lines.Load()
		if lines == last {
			return errUnread
		}
		last = lines
	}
}

func (l *Log) close() error {
	l.mu.Lock()
	idle := make(chan struct{})
	l.idle = idle
	l.settle()
	l.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(closeGrace):
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, e := range l.awaited {
		e.Result, e.Milliseconds = Unfinished, Lasted(time.Since(e.Time))
		l.write(e)
	}
	l.warn(time.Now().Add(warnEvery)) // what has not been told yet
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
