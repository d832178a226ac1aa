package server

// place is room for one more session.
type place struct {
	table      *sessionTable
	owner      string
	streamable bool
	over       bool // a session has settled here, or the place was given up
}

// reserve makes room for one more session of owner. Where owner has as many as it may
// have, the one that it has not used for the longest time is closed first. It returns
// false where there are as many as there may be in total, or none of owner's can go.
func (t *sessionTable) reserve(owner string) (*place, bool) {
	displaced, ok := t.makeRoom(owner)
	if !ok {
		return nil, false
	}
	if displaced != nil {
		displaced.close() // first, so that there is never one too many
		t.log.Debug("a session was closed to make room for another of its owner")
	}
	return &place{table: t, owner: owner}, true
}

// makeRoom takes a place for name: a free one, or that of a session of its own, which
// is then to be closed.
func (t *sessionTable) makeRoom(name string) (displaced *session, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.owners[name]
	switch {
	case t.stopped:
		return nil, false
	case o != nil && o.places >= t.perOwner:
		if displaced = o.leastUsed(); displaced == nil {
			return nil, false
		}
		t.remove(displaced)
		return displaced, true
	case t.places >= t.max:
		return nil, false
	case o == nil:
		o = &owner{sessions: map[*session]struct{}{}}
		t.owners[name] = o
	}
	o.places++
	t.places++
	return nil, true
}

// leastUsed returns the longest idle session, where none is idle the one whose last
// request is the longest ago among those with nothing but a stream, and nil where each
// has a request under way: somebody waits for its answer.
func (o *owner) leastUsed() *session {
	var found *session
	for s := range o.sessions {
		if s.requests == 0 && (found == nil || s.lessUsed(found)) {
			found = s
		}
	}
	return found
}

func (s *session) lessUsed(than *session) bool {
	if (s.streams == 0) != (than.streams == 0) {
		return s.streams == 0
	}
	return s.last.Before(than.last)
}

// settle says that the session exists now. closeSession ends it, and returns when it
// has ended. It may be called for a session that has ended by itself.
func (p *place) settle(id string, closeSession func()) {
	t := p.table
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.over {
		return
	}
	p.over = true
	s := &session{id: id, owner: p.owner, streamable: p.streamable, close: closeSession}
	if t.stopped {
		go t.close(s)
		return
	}
	t.sessions[id] = s
	t.owners[p.owner].sessions[s] = struct{}{}
	t.touch(s)
}

// release gives up the place, unless a session has settled there.
func (p *place) release() {
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	if !p.over {
		p.over = true
		p.table.vacate(p.owner)
	}
}
