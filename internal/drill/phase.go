package main

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// phase is what became of the valid calls that were due in one part of the drill.
type phase struct {
	name    string
	begun   time.Time
	length  time.Duration
	fetched fetches

	mu      sync.Mutex
	taken   []time.Duration
	refused map[string]int // by fault
}

func newPhase(name string) *phase {
	return &phase{name: name, refused: map[string]int{}}
}

// record tells of one call: how long after the moment at which it was due it had
// its answer, and what was wrong with that.
func (p *phase) record(took time.Duration, fault string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken = append(p.taken, took)
	if fault != good {
		p.refused[fault]++
	}
}

// phaseReport is one row of the report.
type phaseReport struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Sent    int     `json:"sent"`
	// Refused is by status, or by what else was wrong.
	Refused map[string]int `json:"refused"`
	latency
	Fetches fetches `json:"fetches"`
}

func (p *phase) report() phaseReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return phaseReport{
		Name: p.name, Seconds: seconds(p.length),
		Sent: len(p.taken), Refused: maps.Clone(p.refused),
		latency: distribution(p.taken), Fetches: p.fetched,
	}
}

func (r phaseReport) refusals() int { return total(r.Refused) }

func total(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// chronicle is all phases, in the order in which they first began.
type chronicle struct {
	mu     sync.Mutex
	phases []*phase
	now    *phase
	seen   fetches // when the last phase ended
}

// current is the phase that calls which are due now belong to.
func (c *chronicle) current() *phase {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// enter ends the phase under way and begins, or goes on with, the named one. asked
// is how often the issuer was asked up to now.
func (c *chronicle) enter(name string, asked fetches) {
	c.leave(asked)
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.phases, func(p *phase) bool { return p.name == name })
	if i < 0 {
		i = len(c.phases)
		c.phases = append(c.phases, newPhase(name))
	}
	c.now = c.phases[i]
	c.now.begun = time.Now()
}

// leave ends the phase under way. It stays the one that late calls belong to.
func (c *chronicle) leave(asked fetches) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != nil {
		c.now.length += time.Since(c.now.begun)
		c.now.fetched = c.now.fetched.plus(asked.minus(c.seen))
	}
	c.seen = asked
}

// reports gives one row for each phase.
func (c *chronicle) reports() []phaseReport {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rows []phaseReport
	for _, p := range c.phases {
		rows = append(rows, p.report())
	}
	return rows
}
