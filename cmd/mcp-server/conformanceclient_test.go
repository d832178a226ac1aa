//go:build conformance

package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mcp-resource-server/internal/conformance"
)

// clientScenario is the one that a client without a person, and with a secret, can be
// looked at in. The suite counts it for nobody: it is of an extension.
const clientScenario = "auth/client-credentials-basic"

// TestConformanceOfMCPCTL lets the suite's own server and issuer look at mcpctl.
func TestConformanceOfMCPCTL(t *testing.T) {
	suite := newConformanceSuite(t, "client")
	mcpctl := filepath.Join(t.TempDir(), "mcpctl")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", mcpctl, "../mcpctl").CombinedOutput(); err != nil {
		t.Fatalf("building mcpctl: %v\n%s", err, out)
	}
	adapter, err := filepath.Abs("../../internal/conformance/client.mjs")
	if err != nil {
		t.Fatal(err)
	}
	command := fmt.Sprintf("%s %s %s", suite.node, adapter, mcpctl)
	exit := suite.start(t, suite.results, "client", "--command", command, "--scenario", clientScenario)

	results := os.DirFS(suite.results)
	files, err := fs.Glob(results, clientScenario+"-*/checks.json")
	if err != nil || len(files) != 1 {
		t.Fatalf("%q was written, %v: want one scenario", files, err)
	}
	checks, err := conformance.ReadChecks(results, files[0])
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("mcpctl, %s: %d checks passed, %d failed\n", clientScenario, len(checks.Of(conformance.Success)), len(checks.Of(conformance.Failure)))
	if !checks.Passed() || len(checks.Of(conformance.Warning)) > 0 || exit != nil {
		t.Errorf("%v, and the suite ended with %v", checks, exit)
	}
	// The last of them: that a request came with the token that was issued.
	if !checks.Has("valid-bearer-token", conformance.Success) {
		t.Errorf("mcpctl sent no token: %v", checks)
	}
}
