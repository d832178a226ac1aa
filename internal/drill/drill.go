package main

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// drill is one run against a server and its issuer.
type drill struct {
	plan   plan
	issuer *issuer
	pool   *pool
	server *server // for valid calls
	flood  *flood
	// memory gives what the server holds, in bytes, where that can be told.
	memory func() (int64, bool)
	// tell says what is being done.
	tell func(string)

	calls     inFlight
	chronicle chronicle
	revoked   revocationReport
	before    int64 // bytes, before the first storm; 0 where it cannot be told
	after     int64
}

// run drives the load and goes through the script. It returns when every call has
// had its answer.
func (d *drill) run(parent context.Context) error {
	if err := d.begin(parent); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(parent)
	work, stop := context.WithCancel(ctx)
	g.Go(func() error {
		d.load(work, ctx)
		return nil
	})
	g.Go(func() error { return d.pool.keep(work) })
	g.Go(func() error {
		defer stop()
		return d.script(ctx)
	})
	err := g.Wait()
	if parent.Err() != nil {
		return context.Cause(parent) // whatever it made fail
	}
	return err
}

// begin gets the first tokens and opens the first phase, so that the load finds both.
func (d *drill) begin(ctx context.Context) error {
	if err := d.pool.fill(ctx); err != nil {
		return err
	}
	return d.enter(ctx, "warm-up")
}

// load makes the valid calls until begin is done. Those in flight go on until they
// are answered, or ctx is done.
func (d *drill) load(begin, ctx context.Context) {
	pace(begin, d.plan.calls, func(n int, due time.Time) { d.call(ctx, n, due) })
	d.calls.settle()
}

// call makes the valid call number n beside the caller. What counts is how long
// after the moment at which it was due it has its answer.
func (d *drill) call(ctx context.Context, n int, due time.Time) {
	p := d.chronicle.current()
	d.calls.begin(func() token { return d.pool.pick(n) }, func(with token) {
		fault := d.server.call(ctx, n, with.raw)
		p.record(time.Since(due), fault)
	})
}

// inFlight is the valid calls that have no answer yet. Its zero value is ready.
type inFlight struct {
	mu    sync.Mutex
	calls *sync.WaitGroup // those that began since the last settle
}

// begin picks a token and makes a call with it, beside the caller.
func (f *inFlight) begin(pick func() token, call func(token)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = new(sync.WaitGroup)
	}
	with := pick()
	f.calls.Go(func() { call(with) })
}

// settle waits until every call is answered that began before, with whatever
// tokens there were then.
func (f *inFlight) settle() {
	f.mu.Lock()
	before := f.calls
	f.calls = nil
	f.mu.Unlock()
	if before != nil {
		before.Wait()
	}
}

// enter begins a phase.
func (d *drill) enter(ctx context.Context, name string) error {
	s, err := d.issuer.state(ctx)
	if err != nil {
		return err
	}
	d.chronicle.enter(name, s.Fetches)
	return nil
}

// leave ends the last phase.
func (d *drill) leave(ctx context.Context) error {
	s, err := d.issuer.state(ctx)
	if err != nil {
		return err
	}
	d.chronicle.leave(s.Fetches)
	return nil
}
