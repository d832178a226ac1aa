//go:build interop

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	// The two results of a flow that a test says something about.
	interopPassed, interopFailed = "passed", "FAILED"
	devIssuer                    = "devauth"
)

// interopRow is what came of one flow of one client. Nothing in it may differ from run
// to run: no port, no time.
type interopRow struct{ Client, Version, Era, Transport, Flow, Issuer, Result, Note string }

// cells are the columns, in the order in which rows are sorted.
func (r interopRow) cells() []string {
	return []string{r.Client, r.Version, r.Era, r.Transport, r.Issuer, r.Flow, r.Result, r.Note}
}

var interopColumns = []string{"client", "version", "MCP", "transport", "issuer", "flows", "result", "note"}

// missingClient is a client that could not be run.
type missingClient struct{ client, version, why string }

func (m missingClient) String() string {
	return fmt.Sprintf("NOT RUN %s %s: %s", m.client, m.version, m.why)
}

// interopResults is the table of all tests of the interop run.
type interopResults struct {
	mu      sync.Mutex
	rows    []interopRow
	missing []missingClient
}

// row adds a row. It may be called from parallel tests.
func (r *interopResults) row(row interopRow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, row)
}

// notRun says that a client could not be run, which fails the run unless excused.txt
// has the client.
func (r *interopResults) notRun(client, version, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing = append(r.missing, missingClient{client, version, why})
}

var theInteropResults = sync.OnceValue(func() *interopResults { return &interopResults{} })

// newInteropResults returns the table, which all tests share, and has it written, as
// far as it has come, when the test ends: .ci/interop shows that.
func newInteropResults(t *testing.T) *interopResults {
	t.Helper()
	r := theInteropResults()
	path := filepath.Join(interopDir(t), "results")
	t.Cleanup(func() {
		if err := os.WriteFile(path, []byte(r.plain()), 0o600); err != nil {
			t.Error(err)
		}
	})
	return r
}

// run runs one flow beside others, and adds its row with what came of it.
func (r *interopResults) run(t *testing.T, row interopRow, test func(t *testing.T)) {
	t.Helper()
	name := strings.Join([]string{row.Client, row.Version, row.Transport, row.Era, row.Issuer}, " ")
	t.Run(name+"/"+row.Flow, func(t *testing.T) {
		t.Parallel()
		t.Cleanup(func() { // the last of all
			row.Result = interopPassed
			if t.Failed() {
				row.Result = interopFailed
			}
			r.row(row)
		})
		test(t)
	})
}
