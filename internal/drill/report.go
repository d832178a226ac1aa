package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// report is the outcome of a drill.
type report struct {
	Held       bool             `json:"held"`
	Bounds     []bound          `json:"bounds"`
	Phases     []phaseReport    `json:"phases"`
	Pairs      []pairReport     `json:"pairs"`
	Revocation revocationReport `json:"revocation"`
	Junk       junkReport       `json:"junk"`
	Memory     *memoryReport    `json:"memory,omitempty"` // where it can be told
	// Exit says how the server ended, where it did not end as it should.
	Exit string `json:"exit,omitempty"`
}

// pairReport compares the p99 of a storm with that of the quiet time before it.
type pairReport struct {
	Quiet      float64 `json:"quiet_p99_ms"`
	Storm      float64 `json:"storm_p99_ms"`
	Difference float64 `json:"difference_ms"`
}

// memoryReport is the server's resident memory in bytes.
type memoryReport struct {
	Before int64 `json:"before_bytes"`
	After  int64 `json:"after_bytes"`
}

// report is called when run has returned and the server has been stopped; exit is
// what was wrong with that.
func (d *drill) report(exit string) report {
	r := report{
		Phases: d.chronicle.reports(), Revocation: d.revoked, Junk: d.flood.report(), Exit: exit,
	}
	for pair := 1; pair <= d.plan.pairs; pair++ {
		quiet, storm := r.phase(phaseQuiet(pair)).P99, r.phase(phaseStorm(pair)).P99
		r.Pairs = append(r.Pairs, pairReport{quiet, storm, math.Round((storm-quiet)*1e3) / 1e3})
	}
	if d.before > 0 {
		r.Memory = &memoryReport{Before: d.before, After: d.after}
	}
	r.Bounds = judge(d.plan, r)
	r.Held = !slices.ContainsFunc(r.Bounds, func(b bound) bool { return !b.Held })
	return r
}

// phase gives the row of that name, or an empty one.
func (r report) phase(name string) phaseReport {
	i := slices.IndexFunc(r.Phases, func(p phaseReport) bool { return p.Name == name })
	if i < 0 {
		return phaseReport{}
	}
	return r.Phases[i]
}

// text is the report for a person.
func (r report) text() string {
	var b strings.Builder
	b.WriteString("Valid calls, by what happened meanwhile, and what the issuer was asked for:\n\n")
	b.WriteString(r.phaseTable())
	b.WriteString("\nThe 99th percentile of valid calls, without and with a storm:\n\n")
	b.WriteString(r.pairTable())
	b.WriteString("\n")
	b.WriteString(r.verdict())
	return b.String()
}

func (r report) phaseTable() string {
	rows := [][]string{{"phase", "seconds", "sent", "refused", "p50 ms", "p99 ms", "max ms", "keys", "metadata", "tokens"}}
	for _, p := range r.Phases {
		rows = append(rows, []string{
			p.Name, fmt.Sprintf("%.1f", p.Seconds), fmt.Sprint(p.Sent), fmt.Sprint(p.refusals()),
			fmt.Sprintf("%.2f", p.P50), fmt.Sprintf("%.2f", p.P99), fmt.Sprintf("%.2f", p.Max),
			fmt.Sprint(p.Fetches.Keys), fmt.Sprint(p.Fetches.Metadata), fmt.Sprint(p.Fetches.Token),
		})
	}
	return aligned(rows)
}

func (r report) pairTable() string {
	rows := [][]string{{"pair", "quiet ms", "storm ms", "difference"}}
	for i, p := range r.Pairs {
		rows = append(rows, []string{
			fmt.Sprint(i + 1), fmt.Sprintf("%.2f", p.Quiet), fmt.Sprintf("%.2f", p.Storm), fmt.Sprintf("%+.2f", p.Difference),
		})
	}
	return aligned(rows)
}

func (r report) verdict() string {
	var b strings.Builder
	wide := 0
	for _, bound := range r.Bounds {
		wide = max(wide, len(bound.Name))
	}
	for _, bound := range r.Bounds {
		word := "held"
		if !bound.Held {
			word = "FAILED"
		}
		fmt.Fprintf(&b, "%-6s  %-*s  %s\n", word, wide, bound.Name, bound.Figures)
	}
	b.WriteString("\n")
	if r.Held {
		b.WriteString("Every bound held.\n")
		return b.String()
	}
	failed := slices.DeleteFunc(slices.Clone(r.Bounds), func(b bound) bool { return b.Held })
	fmt.Fprintf(&b, "%d of %d bounds FAILED.\n", len(failed), len(r.Bounds))
	return b.String()
}

// aligned puts the first column to the left and the others to the right.
func aligned(rows [][]string) string {
	widest := 0
	for _, row := range rows {
		widest = max(widest, len(row[0]))
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		row[0] += strings.Repeat(" ", widest-len(row[0]))
		fmt.Fprintln(w, strings.Join(row, "\t")+"\t")
	}
	_ = w.Flush() // to memory
	return b.String()
}
