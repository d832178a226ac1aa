package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// updateInterval is how often clients are told of changes of one resource at most.
const updateInterval = 100 * time.Millisecond

// watches are the resources that are being watched.
type watches struct {
	running map[string]*watch // by URI
	ending  []*watch          // of generations before
}

// watch is one resource that is being watched.
type watch struct {
	resource tools.Resource
	stop     context.CancelFunc
	ended    chan struct{}
}

// watch goes over to watching these resources; the caller holds s.install. What stays the
// same value is watched on. Another value under the same URI begins before the old one
// ends, and clients are told to look: what it holds may be another.
func (s *Server) watch(resources []tools.Resource) {
	before := s.watches
	now := watches{running: map[string]*watch{}}
	for _, r := range resources {
		if !r.Watched() {
			continue
		}
		w := before.running[r.URI()]
		if w == nil || !w.resource.WatchedAs(r) {
			w = s.startWatch(r, w != nil)
		}
		now.running[r.URI()] = w
	}
	for _, w := range before.ending {
		if !w.over() {
			now.ending = append(now.ending, w)
		}
	}
	for uri, w := range before.running {
		if now.running[uri] != w {
			w.stop()
			now.ending = append(now.ending, w)
		}
	}
	s.watches = now
}

// startWatch watches r until the server is told to stop. changed says that it is to be
// told of at once.
func (s *Server) startWatch(r tools.Resource, changed bool) *watch {
	ctx, stop := context.WithCancel(s.draining)
	w := &watch{resource: r, stop: stop, ended: make(chan struct{})}
	news := make(chan struct{}, 1)
	tell := func() {
		select {
		case news <- struct{}{}:
		default: // it is to be told of already
		}
	}
	if changed {
		tell()
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		s.tellUpdates(ctx, r.URI(), news)
	}()
	go func() {
		defer close(w.ended)
		s.runWatch(ctx, r, tell)
		<-told
	}()
	return w
}

// runWatch runs the resource's own function. It is not run again: one that fails at
// once would do nothing else.
func (s *Server) runWatch(ctx context.Context, r tools.Resource, tell func()) {
	err := r.Watch(ctx, tell)
	switch {
	case err != nil:
		s.log.ErrorContext(ctx, "watching a resource failed: clients are told of no more changes", "resource", r.URI(), "error", err)
	case ctx.Err() == nil:
		s.log.WarnContext(ctx, "a resource is not watched any more: clients are told of no more changes", "resource", r.URI())
	}
}

// tellUpdates tells of the first change at once, and of those that follow together.
func (s *Server) tellUpdates(ctx context.Context, uri string, news <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		_ = s.mcp.ResourceUpdated(ctx, &mcp.ResourceUpdatedNotificationParams{URI: uri}) // it returns no error
		select {
		case <-ctx.Done():
			return
		case <-time.After(updateInterval):
		}
	}
}

func (w *watch) over() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// awaitWatches waits for the end of all watches, after the server was told to stop.
func (s *Server) awaitWatches(ctx context.Context) {
	s.install.Lock()
	all := slices.AppendSeq(slices.Clone(s.watches.ending), maps.Values(s.watches.running))
	s.install.Unlock()
	for _, w := range all {
		select {
		case <-w.ended:
		case <-ctx.Done():
			if w.over() { // calls may have used up the grace, long after its end
				continue
			}
			s.log.Warn("a watched resource did not end within the grace", "resource", w.resource.URI())
		}
	}
}
