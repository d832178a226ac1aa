package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// row says what the packages of one pattern (see path.Match) may import of ours.
type row struct {
	packages string
	except   []string // packages that the pattern matches and the row is not about
	may      []string // patterns; empty means none of ours
	never    []string // packages that a pattern in may matches and that are not meant
}

// aboveServer are the packages in internal/ that only tests import, or nobody.
var aboveServer = []string{"internal/conformance", "internal/archtest", "internal/drill", "internal/jwstest"}

// layout is the import direction, as docs/architecture.md draws it. It binds
// non-test files. Each package matches exactly one row.
var layout = []row{
	// The programs. mcp-server is the one place where everything is wired; mcpctl
	// speaks MCP and OAuth from outside, and knows nothing of the server.
	{packages: "cmd/mcp-server", may: []string{"config", "server", "tools", "auth", "auth/devauth", "internal/*"}, never: aboveServer},
	{packages: "cmd/mcpctl", may: []string{"cmd/mcpctl/ask", "internal/*"}, never: aboveServer},
	// The conversation with a model knows of tools only what it declares itself.
	{packages: "cmd/mcpctl/ask", may: []string{"internal/outbound", "internal/strictjson", "internal/toolschema"}},

	// config composes the Config structs of the others.
	{packages: "config", may: []string{"server", "tools", "auth", "internal/*"}, never: aboveServer},
	{packages: "server", may: []string{"auth", "tools", "internal/*"}, never: aboveServer},
	// tools see the Principal and scope names; the HTTP side is not their business.
	{packages: "tools", may: []string{"auth", "internal/faults", "internal/places", "internal/strictjson", "internal/weather"}},
	{packages: "auth", may: []string{"internal/*"}, never: aboveServer},
	// The development issuer shares no code with what it is there to test.
	{packages: "auth/devauth"},

	// Leaves know nothing of MCP, and nothing of each other, with four exceptions: a
	// leaf with a Config of its own reports its faults in the form of all others, those
	// that ask others by HTTP word what that failed of in one way, those that keep a
	// file of the user's own keep it in one way, and a file that somebody named is read
	// in one way, once or again and again.
	{packages: "internal/*", except: append([]string{"internal/logging", "internal/audit", "internal/oauthclient", "internal/devstate", "internal/weather", "internal/filewatch"}, aboveServer...)},
	{packages: "internal/logging", may: []string{"internal/faults"}},
	{packages: "internal/audit", may: []string{"internal/faults", "internal/namedfile"}},
	{packages: "internal/oauthclient", may: []string{"internal/outbound", "internal/ownfile"}},
	{packages: "internal/devstate", may: []string{"internal/ownfile"}},
	{packages: "internal/weather", may: []string{"internal/outbound"}},
	{packages: "internal/filewatch", may: []string{"internal/namedfile"}},

	{packages: "internal/conformance", may: []string{"server", "tools", "auth"}},
	{packages: "internal/archtest"},
	{packages: "internal/jwstest"},
	// The drill runs the server as a process, and beside it an issuer of its own.
	{packages: "internal/drill", may: []string{"auth/devauth"}},
}

// check returns what is wrong with one package's imports of ours.
func check(table []row, pkg string, own []string) []string {
	var rows []row
	for _, r := range table {
		if matches(r.packages, pkg) && !slices.Contains(r.except, pkg) {
			rows = append(rows, r)
		}
	}
	if len(rows) != 1 {
		return []string{fmt.Sprintf("package %s matches %d rows: it must match one, add it to the table", pkg, len(rows))}
	}
	var faults []string
	for _, imported := range own {
		allowed := slices.ContainsFunc(rows[0].may, func(pattern string) bool { return matches(pattern, imported) })
		if !allowed || slices.Contains(rows[0].never, imported) {
			faults = append(faults, fmt.Sprintf("package %s must not import %s", pkg, imported))
		}
	}
	return faults
}

func matches(pattern, pkg string) bool {
	ok, err := path.Match(pattern, pkg)
	if err != nil {
		panic("bad pattern in the table: " + pattern)
	}
	return ok
}

func TestImportDirection(t *testing.T) {
	packages := ownImports(imports(t, root(t)))
	for _, pkg := range slices.Sorted(maps.Keys(packages)) {
		for _, fault := range check(layout, pkg, packages[pkg]) {
			t.Error(fault)
		}
	}
}

// Each refused edge stands beside the allowed one that is nearest to it: a rule
// that refuses nothing, or everything, fails here.
func TestCheckRefuses(t *testing.T) {
	tests := []struct {
		name    string
		pkg     string
		allowed []string
		refused string
	}{
		{"a leaf imports none of ours", "internal/httperr", nil, "internal/faults"},
		{"but for the leaf with a Config", "internal/logging", []string{"internal/faults"}, "internal/httperr"},
		{"and for those that ask by HTTP", "internal/weather", []string{"internal/outbound"}, "internal/oauthclient"},
		{"and for the one that reads named files again", "internal/filewatch", []string{"internal/namedfile"}, "internal/ownfile"},
		{"auth imports leaves only", "auth", []string{"internal/oauthclient"}, "server"},
		{"auth does not import the package below it", "auth", []string{"internal/faults"}, "auth/devauth"},
		{"devauth imports none of ours", "auth/devauth", nil, "auth"},
		{"tools know who calls, not how", "tools", []string{"auth"}, "server"},
		{"server does not know how it is configured", "server", []string{"auth", "tools", "internal/httperr"}, "config"},
		{"config does not start an issuer", "config", []string{"server", "auth"}, "auth/devauth"},
		{"config is imported by programs alone", "server", []string{"tools"}, "config"},
		{"the client knows nothing of the server", "cmd/mcpctl", []string{"internal/oauthclient"}, "auth"},
		{"conformance is for tests", "cmd/mcp-server", []string{"auth/devauth", "internal/logging"}, "internal/conformance"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if faults := check(layout, tt.pkg, tt.allowed); len(faults) != 0 {
				t.Errorf("%s importing %q: %q", tt.pkg, tt.allowed, faults)
			}
			want := []string{"package " + tt.pkg + " must not import " + tt.refused}
			if faults := check(layout, tt.pkg, append(slices.Clone(tt.allowed), tt.refused)); !slices.Equal(faults, want) {
				t.Errorf("%s importing %s: %q, want %q", tt.pkg, tt.refused, faults, want)
			}
		})
	}
	t.Run("a package that nobody thought of", func(t *testing.T) {
		for _, pkg := range []string{".", "utils", "tools/openapi", "internal/a/b", "cmd/other"} {
			if faults := check(layout, pkg, nil); len(faults) != 1 || !strings.Contains(faults[0], "add it to the table") {
				t.Errorf("package %s: %q", pkg, faults)
			}
		}
	})
}

// jwx is lenient and no longer maintained, so one file holds all that is used of
// it; what it would let through is refused before it is asked.
func TestOneFileImportsJWX(t *testing.T) {
	want := []string{"auth/jose.go"}
	if got := importers(imports(t, root(t)), "github.com/lestrrat-go/jwx"); !slices.Equal(got, want) {
		t.Errorf("jwx is imported by %q, want %q", got, want)
	}
}

// The development issuer gives tokens to whoever asks: only the program and the drill
// may start it.
func TestOnlyTwoProgramsImportDevauth(t *testing.T) {
	for _, file := range importers(imports(t, root(t)), modulePath+"/auth/devauth") {
		if dir := path.Dir(file); dir != "cmd/mcp-server" && dir != "internal/drill" {
			t.Errorf("%s imports auth/devauth", file)
		}
	}
}

// importers lists the files that import a package or one below it.
func importers(files map[string][]string, imported string) []string {
	var found []string
	for file, list := range files {
		if slices.ContainsFunc(list, func(s string) bool { return s == imported || strings.HasPrefix(s, imported+"/") }) {
			found = append(found, file)
		}
	}
	slices.Sort(found)
	return found
}

func TestImporters(t *testing.T) {
	files := map[string][]string{
		"a/exact.go":  {"fmt", "x/y"},
		"a/below.go":  {"x/y/v2/z"},
		"b/prefix.go": {"x/yes"},
		"b/other.go":  {"x"},
	}
	if got, want := importers(files, "x/y"), []string{"a/below.go", "a/exact.go"}; !slices.Equal(got, want) {
		t.Errorf("importers = %q, want %q", got, want)
	}
}
