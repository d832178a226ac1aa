package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

const goldenSuffix = ".golden.json"

func goldenFile(name string) string { return filepath.Join("testdata", name+goldenSuffix) }

// definitions are what clients are shown, by the name of the file: that of a tool is
// its own, and that of a resource or template its URI, for only that is unique.
func definitions(of Inventory) map[string]any {
	all := map[string]any{}
	add := func(key string, definition any) {
		if _, taken := all[key]; taken {
			panic("two golden files are called " + key)
		}
		all[key] = definition
	}
	for _, t := range of.Tools {
		add(t.Name(), t.Definition())
	}
	for _, p := range of.Prompts {
		add("prompt."+p.Name(), p.Definition())
	}
	for _, r := range of.Resources {
		add("resource."+url.QueryEscape(r.URI()), r.Definition())
	}
	for _, t := range of.Templates {
		add("template."+url.QueryEscape(t.URITemplate()), t.Definition())
	}
	return all
}

func TestGoldenFilesAreOneEach(t *testing.T) {
	resource := func(uri string) Resource { return NewResource(uri, resourceOptions, nil) }
	all := Inventory{
		Tools:     named("a", "b"),
		Resources: []Resource{resource("t://a"), resource("t://b/c")}, // of one name
		Templates: []Template{aTemplate("t://{a}"), aTemplate("t://b/{a}")},
	}
	want := []string{"a", "b", "resource.t%3A%2F%2Fa", "resource.t%3A%2F%2Fb%2Fc", "template.t%3A%2F%2F%7Ba%7D", "template.t%3A%2F%2Fb%2F%7Ba%7D"}
	if got := slices.Sorted(maps.Keys(definitions(all))); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	all.Tools = append(all.Tools, named("prompt.c")...)
	all.Prompts = []Prompt{NewPrompt("c", PromptOptions{Title: "T", Description: "D"}, nil)}
	wantPanic(t, "two golden files are called prompt.c", func() { definitions(all) })
}

// What a client is shown is what models and other programs rely on: a
// change of it is seen in a diff, or it does not happen.
func TestGoldenDefinitions(t *testing.T) {
	for name, definition := range definitions(everything()) {
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
	all := definitions(everything())
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
