package main

import "time"

// plan is how long everything takes, and the settings of the server that the
// bounds follow from.
type plan struct {
	calls, junk int // a second
	pairs       int
	// judgeLatency says whether the bound on p99 is one: the few calls of a short
	// drill say nothing of it.
	judgeLatency bool

	refresh  time.Duration // auth.jwks.refresh_interval
	cooldown time.Duration // auth.jwks.cooldown
	timeout  time.Duration // auth.jwks.timeout

	warmUp, rotation, revocation, outage, recovery time.Duration
	hang                                           time.Duration // of each half of a pair
	pause                                          time.Duration // before a pair, and after the last
}

const (
	// tokenLife is short enough that the tokens of a full drill are renewed, and
	// half of it outlasts every outage.
	tokenLife = 3 * time.Minute
	// tokensPerKey is how many different callers there are.
	tokensPerKey = 4
	// revocationSlack is what a revoked key may live beyond one refresh: that fetch,
	// and the time from one probe to the next.
	revocationSlack = time.Second
	// probedBefore is for how long it is seen that a key is good before it is revoked.
	probedBefore = time.Second
	// memoryGrowth is how much more memory the server may hold after all storms.
	// Junk that it remembered would be more than that.
	memoryGrowth = 64 << 20
)

func newPlan(o options) plan {
	p := plan{
		calls: o.calls, junk: o.junk, pairs: o.pairs, hang: o.hang,
		judgeLatency: !o.short,
		refresh:      5 * time.Second,
		cooldown:     time.Second,
		timeout:      5 * time.Second,
		warmUp:       10 * time.Second,
		rotation:     10 * time.Second,
		outage:       20 * time.Second,
		recovery:     10 * time.Second,
		pause:        3 * time.Second,
	}
	if o.short {
		p.refresh, p.timeout = 2*time.Second, 2*time.Second
		p.warmUp, p.rotation, p.outage, p.recovery = 2*time.Second, 2500*time.Millisecond, 4*time.Second, 2*time.Second
		p.pause = time.Second
	}
	// Long enough to see that what has stopped does not come back.
	p.revocation = p.revokedBy() + p.refresh
	return p
}

// revokedBy is when a revoked key has to have stopped.
func (p plan) revokedBy() time.Duration { return p.refresh + revocationSlack }

// total is about how long the drill takes.
func (p plan) total() time.Duration {
	return p.warmUp + 2*p.rotation + probedBefore + p.revocation + p.outage + p.recovery +
		time.Duration(p.pairs)*(2*p.hang+p.pause) + p.pause
}

// mostFetches is how often the issuer may be asked for anything in such a time:
// what the refreshes need, and what unknown key ids may force (three at once and
// one more in each cooldown), each with up to three requests for the metadata
// before it.
func (p plan) mostFetches(length time.Duration) int {
	refreshes := int(length/(p.refresh*9/10)) + 1 // a refresh comes up to a tenth early
	forced := 3 + int(length/p.cooldown) + 1
	return 4 * (refreshes + forced)
}
