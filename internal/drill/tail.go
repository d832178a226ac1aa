package main

import (
	"strconv"
	"strings"
	"sync"
)

// maxTail is how much of a server's stderr is kept.
const maxTail = 16 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if excess := len(t.kept) - maxTail; excess > 0 {
		t.kept = append(t.kept[:0], t.kept[excess:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// residentBytes reads VmRSS out of the text of /proc/PID/status.
func residentBytes(status string) (int64, bool) {
	for line := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return 0, false
		}
		kilobytes, err := strconv.ParseInt(fields[0], 10, 53)
		if err != nil || kilobytes <= 0 {
			return 0, false
		}
		return kilobytes << 10, true
	}
	return 0, false
}
