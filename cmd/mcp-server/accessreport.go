package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mcp-resource-server/auth"
)

// accessReport is what simulate prints, as text or as JSON; docs/access.md has the
// fields. All that comes from the audit lines is printable ASCII.
type accessReport struct {
	Losses []accessChange `json:"losses"`
	Gains  []accessChange `json:"gains"`
	Totals replayTotals   `json:"totals"`
}

// accessChange is what one caller would lose or gain.
type accessChange struct {
	Issuer    string `json:"issuer"`
	ClientID  string `json:"client_id,omitempty"`
	Subject   string `json:"subject,omitempty"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Method    string `json:"method"`
	Count     int    `json:"count"`
	Last      string `json:"last"`
	Rule      string `json:"rule,omitempty"`
	Why       string `json:"why,omitempty"`
	Concealed bool   `json:"concealed,omitempty"`
	// Missing are all needed, and one of AnyOf where there are any.
	Missing []string `json:"missing,omitempty"`
	AnyOf   []string `json:"missing_any_of,omitempty"`
}

// report is what was found so far, by caller and by what it asked for.
func (r *replay) report() accessReport {
	report := accessReport{Losses: []accessChange{}, Gains: []accessChange{}, Totals: r.totals}
	report.Totals.Lines += r.totals.Skipped
	for _, c := range slices.SortedFunc(maps.Keys(r.changes), compareChanges) {
		s := r.changes[c]
		row := accessChange{
			Issuer: c.issuer, ClientID: c.clientID, Subject: c.subject,
			Kind: kindOf(c.target), Name: cmp.Or(auth.Printable(c.target.Name), c.method), Method: c.method,
			Count: s.count, Last: s.last.UTC().Format(time.RFC3339), Rule: c.rule, Why: c.why,
			Concealed: c.concealed, Missing: strings.Fields(c.missing), AnyOf: strings.Fields(c.anyOf),
		}
		if c.gain {
			report.Gains = append(report.Gains, row)
		} else {
			report.Losses = append(report.Losses, row)
		}
	}
	return report
}

// text is the report for a reader.
func (r accessReport) text() string {
	var b strings.Builder
	writeChanges(&b, r.Losses, "would lose what was allowed")
	writeChanges(&b, r.Gains, "would gain what was refused")
	r.Totals.text(&b)
	return b.String()
}

// writeChanges writes the changes of each caller below its name.
func writeChanges(b *strings.Builder, list []accessChange, what string) {
	if len(list) == 0 {
		fmt.Fprintf(b, "Nobody %s.\n\n", what)
		return
	}
	callers, width := map[string]bool{}, 0
	for _, c := range list {
		callers[c.caller()] = true
		width = max(width, len(c.operation()))
	}
	fmt.Fprintf(b, "%s %s:\n", plural(len(callers), "caller", "callers"), what)
	last := ""
	for _, c := range list {
		if c.caller() != last {
			last = c.caller()
			fmt.Fprintf(b, "\n  %s\n", last)
		}
		fmt.Fprintf(b, "    %-*s  %s, last %s: %s\n", width, c.operation(), plural(c.Count, "time", "times"), c.Last, c.words())
	}
	b.WriteByte('\n')
}

func (c accessChange) caller() string {
	text := "client " + cmp.Or(c.ClientID, "(none)") + " of " + c.Issuer
	if c.Subject != "" {
		text += ", subject " + c.Subject
	}
	return text
}

func (c accessChange) operation() string {
	return accessRow{Kind: c.Kind, Name: c.Kind + " " + c.Name, Method: c.Method}.label()
}

// words says what decides now, and what is missing.
func (c accessChange) words() string {
	text := c.Rule
	switch c.Why {
	case whySwitchedOff:
		text = "tools.enabled leaves it out"
	case whyNoRule:
		text = "this program does not have it"
	case whyScopes:
		text += ", missing " + scopeWords(c.Missing, c.AnyOf)
	}
	if c.Concealed {
		text += " (concealed)"
	}
	return text
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
