package main

import "time"

// perSecond is how often progress is shown: a person reads no more, and a server may
// tell of it a million times.
const perSecond = 10

// pace lets the first perSecond pass at once, and from then on so many a second.
type pace struct {
	left float64
	last time.Time
}

func newPace(now time.Time) *pace { return &pace{left: perSecond, last: now} }

// allows reports whether there is room for one more.
func (p *pace) allows(now time.Time) bool {
	p.left = min(perSecond, p.left+perSecond*max(0, now.Sub(p.last).Seconds()))
	p.last = now
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}
