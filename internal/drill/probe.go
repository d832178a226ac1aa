package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// probesPerSecond is how often a token of a revoked key is tried.
const probesPerSecond = 10

// probe is one call with a token of a key that is to be, or has been, revoked.
type probe struct {
	begun, ended time.Time
	fault        string // as of a valid call
}

// prober tries the tokens of such keys, apart from the valid calls.
type prober struct {
	to     *server
	tokens []token

	mu     sync.Mutex
	probes []probe
}

// run probes until ctx is done, and waits for what is in flight.
func (p *prober) run(ctx context.Context) {
	var inFlight sync.WaitGroup
	pace(ctx, probesPerSecond, func(n int, _ time.Time) {
		inFlight.Go(func() {
			begun := time.Now()
			fault := p.to.call(context.WithoutCancel(ctx), n, p.tokens[n%len(p.tokens)].raw)
			p.mu.Lock()
			defer p.mu.Unlock()
			p.probes = append(p.probes, probe{begun: begun, ended: time.Now(), fault: fault})
		})
	})
	inFlight.Wait()
}

func (p *prober) report(asked, revoked time.Time) revocationReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return judgeProbes(p.probes, asked, revoked)
}

// revocationReport is how the tokens of a revoked key fared.
type revocationReport struct {
	// Before counts the answers up to the revocation: "200" where the call was good.
	Before map[string]int `json:"before"`
	// After counts those from the moment at which the key had stopped.
	After map[string]int `json:"after"`
	// Stopped says that no call was good any more.
	Stopped bool `json:"stopped"`
	// Seconds is from the revocation to the first call of those in After.
	Seconds float64 `json:"seconds"`
}

// judgeProbes takes probes in any order. The key was revoked between asked and
// revoked: what was under way then may have had either answer. A key that is
// accepted again after it was refused has not stopped before that.
func judgeProbes(probes []probe, asked, revoked time.Time) revocationReport {
	r := revocationReport{Before: map[string]int{}, After: map[string]int{}}
	last := asked // the last that was accepted
	for _, p := range probes {
		if p.fault == good && p.begun.After(last) {
			last = p.begun
		}
	}
	var first time.Time
	for _, p := range probes {
		switch {
		case p.ended.Before(asked):
			r.Before[probeAnswer(p.fault)]++
		case p.fault != good && !p.begun.Before(last) && !p.begun.Before(revoked):
			r.After[p.fault]++
			if first.IsZero() || p.begun.Before(first) {
				first = p.begun
			}
		}
	}
	if !first.IsZero() {
		r.Stopped, r.Seconds = true, seconds(first.Sub(asked))
	}
	return r
}

func probeAnswer(fault string) string {
	if fault == good {
		return fmt.Sprint(200)
	}
	return fault
}
