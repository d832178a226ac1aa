package tools

import (
	"go/format"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	docsFile    = "../docs/adding-a-tool.md"
	exampleFile = "example_test.go"
	// What a file of its own has above the example.
	exampleHeader = "package tools\n\nimport \"context\"\n\n"
	// The block is found by what stands around it.
	blockBegin, blockEnd = "<!-- example -->\n```go", "\n```\n"
)

// The example of the guide is compiled and run as ExampleDefine.
func TestGeneratedExampleInDocs(t *testing.T) {
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	_, region, _ := cutOut(t, exampleFile, string(example), "// docs:begin\n\n", "\n\n// docs:end\n")
	// The example stands outside the package, the file will stand within it.
	code := exampleHeader + strings.ReplaceAll(region, "tools.", "")
	if formatted, err := format.Source([]byte(code)); err != nil || strings.TrimSpace(string(formatted)) != code {
		t.Fatalf("the example is no formatted Go file: %v", err)
	}
	want := "\n" + code
	docs, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, got, after := cutOut(t, docsFile, string(docs), blockBegin, blockEnd)
	if *update {
		if err := os.WriteFile(docsFile, []byte(before+want+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs from %s (make generate); -example +docs:\n%s", docsFile, exampleFile, diff)
	}
}

// cutOut returns what stands between the first begin and the end after it, and
// what stands around it, the marks included.
func cutOut(t *testing.T, name, text, begin, end string) (before, inside, after string) {
	t.Helper()
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		t.Fatalf("%s has no %q", name, begin)
	}
	inside, after, ok = strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no %q after %q", name, end, begin)
	}
	return before + begin, inside, end + after
}
