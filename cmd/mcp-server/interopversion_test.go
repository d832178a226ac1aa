//go:build interop

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// npmVersion is the version of a package as it is installed in a folder of
// $INTEROP_DIR, so that the table cannot tell of another.
func npmVersion(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(interopDir(t), dir, "node_modules", filepath.FromSlash(name), "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pkg struct{ Version string }
	if err := json.Unmarshal(b, &pkg); err != nil || pkg.Version == "" {
		t.Fatalf("%s has no version: %v", name, err)
	}
	return pkg.Version
}

// pipVersion is the same of a package that a requirements file pins.
func pipVersion(t *testing.T, file, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../internal/interop/python", file))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `==([^\s;]+)`).FindSubmatch(b)
	if found == nil {
		t.Fatalf("%s does not pin %s", file, name)
	}
	return string(found[1])
}
