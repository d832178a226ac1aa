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

func goldenFile(name string) string { return filepath.Join("testdata", name+goldenSuffix) }

// definitions are what clients are shown, by the name of the file: that of a tool is
// its own.
func definitions() map[string]any {
	all := map[string]any{}
	for _, t := range shipped() {
		all[t.Name()] = t.Definition()
	}
	for _, p := range AllPrompts() {
		all["prompt."+p.Name()] = p.Definition()
	}
	for _, r := range AllResources() {
		all["resource."+r.Definition().Name] = r.Definition()
	}
	return all
}

// What a client is shown is what models and other programs rely on: a
// change of it is seen in a diff, or it does not happen.
func TestGoldenDefinitions(t *testing.T) {
	for name, definition := range definitions() {
		t.Run(name, func(t *testing.T) {
			got := indented(t, definition)
			file := goldenFile(name)
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

// A golden file of nothing is left over from what was renamed or removed.
func TestGoldenFilesAreInUse(t *testing.T) {
	files, err := filepath.Glob(goldenFile("*"))
	if err != nil {
		t.Fatal(err)
	}
	all := definitions()
	for _, file := range files {
		if _, used := all[strings.TrimSuffix(filepath.Base(file), goldenSuffix)]; used {
			continue
		}
		if *update {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s belongs to nothing: remove it", file)
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
