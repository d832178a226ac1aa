package archtest

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A link in a document that leads to another file of the repository leads to one
// that is there, and to a heading that is in it.
func TestLinksResolve(t *testing.T) {
	dir := root(t)
	documents := 0
	for _, name := range tracked(t, dir) {
		if path.Ext(name) != ".md" || strings.Contains(name, "testdata/") {
			continue // what lies in testdata is a part of something else
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		documents++
		for _, link := range links(string(content)) {
			if fault := broken(os.DirFS(dir), name, link); fault != "" {
				t.Errorf("%s: the link to %s %s", name, link, fault)
			}
		}
	}
	if documents == 0 {
		t.Fatal("no documents were found: the list is broken")
	}
}

// A test that a document names as what holds a promise is there.
func TestNamedTestsExist(t *testing.T) {
	dir := root(t)
	declared, named := map[string]bool{}, map[string][]string{}
	for _, name := range tracked(t, dir) {
		read := func() string {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			return string(content)
		}
		switch {
		case strings.HasSuffix(name, "_test.go"):
			for _, m := range testFunction.FindAllStringSubmatch(read(), -1) {
				declared[m[1]] = true
			}
		case path.Ext(name) == ".md":
			for _, m := range namedTest.FindAllStringSubmatch(read(), -1) {
				named[name] = append(named[name], m[1])
			}
		}
	}
	if len(declared) == 0 || len(named) == 0 {
		t.Fatalf("%d tests are declared and %d documents name some: the search is broken", len(declared), len(named))
	}
	for document, tests := range named {
		for _, test := range tests {
			if !declared[test] {
				t.Errorf("%s names %s, which is no test", document, test)
			}
		}
	}
}

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w*)\(`)
	namedTest    = regexp.MustCompile("`((?:Test|Fuzz|Benchmark|Example)[A-Z]\\w*)`")
)

// broken says what is wrong with a link in the document called name, or "".
func broken(files fs.FS, name, link string) string {
	u, err := url.Parse(link)
	switch {
	case err != nil:
		return "cannot be read"
	case u.Scheme != "" || u.Host != "":
		return "" // the rest of the world is not ours to check
	}
	target := name
	if u.Path != "" {
		target = path.Join(path.Dir(name), u.Path)
	}
	if path.IsAbs(u.Path) || !fs.ValidPath(target) {
		return "leads out of the repository"
	}
	if _, err := fs.Stat(files, target); err != nil {
		return "leads nowhere"
	}
	if u.Fragment == "" || path.Ext(target) != ".md" {
		return ""
	}
	content, err := fs.ReadFile(files, target)
	if err != nil || !slices.Contains(anchors(string(content)), u.Fragment) {
		return "names a heading that is not there"
	}
	return ""
}

var (
	// linkTarget matches [text](target) and ![text](target "title").
	linkTarget = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?[^)]*\)`)
	codeSpan   = regexp.MustCompile("`[^`\n]*`")
	heading    = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	// notInAnchor is what GitHub drops from a heading when it makes an anchor of it.
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// prose returns the lines of a Markdown document that stand in no code block.
func prose(content string) []string {
	var lines []string
	fence := ""
	for line := range strings.Lines(content) {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		default:
			lines = append(lines, strings.TrimRight(line, "\r\n"))
		}
	}
	return lines
}

// links returns the targets of the links of a Markdown document.
func links(content string) []string {
	var targets []string
	for _, line := range prose(content) {
		for _, m := range linkTarget.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "code"), -1) {
			targets = append(targets, m[1])
		}
	}
	return targets
}

// anchors returns the names by which the headings of a document can be linked to.
func anchors(content string) []string {
	var names []string
	for _, line := range prose(content) {
		if m := heading.FindStringSubmatch(line); m != nil {
			plain := notInAnchor.ReplaceAllString(strings.ToLower(m[1]), "")
			names = append(names, strings.ReplaceAll(plain, " ", "-"))
		}
	}
	return names
}

func TestLinks(t *testing.T) {
	content := "# A [b](c.md)\nsee [x](y.md#z), ![i](i.png \"title\") and [`code`](<d.md>)\n" +
		"not `[x](in-code.md)`\n```sh\n[x](in-fence.md)\n```\n  ~~~\n[x](in-tilde.md)\n  ~~~\n[last](https://example.com/)\n"
	want := []string{"c.md", "y.md#z", "i.png", "d.md", "https://example.com/"}
	if got := links(content); !slices.Equal(got, want) {
		t.Errorf("links = %q, want %q", got, want)
	}
}

func TestAnchors(t *testing.T) {
	content := "# One, two: `three`\ntext\n## I want to … → file\n```\n# a comment\n```\n### 4_x #\n"
	want := []string{"one-two-three", "i-want-to---file", "4_x"}
	if got := anchors(content); !slices.Equal(got, want) {
		t.Errorf("anchors = %q, want %q", got, want)
	}
}

// Each broken link stands beside the one that is nearest to it and is not.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"README.md": "# Top\n", "docs/a.md": "# Part one\n", "docs/code.go": ""} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ in, good, bad, want string }{
		{"README.md", "docs/a.md", "docs/b.md", "leads nowhere"},
		{"README.md", "docs/", "doc/", "leads nowhere"},
		{"docs/a.md", "../README.md", "README.md", "leads nowhere"},
		{"docs/a.md", "../docs/a.md", "../../README.md", "leads out of the repository"},
		{"docs/a.md", "a.md", "/docs/a.md", "leads out of the repository"},
		{"README.md", "docs/a.md#part-one", "docs/a.md#part-two", "names a heading that is not there"},
		{"docs/a.md", "#part-one", "#top", "names a heading that is not there"},
		{"README.md", "docs/code.go#L3", "docs/code.rs#L3", "leads nowhere"},
		{"README.md", "https://example.com/docs/b.md", "docs/%zz", "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.in+" to "+tt.bad, func(t *testing.T) {
			if fault := broken(os.DirFS(dir), tt.in, tt.good); fault != "" {
				t.Errorf("%s %s", tt.good, fault)
			}
			if fault := broken(os.DirFS(dir), tt.in, tt.bad); fault != tt.want {
				t.Errorf("%s: %q, want %q", tt.bad, fault, tt.want)
			}
		})
	}
}
