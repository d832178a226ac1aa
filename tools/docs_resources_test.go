package tools

import (
	"os"
	"strings"
	"testing"
)

// TestResourcesDocs: what docs/resources.md shows is compiled, and run as Examples.
func TestResourcesDocs(t *testing.T) {
	source, err := os.ReadFile("example_resources_test.go")
	if err != nil {
		t.Fatal(err)
	}
	code := strings.ReplaceAll(string(source), "tools.", "")
	docs, err := os.ReadFile("../docs/resources.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(docs), "```go\n")[1:]
	if len(blocks) != 3 {
		t.Fatalf("%d blocks, want a resource, a template and a watched resource", len(blocks))
	}
	for _, block := range blocks {
		if block, _, _ = strings.Cut(block, "```"); !strings.Contains(code, block) {
			t.Errorf("not in example_resources_test.go:\n%s", block)
		}
	}
}
