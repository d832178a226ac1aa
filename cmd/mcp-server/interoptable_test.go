//go:build interop

package main

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	clientsFile = "../../docs/clients.md"
	excusedFile = "../../internal/interop/excused.txt"
	// What the run writes stands between these.
	interopBegin, interopEnd = "<!-- interop: written by the run, see internal/interop/README.md -->\n", "<!-- /interop -->\n"
)

// TestInteropTable comes last, as its file does: it holds what the other tests found
// against the excuses, and against the document. Of a run of some tests alone (of any
// -run but that of `make interop`) there is nothing to say.
func TestInteropTable(t *testing.T) {
	if pattern := flag.Lookup("test.run").Value.String(); pattern != "" && pattern != "^TestInterop" {
		t.Logf("-run %s: only a whole run is compared with %s", pattern, clientsFile)
		return
	}
	r := newInteropResults(t)
	excused, err := os.ReadFile(excusedFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range r.faults(readExcused(t, string(excused))) {
		t.Error(fault)
	}
	docs, err := os.ReadFile(clientsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(docs), interopBegin)
	got, after, ended := strings.Cut(after, interopEnd)
	if !ok || !ended {
		t.Fatalf("%s has not both marks", clientsFile)
	}
	want := r.markdown()
	if *update && !t.Failed() {
		if err := os.WriteFile(clientsFile, []byte(before+interopBegin+want+interopEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")); diff != "" {
		t.Errorf("%s is not what this run found (bash .ci/interop -update); -found +document:\n%s", clientsFile, diff)
	}
}

// readExcused reads "client: reason" lines; # begins a comment.
func readExcused(t *testing.T, text string) map[string]string {
	t.Helper()
	excused := map[string]string{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		client, why, _ := strings.Cut(line, ":")
		if why = strings.TrimSpace(why); why == "" || excused[client] != "" {
			t.Errorf("%s: no reason, or twice: %q", excusedFile, line)
		}
		excused[client] = why
	}
	return excused
}

// faults are the clients that nobody excused, the excuses that nobody needs, and the
// flows that failed.
func (r *interopResults) faults(excused map[string]string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var faults []string
	missing := map[string]bool{}
	for _, m := range r.left() {
		missing[m.client] = true
		if excused[m.client] == "" {
			faults = append(faults, m.String())
		}
	}
	ran := map[string]bool{}
	for _, row := range r.rows {
		ran[row.Client] = true
		if row.Result == interopFailed {
			faults = append(faults, "FAILED "+strings.Join(row.cells(), ", "))
		}
	}
	for _, client := range slices.Sorted(maps.Keys(excused)) {
		switch {
		case ran[client]:
			faults = append(faults, client+" is excused, and ran")
		case !missing[client]:
			faults = append(faults, client+" is excused, and nobody tried to run it")
		}
	}
	if len(r.rows) == 0 {
		faults = append(faults, "nothing ran")
	}
	return faults
}
