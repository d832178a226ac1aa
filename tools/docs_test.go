package tools

import (
	"go/format"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const docsFile = "../docs/adding-a-tool.md"

// docsExamples are the examples of the guide: by what its block is found, the file that
// has it and what stands around it there, and what a file of its own needs above it.
var docsExamples = []struct {
	block, file, begin, end string
	imports                 []string // "": an empty line
}{
	{"example", "example_test.go", docsBegin, docsEnd, []string{"context"}},
	{"example: a long tool", "example_long_test.go", docsBegin, docsEnd, []string{"context", "fmt"}},
	{
		"example: a question", "ask_example_test.go", "\"mcp-resource-server/tools\"\n)\n\n", "\n\n// consenting is",
		[]string{"context", "encoding/json", "", sdkPackage},
	},
	{
		"example: content", "example_content_test.go", docsBegin, docsEnd,
		[]string{"bytes", "context", "fmt", "image", "image/color", "image/draw", "image/png", "", sdkPackage},
	},
	{"example: a schema", "example_schema_test.go", docsBegin, docsEnd, []string{"context", "encoding/json", "fmt"}},
	{"example: a prompt and a resource", "example_prompt_test.go", docsBegin, docsEnd, []string{"context", "fmt", "strings", "", sdkPackage}},
}

const (
	docsBegin, docsEnd = "// docs:begin\n\n", "\n\n// docs:end\n"
	sdkPackage         = "github.com/modelcontextprotocol/go-sdk/mcp"
)

// The examples of the guide are compiled and run, as Example functions.
func TestGeneratedExampleInDocs(t *testing.T) {
	for _, e := range docsExamples {
		t.Run(e.block, func(t *testing.T) {
			source, err := os.ReadFile(e.file)
			if err != nil {
				t.Fatal(err)
			}
			_, region, _ := cutOut(t, e.file, string(source), e.begin, e.end)
			// The example stands outside the package, the file will stand within it.
			code := header(e.imports) + strings.ReplaceAll(region, "tools.", "")
			if formatted, err := format.Source([]byte(code)); err != nil || strings.TrimSpace(string(formatted)) != code {
				t.Fatalf("the example is no formatted Go file: %v", err)
			}
			want := "\n" + code
			docs, err := os.ReadFile(docsFile)
			if err != nil {
				t.Fatal(err)
			}
			before, got, after := cutOut(t, docsFile, string(docs), "<!-- "+e.block+" -->\n```go", "\n```\n")
			if *update {
				if err := os.WriteFile(docsFile, []byte(before+want+after), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s differs from %s (make generate); -example +docs:\n%s", docsFile, e.file, diff)
			}
		})
	}
}

// header is what a file has above its first declaration.
func header(imports []string) string {
	if len(imports) == 1 {
		return "package tools\n\nimport \"" + imports[0] + "\"\n\n"
	}
	lines := []string{"package tools\n\nimport ("}
	for _, path := range imports {
		if path == "" {
			lines = append(lines, "")
			continue
		}
		lines = append(lines, "\t\""+path+"\"")
	}
	return strings.Join(lines, "\n") + "\n)\n\n"
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
