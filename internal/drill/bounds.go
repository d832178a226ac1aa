package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// bound is one thing that has to be so.
type bound struct {
	Name string `json:"name"`
	Held bool   `json:"held"`
	// Figures are what the verdict rests on, in words.
	Figures string `json:"figures"`
}

// judge holds a report against every bound of the plan.
func judge(p plan, r report) []bound {
	bounds := []bound{
		judgeCalls(r.Phases),
		judgeRevocation(p, r.Revocation),
		judgeMet("the outage was felt", r.phase(phaseOutage)),
		judgeStorms(p, r),
		judgeFetches(p, r),
		judgeJunk(r.Junk),
	}
	if p.judgeLatency {
		bounds = append(bounds, judgeLatency(r.Pairs))
	}
	if r.Memory != nil {
		bounds = append(bounds, judgeMemory(*r.Memory))
	}
	return append(bounds, bound{
		Name: "the server stops cleanly", Held: r.Exit == "", Figures: cmp.Or(r.Exit, "exit status 0"),
	})
}

// judgeCalls is what the drill is about.
func judgeCalls(phases []phaseReport) bound {
	sent, refused := 0, 0
	var where []string
	for _, p := range phases {
		sent += p.Sent
		refused += p.refusals()
		for _, fault := range slices.Sorted(maps.Keys(p.Refused)) {
			where = append(where, fmt.Sprintf("%s: %d x %s", p.Name, p.Refused[fault], fault))
		}
	}
	figures := fmt.Sprintf("%d sent, %d refused", sent, refused)
	if refused > 0 {
		figures += " (" + strings.Join(where, ", ") + ")"
	}
	return bound{Name: "no valid call is refused", Held: sent > 0 && refused == 0, Figures: figures}
}

// judgeRevocation wants the tokens to have been good before, and to be refused as
// invalid after: a 503 among those answers says that nobody could tell, and is safe.
func judgeRevocation(p plan, r revocationReport) bound {
	b := bound{Name: "a revoked key stops within one refresh"}
	allowed := seconds(p.revokedBy())
	switch {
	case r.Before["200"] == 0 || len(r.Before) > 1:
		b.Figures = "its tokens were refused before it was revoked: " + counts(r.Before)
	case !r.Stopped:
		b.Figures = fmt.Sprintf("it was accepted to the end; %.1f s are allowed", allowed)
	case r.Seconds > allowed:
		b.Figures = fmt.Sprintf("after %.1f s; %.1f s are allowed", r.Seconds, allowed)
	case r.After["401"] == 0 || total(r.After) > r.After["401"]+r.After["503"]:
		b.Figures = "its tokens were answered with something else than 401: " + counts(r.After)
	default:
		b.Held = true
		b.Figures = fmt.Sprintf("after %.1f s, %.1f s allowed; then %s", r.Seconds, allowed, counts(r.After))
	}
	return b
}

// judgeMet asks whether the server met what the phase is for.
func judgeMet(name string, p phaseReport) bound {
	asked := p.Fetches.Keys + p.Fetches.Metadata
	return bound{Name: name, Held: asked > 0, Figures: fmt.Sprintf("%d requests met it", asked)}
}

func judgeStorms(p plan, r report) bound {
	b := bound{Name: "every hang was felt", Held: true}
	var asked []string
	for pair := 1; pair <= p.pairs; pair++ {
		f := r.phase(phaseStorm(pair)).Fetches
		b.Held = b.Held && f.Keys+f.Metadata > 0
		asked = append(asked, fmt.Sprint(f.Keys+f.Metadata))
	}
	b.Figures = "requests that met it, by storm: " + strings.Join(asked, ", ")
	return b
}

// judgeFetches: junk must not become a flood of requests to the issuer.
func judgeFetches(p plan, r report) bound {
	most, worst := p.mostFetches(p.hang), 0
	for pair := 1; pair <= p.pairs; pair++ {
		f := r.phase(phaseStorm(pair)).Fetches
		worst = max(worst, f.Keys+f.Metadata)
	}
	return bound{
		Name: "junk is not passed on to the issuer", Held: worst <= most,
		Figures: fmt.Sprintf("at most %d requests in a storm, %d allowed", worst, most),
	}
}

func judgeJunk(j junkReport) bound {
	expected := j.Answers["401"] + j.Answers["503"]
	return bound{
		Name: "junk gets 401 or 503", Held: j.Answers["401"] > 0 && total(j.Answers) == expected,
		Figures: fmt.Sprintf("%d sent: %s; %d hung up first, %d held back", j.Sent, counts(j.Answers), j.HungUp, j.HeldBack),
	}
}

// The difference that a storm may make to p99: so much of it, or so many
// milliseconds where that is more.
const (
	latencyShare  = 0.10
	latencyMillis = 2.0
)

func judgeLatency(pairs []pairReport) bound {
	var quiet, difference []float64
	for _, p := range pairs {
		quiet = append(quiet, p.Quiet)
		difference = append(difference, p.Difference)
	}
	made, allowed := median(difference), max(latencyShare*median(quiet), latencyMillis)
	return bound{
		Name: "a storm does not slow valid calls down", Held: len(pairs) > 0 && made <= allowed,
		Figures: fmt.Sprintf("p99 %+.2f ms (median of %d pairs), %+.2f ms allowed", made, len(pairs), allowed),
	}
}

func judgeMemory(m memoryReport) bound {
	grown := m.After - m.Before
	return bound{
		Name: "junk is not remembered", Held: grown <= memoryGrowth,
		Figures: fmt.Sprintf("memory %d MiB before the storms, %d MiB after; %d MiB more allowed",
			m.Before>>20, m.After>>20, memoryGrowth>>20),
	}
}

// counts writes numbers by name, in the order of the names.
func counts(by map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%d x %s", by[name], name))
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}
