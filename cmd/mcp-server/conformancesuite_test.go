//go:build conformance

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mcp-resource-server/internal/conformance"
)

// conformanceSuite is the official suite, as .ci/conformance has installed it.
type conformanceSuite struct {
	node, dir string
	results   string // the directory that its results go to
}

// newConformanceSuite forgets what it wrote the last time of the side.
func newConformanceSuite(t *testing.T, side string) conformanceSuite {
	t.Helper()
	dir, node := os.Getenv("CONFORMANCE_DIR"), os.Getenv("CONFORMANCE_NODE")
	if dir == "" || node == "" {
		t.Fatal("CONFORMANCE_DIR and CONFORMANCE_NODE are not set: run make conformance")
	}
	suite := conformanceSuite{
		node: node, dir: filepath.Join(dir, "node_modules", "@modelcontextprotocol", "conformance"),
		results: filepath.Join(dir, "results", side),
	}
	if err := os.RemoveAll(suite.results); err != nil {
		t.Fatal(err)
	}
	return suite
}

// requirements are what the suite's own file says.
func (suite conformanceSuite) requirements(t *testing.T, era string) conformance.Requirements {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(suite.dir, "requirements", era+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := conformance.ReadRequirements(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// suiteRun is one run of the suite.
type suiteRun struct {
	results conformance.Results
	exit    error // nil: it found all that is required
}

// run runs the suite against a server. Its results stay in .conformance/ until the next
// time.
func (suite conformanceSuite) run(t *testing.T, url, era string) suiteRun {
	t.Helper()
	dir := filepath.Join(suite.results, filepath.FromSlash(t.Name()), era)
	exit := suite.start(t, dir, "server", "--url", url, "--requirements", era)
	results, err := conformance.ReadResults(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return suiteRun{results: results, exit: exit}
}

// start runs the suite, which is to write into dir.
func (suite conformanceSuite) start(t *testing.T, dir string, args ...string) (exit error) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	args = slices.Concat([]string{filepath.Join(suite.dir, "dist", "index.js")}, args, []string{"-o", dir})
	output, err := exec.CommandContext(ctx, suite.node, args...).CombinedOutput()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("running the suite: %v\n%s", err, output)
	}
	return err
}
