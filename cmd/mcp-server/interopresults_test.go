//go:build interop

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// interopResults is the table that `make interop` shows in the end.
type interopResults struct {
	text  strings.Builder
	table *tabwriter.Writer
}

func newInteropResults(t *testing.T) *interopResults {
	t.Helper()
	r := &interopResults{}
	r.table = tabwriter.NewWriter(&r.text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(r.table, "CLIENT\tVERSION\tTRANSPORT\tMODE\tMCP\tCASE\tRESULT\tTIME")
	path := filepath.Join(interopDir(t), "results")
	t.Cleanup(func() {
		if err := r.table.Flush(); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(path, []byte(r.text.String()), 0o600); err != nil {
			t.Error(err)
		}
	})
	return r
}

// run runs one case, and writes its row.
func (r *interopResults) run(t *testing.T, c interopClient, name string, test func(*testing.T, interopClient)) {
	t.Helper()
	begun := time.Now()
	result := "FAILED"
	if t.Run(c.String()+"/"+name, func(t *testing.T) { test(t, c) }) {
		result = "passed"
	}
	fmt.Fprintf(r.table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f s\n",
		c.name, c.version, c.transport, c.mode, c.speaks(), name, result, time.Since(begun).Seconds())
}
