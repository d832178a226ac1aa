//go:build interop

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// sorted are the rows, each once; flows of a client that differ in nothing else are
// one row.
func (r *interopResults) sorted() [][]string {
	const flow = 5
	var all [][]string
	for _, row := range r.rows {
		all = append(all, row.cells())
	}
	byFlow := func(a, b []string) int {
		// What a row has in common with others comes before what it has not.
		key := func(row []string) []string { return slices.Concat(row[:flow], row[flow+1:], row[flow:flow+1]) }
		return cmp.Or(cmp.Compare(strings.ToLower(a[0]), strings.ToLower(b[0])), slices.Compare(key(a), key(b)))
	}
	slices.SortFunc(all, byFlow)
	all = slices.CompactFunc(all, slices.Equal)
	var merged [][]string
	for _, row := range all {
		if n := len(merged); n > 0 && slices.Equal(merged[n-1][:flow], row[:flow]) && slices.Equal(merged[n-1][flow+1:], row[flow+1:]) {
			merged[n-1][flow] += "; " + row[flow]
			continue
		}
		merged = append(merged, row)
	}
	return merged
}

// left are the clients that could not be run, sorted.
func (r *interopResults) left() []missingClient {
	left := slices.Clone(r.missing)
	slices.SortFunc(left, func(a, b missingClient) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(left)
}

// plain is the table for a terminal.
func (r *interopResults) plain() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ToUpper(strings.Join(interopColumns, "\t")))
	for _, row := range r.sorted() {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	for _, m := range r.left() {
		fmt.Fprintln(&text, m)
	}
	return text.String()
}

// markdown is the table for the document.
func (r *interopResults) markdown() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var text strings.Builder
	line := func(cells []string) {
		text.WriteString("|")
		for _, cell := range cells {
			text.WriteString(" " + strings.ReplaceAll(cell, "|", `\|`) + " |")
		}
		text.WriteString("\n")
	}
	line(interopColumns)
	line(slices.Repeat([]string{"---"}, len(interopColumns)))
	for _, row := range r.sorted() {
		line(row)
	}
	for _, m := range r.left() {
		line([]string{m.client, m.version, "–", "–", "–", "–", "NOT RUN", m.why})
	}
	return text.String()
}
