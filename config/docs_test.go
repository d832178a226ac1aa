package config

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

const (
	docsFile = "../docs/configuration.md"
	// What cannot be said key by key.
	docsIntro = "testdata/configuration.intro.md"
)

func TestGeneratedDocs(t *testing.T) {
	got := generateDocs(t)
	if *update {
		if err := os.MkdirAll(filepath.Dir(docsFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(docsFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatalf("%v: run make generate", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/configuration.md is not what the settings say: run make generate\n%s", diff)
	}
}

func generateDocs(t *testing.T) string {
	t.Helper()
	intro, err := os.ReadFile(docsIntro)
	if err != nil {
		t.Fatal(err)
	}
	g := generator{t: t, comments: map[reflect.Type]map[string]string{}}
	g.out.Write(intro)
	for _, section := range schema(Default()) {
		fmt.Fprintf(&g.out, "\n## %s\n\n%s\n", section.path, g.comment(section))
		g.keys(section.keys)
	}
	return g.out.String()
}

type generator struct {
	t        *testing.T
	out      strings.Builder
	comments map[reflect.Type]map[string]string
}

func (g *generator) keys(keys []*key) {
	for _, k := range keys {
		fmt.Fprintf(&g.out, "\n### `%s`\n\n", k.path)
		if k.kind != kindSection {
			fmt.Fprintf(&g.out, "%s\n\n", facts(k))
		}
		fmt.Fprintf(&g.out, "%s\n", g.comment(k))
		g.keys(k.keys)
	}
}

// facts is the line under a key: its variable, type and default.
func facts(k *key) string {
	if strings.Contains(k.path, "[]") { // what holds without it is in its comment
		return fmt.Sprintf("file only · %s", k.kind)
	}
	def := "empty"
	if text := defaultText(k); text != "" && k.kind != kindEntries {
		def = "`" + text + "`"
	}
	if k.kind == kindEntries {
		return fmt.Sprintf("file only · %s · default %s", k.kind, def)
	}
	return fmt.Sprintf("`%s` · %s · default %s", k.env(), k.kind, def)
}

// comment returns the comment of the field that k is.
func (g *generator) comment(k *key) string {
	if k.holds != nil {
		return "A file that holds `" + k.holds.path + "`: at most 64 KiB; a newline at its end is dropped. One of the two can be set."
	}
	fields, ok := g.comments[k.owner]
	if !ok {
		fields = g.parse(k.owner)
		g.comments[k.owner] = fields
	}
	text := fields[k.field.Name]
	if text == "" {
		g.t.Errorf("%s.%s has no comment: it is the entry of %s in docs/configuration.md", k.owner, k.field.Name, k.path)
	}
	return strings.NewReplacer("<", "&lt;", "*", `\*`).Replace(strings.TrimSpace(text))
}

// parse returns the comments of a struct's fields, from the source of its package.
func (g *generator) parse(owner reflect.Type) map[string]string {
	module := strings.TrimSuffix(reflect.TypeFor[Config]().PkgPath(), "config")
	dir := filepath.Join("..", filepath.FromSlash(strings.TrimPrefix(owner.PkgPath(), module)))
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		g.t.Fatal(err)
	}
	comments := map[string]string{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			g.t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != owner.Name() {
				return true
			}
			if body, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range body.Fields.List {
					for _, name := range f.Names {
						comments[name.Name] = f.Doc.Text()
					}
				}
			}
			return false
		})
	}
	return comments
}
