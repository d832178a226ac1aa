package archtest

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "mcp-resource-server"

// root finds the module's directory: the nearest one upwards that has a go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || parent == dir {
			t.Fatalf("no go.mod above %s: %v", dir, err)
		}
		dir = parent
	}
}

// imports maps each non-test Go file of the module, by its slash-separated path
// from the root, to what it imports. Build constraints are not looked at: a file
// for another platform counts too.
func imports(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name != root && skipped(name) {
				return filepath.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		list := []string{}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			list = append(list, imported)
		}
		found[filepath.ToSlash(rel)] = list
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no Go files found: the walk is broken")
	}
	return found
}

// skipped tells whether the go command passes a directory over, too.
func skipped(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// ownImports reduces files to packages of the module and what of the module each
// imports, both named by their path from the root ("." is the root itself).
func ownImports(files map[string][]string) map[string][]string {
	packages := map[string][]string{}
	for file, list := range files {
		pkg := path.Dir(file)
		own := packages[pkg]
		for _, imported := range list {
			if rest, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
				own = append(own, rest)
			}
		}
		slices.Sort(own)
		packages[pkg] = slices.Compact(own)
	}
	return packages
}
