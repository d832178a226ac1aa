package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// step is one phase of the script.
type step struct {
	name  string
	about string                          // what happens, in words
	do    func(ctx context.Context) error // takes as long as the phase lasts
}

// The phases that bounds are about.
const phaseOutage = "outage"

func phaseQuiet(pair int) string { return fmt.Sprintf("quiet %d", pair) }
func phaseStorm(pair int) string { return fmt.Sprintf("storm %d", pair) }

func (d *drill) steps() []step {
	p := d.plan
	steps := []step{
		{"warm-up", "valid calls, and nothing else", last(p.warmUp)},
		{"rotation", "a new key signs; tokens of the old one go on", atOnce(d.pool.rotate, p.rotation)},
		{"unseen key", "two rotations at once: the key that signs now was never fetched", atOnce(d.pool.rotateUnseen, p.rotation)},
		{"revocation", "the old keys are taken out of the key set", d.revoke},
		{phaseOutage, "the issuer answers 503; the tokens go on", d.outage},
		{"recovery", "the issuer is back, and signs with another key that was never fetched", atOnce(d.pool.rotateUnseen, p.recovery)},
	}
	pause := step{"pauses", "", d.weigh}
	for pair := 1; pair <= p.pairs; pair++ {
		steps = append(steps,
			pause,
			step{phaseQuiet(pair), "valid calls, and nothing else", last(p.hang)},
			step{phaseStorm(pair), "the issuer hangs, and junk tokens pour in", d.storm},
		)
	}
	return append(steps, pause)
}

func (d *drill) script(ctx context.Context) error {
	for _, s := range d.steps() {
		if s.about != "" {
			d.tell(fmt.Sprintf("%-11s %s", s.name, s.about))
		}
		if err := d.enter(ctx, s.name); err != nil {
			return err
		}
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return d.leave(ctx)
}

// last does nothing for so long.
func last(length time.Duration) func(context.Context) error {
	return func(ctx context.Context) error { return waitUntil(ctx, time.Now().Add(length)) }
}

// atOnce does something, and nothing for so long afterwards.
func atOnce(do func(context.Context) error, length time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := do(ctx); err != nil {
			return err
		}
		return last(length)(ctx)
	}
}

// revoke takes the tokens of the old keys out of the load before the keys go, and
// tries them apart from then on.
func (d *drill) revoke(ctx context.Context) error {
	retired, err := d.pool.retire(ctx)
	if err != nil {
		return err
	}
	p := &prober{to: d.server, tokens: retired}
	probing, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { p.run(probing) })
	defer done.Wait()
	defer stop()
	// A valid call with one of those tokens must have its answer before its key goes.
	d.calls.settle()
	if err := last(probedBefore)(ctx); err != nil {
		return err
	}
	revoked := time.Now()
	if err := d.issuer.revoke(ctx); err != nil {
		return err
	}
	now := time.Now()
	if err := last(d.plan.revocation)(ctx); err != nil {
		return err
	}
	stop()
	done.Wait()
	d.revoked = p.report(revoked, now)
	return nil
}

func (d *drill) outage(ctx context.Context) error {
	if err := d.issuer.outage(ctx, true); err != nil {
		return err
	}
	if err := last(d.plan.outage)(ctx); err != nil {
		return err
	}
	return d.issuer.outage(ctx, false)
}

// storm lets the issuer hang for longer than the storm lasts, and the junk pour in
// for as long.
func (d *drill) storm(ctx context.Context) error {
	if err := d.issuer.slow(ctx, 2*d.plan.hang); err != nil {
		return err
	}
	raging, stop := context.WithTimeout(ctx, d.plan.hang)
	defer stop()
	d.flood.run(raging, newForger(d.pool.pick(0)))
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return d.issuer.slow(ctx, 0)
}

// weigh lets everything settle, and notes what the server holds: before the first
// storm and after the last.
func (d *drill) weigh(ctx context.Context) error {
	if err := last(d.plan.pause)(ctx); err != nil {
		return err
	}
	held, known := d.memory()
	if !known {
		return nil
	}
	if d.before == 0 {
		d.before = held
	}
	d.after = held
	return nil
}
