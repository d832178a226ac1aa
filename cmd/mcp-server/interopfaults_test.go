//go:build interop

package main

import (
	"slices"
	"testing"
)

// TestInteropFaults is about the table alone: what a run may and may not leave out.
func TestInteropFaults(t *testing.T) {
	ran := func(clients ...string) *interopResults {
		r := &interopResults{}
		for _, client := range clients {
			r.row(interopRow{Client: client, Version: "1", Flow: "header", Result: interopPassed})
		}
		return r
	}
	without := func(r *interopResults, client string) *interopResults {
		r.notRun(client, "2", "no display")
		return r
	}
	failed := ran("A")
	failed.row(interopRow{Client: "B", Version: "1", Flow: "header", Result: interopFailed})
	for _, test := range []struct {
		name    string
		results *interopResults
		excused string
		want    []string
	}{
		{"all ran", ran("A", "B"), "", nil},
		{"one is missing", without(ran("A"), "B"), "", []string{"NOT RUN B 2: no display"}},
		{"and excused", without(ran("A"), "B"), "# why\nB: no display\n", nil},
		{"another is excused", without(ran("A"), "B"), "C: no display\n", []string{
			"NOT RUN B 2: no display", "C is excused, and nobody tried to run it",
		}},
		{"one that ran is excused", ran("A"), "A: slow\n", []string{"A is excused, and ran"}},
		{"one failed", failed, "", []string{"FAILED B, 1, , , , header, FAILED, "}},
		{"nothing ran", ran(), "", []string{"nothing ran"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.results.faults(readExcused(t, test.excused)); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// The order in which parallel tests end is not that of the table.
func TestInteropTableIsStable(t *testing.T) {
	rows := []interopRow{
		{Client: "b", Era: "legacy", Flow: "y", Result: interopPassed},
		{Client: "b", Era: "legacy", Flow: "x", Result: interopPassed},
		{Client: "b", Era: "legacy", Flow: "w", Result: interopPassed, Note: "a|b"},
		{Client: "B", Era: "modern", Flow: "x", Result: interopPassed},
		{Client: "a", Era: "legacy", Flow: "x", Result: interopFailed},
	}
	const want = "| client | version | MCP | transport | issuer | flows | result | note |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- |\n" +
		"| a |  | legacy |  |  | x | FAILED |  |\n" +
		"| B |  | modern |  |  | x | passed |  |\n" +
		"| b |  | legacy |  |  | x; y | passed |  |\n" +
		"| b |  | legacy |  |  | w | passed | a\\|b |\n" +
		"| z | 1 | – | – | – | – | NOT RUN | why |\n"
	for range len(rows) {
		rows = append(rows[1:], rows[0])
		r := &interopResults{}
		r.notRun("z", "1", "why")
		for _, row := range append(slices.Clone(rows), rows[0]) {
			r.row(row)
		}
		if got := r.markdown(); got != want {
			t.Fatalf("of %v:\n%s\nwant\n%s", rows, got, want)
		}
	}
}
