package tools

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// headerKeyword marks an argument that a client repeats in a header (MCP 2026-07-28,
// Streamable HTTP, "Custom Headers from Tool Parameters").
const headerKeyword = "x-mcp-header"

// headerName is a token (RFC 9110 §5.6.2), as the name of a header is one.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// Header is an argument that a client repeats in a header of the request.
type Header struct {
	// Name is what the header is called behind Mcp-Param-, in any case of letters.
	Name string
	// Path are the names that lead to the argument, from the outermost on.
	Path []string
}

// checkHeaders holds the marks of a tool's input schema to their rules. A client drops
// a tool that breaks one.
func checkHeaders(s *jsonschema.Schema) error {
	_, err := headersOf(s)
	return err
}

// headersOf returns the arguments that a tool's input schema marks.
func headersOf(s *jsonschema.Schema) ([]Header, error) {
	v := &headerVisit{names: map[string]bool{}}
	err := v.visit(s, "", []string{})
	return v.found, err
}

// headerVisit is a walk over an input schema.
type headerVisit struct {
	found []Header
	names map[string]bool // of those found, in lower case
}

// visit looks at s, which stands at a JSON pointer from the root, and at path: nil where
// not only properties lead there.
func (v *headerVisit) visit(s *jsonschema.Schema, at string, path []string) error {
	if s == nil {
		return nil
	}
	if mark, marked := s.Extra[headerKeyword]; marked {
		if err := v.mark(s, mark, path); err != nil {
			return fmt.Errorf("%s at %s: %w", headerKeyword, at, err)
		}
	}
	for _, p := range parts(s) {
		var inner []string
		if name, isProperty := strings.CutPrefix(p.at, "/"+propertiesKeyword+"/"); isProperty && path != nil {
			inner = append(slices.Clone(path), pointerUnescape.Replace(name))
		}
		if err := v.visit(p.schema, at+p.at, inner); err != nil {
			return err
		}
	}
	return nil
}

func (v *headerVisit) mark(s *jsonschema.Schema, mark any, path []string) error {
	name, _ := mark.(string)
	lower := strings.ToLower(name)
	switch {
	case !headerName.MatchString(name):
		return fmt.Errorf("%q is no name of a header", name)
	case path == nil:
		return fmt.Errorf("only properties may lead to it")
	case s.Type != "string" && s.Type != "integer" && s.Type != "boolean":
		return fmt.Errorf("the type must be string, integer or boolean")
	case v.names[lower]:
		return fmt.Errorf("%q is the name of two headers", name)
	}
	v.names[lower] = true
	v.found = append(v.found, Header{Name: name, Path: path})
	return nil
}
