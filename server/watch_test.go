package server

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// watching is a server of which nothing runs but the watches, inside a bubble.
type watching struct {
	*Server
	logs *syncBuffer
	mu   sync.Mutex
	told []time.Duration // when it was told of a change
}

// inWatching runs f. What the server would tell clients is noted.
func inWatching(t *testing.T, f func(t *testing.T, w *watching)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &watching{logs: &syncBuffer{}, Server: &Server{}}
		w.log = slog.New(slog.NewTextHandler(w.logs, nil))
		w.draining, w.drain = context.WithCancel(t.Context())
		begin := time.Now()
		w.mcp = mcp.NewServer(&mcp.Implementation{Name: "x"}, &mcp.ServerOptions{Logger: slog.New(telling(func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told = append(w.told, time.Since(begin))
		}))})
		f(t, w)
		w.drain()
		synctest.Wait()
	})
}

// telling is called for each update that the SDK tells of, which it logs.
type telling func()

func (telling) Enabled(context.Context, slog.Level) bool { return true }
func (f telling) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "resource updated") {
		f()
	}
	return nil
}
func (f telling) WithAttrs([]slog.Attr) slog.Handler { return f }
func (f telling) WithGroup(string) slog.Handler      { return f }

func watchedBy(uri string, watch func(context.Context, func())) tools.Resource {
	return tools.NewResource(uri, tools.ResourceOptions{Name: "n", Title: "t", Description: "d", MIMEType: "text/plain", Watch: watch}, nil)
}

// put makes the resources those that there are.
func (w *watching) put(resources ...tools.Resource) {
	w.install.Lock()
	w.watch(resources)
	w.install.Unlock()
	synctest.Wait()
}

// TestUpdatesAreThrottled: at most one in 100 ms, and of the last change always.
func TestUpdatesAreThrottled(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name    string
		changes []time.Duration
		want    []time.Duration
	}{
		{"one", []time.Duration{0}, []time.Duration{0}},
		{"two soon", []time.Duration{0, ms}, []time.Duration{0, 100 * ms}},
		{"two apart", []time.Duration{0, 150 * ms}, []time.Duration{0, 150 * ms}},
		{"many in a row", []time.Duration{0, 10 * ms, 20 * ms, 99 * ms}, []time.Duration{0, 100 * ms}},
		{"many for long", []time.Duration{0, 60 * ms, 120 * ms, 180 * ms, 240 * ms}, []time.Duration{0, 100 * ms, 200 * ms, 300 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWatching(t, func(t *testing.T, w *watching) {
				w.put(watchedBy("x://1", func(ctx context.Context, changed func()) {
					last := time.Duration(0)
					for _, at := range tt.changes {
						time.Sleep(at - last)
						last = at
						changed()
					}
					<-ctx.Done()
				}))
				time.Sleep(time.Second)
				synctest.Wait()
				if !slices.Equal(w.told, tt.want) {
					t.Errorf("told at %v, want %v", w.told, tt.want)
				}
			})
		})
	}
}

// TestWatchesFollowTheGenerations: one watch for each resource that there is.
func TestWatchesFollowTheGenerations(t *testing.T) {
	inWatching(t, func(t *testing.T, w *watching) {
		var began, running atomic.Int32
		watch := func(ctx context.Context, _ func()) {
			began.Add(1)
			running.Add(1)
			defer running.Add(-1)
			<-ctx.Done()
		}
		a, b, plain := watchedBy("x://a", watch), watchedBy("x://b", watch), watchedBy("x://plain", nil)
		for i, tt := range []struct {
			name           string
			resources      []tools.Resource
			began, running int32
			told           int
		}{
			{"two", []tools.Resource{a, b, plain}, 2, 2, 0},
			{"the same", []tools.Resource{b, a}, 2, 2, 0},
			{"one is another", []tools.Resource{a, watchedBy("x://b", watch)}, 3, 2, 1},
			{"one is gone", []tools.Resource{a}, 3, 1, 1},
			{"none", nil, 3, 0, 1},
			{"one again", []tools.Resource{a}, 4, 1, 1},
		} {
			w.put(tt.resources...)
			if began.Load() != tt.began || running.Load() != tt.running || len(w.told) != tt.told {
				t.Errorf("%d, %s: %d began, %d run, told %d times; want %d, %d, %d", i, tt.name, began.Load(), running.Load(), len(w.told), tt.began, tt.running, tt.told)
			}
			time.Sleep(time.Second)
		}
		if w.logs.String() != "" {
			t.Errorf("logged: %s", w.logs.String())
		}
	})
}

// TestWatchThatFails: a panic ends one watch, and is not asked for again.
func TestWatchThatFails(t *testing.T) {
	for name, tt := range map[string]struct {
		watch func(context.Context, func())
		log   string
		told  int
	}{
		"a panic":              {func(_ context.Context, changed func()) { changed(); panic("10.0.0.5") }, "watching a resource failed", 1},
		"an end before its":    {func(_ context.Context, changed func()) { changed() }, "a resource is not watched any more", 1},
		"an end when it is to": {func(ctx context.Context, changed func()) { changed(); <-ctx.Done() }, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWatching(t, func(t *testing.T, w *watching) {
				var began atomic.Int32
				other := watchedBy("x://2", func(ctx context.Context, changed func()) {
					time.Sleep(time.Minute)
					changed()
					<-ctx.Done()
				})
				failing := watchedBy("x://1", func(ctx context.Context, changed func()) {
					began.Add(1)
					tt.watch(ctx, changed)
				})
				w.put(failing, other)
				time.Sleep(time.Hour)
				w.put(failing, other)
				if began.Load() != 1 || len(w.told) != tt.told+1 {
					t.Errorf("began %d times, told %d times", began.Load(), len(w.told))
				}
				if got := w.logs.String(); !strings.Contains(got, tt.log) || (got == "") != (tt.log == "") || strings.Count(got, "\n") > 1 {
					t.Errorf("logged: %s", got)
				}
			})
		})
	}
}

// TestAwaitWatches: a stop waits for the watches, also for those of resources that are
// gone, and no longer than its grace.
func TestAwaitWatches(t *testing.T) {
	inWatching(t, func(t *testing.T, w *watching) {
		slow := func(after time.Duration) func(context.Context, func()) {
			return func(ctx context.Context, _ func()) {
				<-ctx.Done()
				time.Sleep(after)
			}
		}
		begin := time.Now()
		w.put(watchedBy("x://gone", slow(3*time.Second)))
		w.put(watchedBy("x://1", slow(time.Second)), watchedBy("x://2", slow(2*time.Second)))
		w.drain()
		w.awaitWatches(t.Context())
		if got := time.Since(begin); got != 3*time.Second || w.logs.String() != "" {
			t.Errorf("waited for %v, logged: %s", got, w.logs.String())
		}
	})
	inWatching(t, func(t *testing.T, w *watching) {
		begin := time.Now()
		w.put(watchedBy("x://1", func(ctx context.Context, _ func()) { <-ctx.Done(); time.Sleep(time.Minute) }))
		w.drain()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w.awaitWatches(ctx)
		if got := time.Since(begin); got != time.Second || !strings.Contains(w.logs.String(), "resource=x://1") {
			t.Errorf("waited for %v, logged: %s", got, w.logs.String())
		}
		time.Sleep(time.Hour)
	})
}

// TestAwaitWatchesBeyondTheGrace: where calls used it up, there is a word of the watch that
// runs still, and none of the many that ended in time.
func TestAwaitWatchesBeyondTheGrace(t *testing.T) {
	inWatching(t, func(t *testing.T, w *watching) {
		resources := []tools.Resource{
			watchedBy("x://slow", func(ctx context.Context, _ func()) { <-ctx.Done(); time.Sleep(time.Minute) }),
		}
		for i := range 64 {
			resources = append(resources, watchedBy(fmt.Sprintf("x://%d", i), func(ctx context.Context, _ func()) { <-ctx.Done() }))
		}
		w.put(resources...)
		w.drain()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		begin := time.Now()
		w.awaitWatches(ctx)
		if got := w.logs.String(); time.Since(begin) != 0 || strings.Count(got, "\n") != 1 || !strings.Contains(got, "resource=x://slow") {
			t.Errorf("waited for %v, logged: %s", time.Since(begin), got)
		}
		time.Sleep(time.Hour)
	})
}
