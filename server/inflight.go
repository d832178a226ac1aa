package server

import "sync"

// inflight counts the calls that are being served, so that a stop can wait for
// them. The zero value is ready.
type inflight struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // not nil once somebody waits; closed when n is 0
}

func (f *inflight) enter() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
}

func (f *inflight) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n--
	f.settle()
}

// wait returns a channel that is closed when no call is being served. It is
// called once.
func (f *inflight) wait() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = make(chan struct{})
	f.settle()
	return f.idle
}

func (f *inflight) settle() {
	if f.n > 0 || f.idle == nil {
		return
	}
	select {
	case <-f.idle: // closed already; a late call came and went
	default:
		close(f.idle)
	}
}
