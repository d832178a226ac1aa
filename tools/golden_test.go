package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

const goldenSuffix = ".golden.json"

func goldenFile(tool string) string { return filepath.Join("testdata", tool+goldenSuffix) }

// What a client is shown of a tool is what models and other programs rely on: a
// change of it is seen in a diff, or it does not happen.
func TestGoldenDefinitions(t *testing.T) {
	for _, tool := range shipped() {
		t.Run(tool.Name(), func(t *testing.T) {
			got := indented(t, tool.Definition())
			file := goldenFile(tool.Name())
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%s is missing: run make generate, and read what it writes", file)
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is out of date (make generate); -file +code:\n%s", file, diff)
			}
		})
	}
}

// A golden file without a tool is left over from one that was renamed or removed.
func TestGoldenFilesHaveTools(t *testing.T) {
	files, err := filepath.Glob(goldenFile("*"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, tool := range shipped() {
		names[tool.Name()] = true
	}
	for _, file := range files {
		if names[strings.TrimSuffix(filepath.Base(file), goldenSuffix)] {
			continue
		}
		if *update {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s belongs to no tool: remove it", file)
	}
}

func indented(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
