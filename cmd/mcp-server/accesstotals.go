package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mcp-resource-server/auth"
)

// maxNamed bounds how many names are counted one by one, of what cannot be replayed.
const maxNamed = 50

// replayTotals count lines.
type replayTotals struct {
	Lines     int `json:"lines"`
	Replayed  int `json:"replayed"`
	Unchanged int `json:"unchanged"`
	Lost      int `json:"lost"`
	Gained    int `json:"gained"`
	// Unlisted are the lines of changes beyond those that are told one by one.
	Unlisted      int           `json:"unlisted"`
	NotReplayable notReplayable `json:"not_replayable"`
	// Skipped are the lines that are no audit lines.
	Skipped int `json:"skipped"`
}

// notReplayable count lines that say nothing about this table, by their cause.
type notReplayable struct {
	// Refused are those refused before access was decided, by reason.
	Refused map[string]int `json:"refused"`
	// NoCaller have no verified caller, NoOperation no method.
	NoCaller    int `json:"no_caller"`
	NoOperation int `json:"no_operation"`
	// UnknownTarget name a tool, prompt or resource that there was not.
	UnknownTarget int `json:"unknown_target"`
	// NotOfThisProgram are about what this program does not have, by name.
	NotOfThisProgram map[string]int `json:"not_of_this_program"`
	// NoScopes do not say what the caller held.
	NoScopes int `json:"no_scopes"`
}

func (n notReplayable) total() int {
	return sum(n.Refused) + n.NoCaller + n.NoOperation + n.UnknownTarget + sum(n.NotOfThisProgram) + n.NoScopes
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// countNamed counts under a name, or under that for all others.
func countNamed(counts map[string]int, name string) {
	name = auth.Printable(name)
	if _, known := counts[name]; !known && len(counts) >= maxNamed {
		name = "others"
	}
	counts[name]++
}

func (t replayTotals) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s read: %d replayed, %d not replayable, %d skipped (no audit lines)\n",
		plural(t.Lines, "line", "lines"), t.Replayed, t.NotReplayable.total(), t.Skipped)
	fmt.Fprintf(b, "replayed: %d as before, %d would be refused, %d would be allowed\n", t.Unchanged, t.Lost, t.Gained)
	if t.Unlisted > 0 {
		fmt.Fprintf(b, "not told one by one: %s of further changes\n", plural(t.Unlisted, "line", "lines"))
	}
	n := t.NotReplayable
	for _, l := range []struct {
		count int
		text  string
	}{
		{sum(n.Refused), "refused before access was decided: " + counted(n.Refused)},
		{n.NoCaller, "without a verified caller"},
		{n.NoOperation, "without a method that there was"},
		{n.UnknownTarget, "about a tool, prompt or resource that there was not"},
		{sum(n.NotOfThisProgram), "about what this program does not have: " + counted(n.NotOfThisProgram)},
		{n.NoScopes, "without the scopes that the caller held"},
	} {
		if l.count > 0 {
			wrap(b, fmt.Sprintf("not replayable: %d ", l.count), l.text)
		}
	}
	if t.Replayed == 0 {
		b.WriteString("Nothing was replayed, and so nothing is shown.\n")
	}
}

// counted lists names with their counts, the commonest first.
func counted(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(names, ", ")
}
