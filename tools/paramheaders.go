package tools

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// headerKeyword marks an argument that a client repeats in a header (MCP 2026-07-28,
// Streamable HTTP, "Custom Headers from Tool Parameters").
const headerKeyword = "x-mcp-header"

// headerName is a token (RFC 9110 §5.6.2), as the name of a header is one.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// checkHeaders holds the marks of a tool's input schema to their rules. A client drops
// a tool that breaks one.
func checkHeaders(s *jsonschema.Schema) error {
	return visitHeaders(s, "", true, map[string]bool{})
}

// visitHeaders looks at s, which stands at a JSON pointer from the root. plain tells that
// only properties lead there; seen are the names so far, in lower case.
func visitHeaders(s *jsonschema.Schema, at string, plain bool, seen map[string]bool) error {
	if s == nil {
		return nil
	}
	if mark, marked := s.Extra[headerKeyword]; marked {
		if err := checkMark(s, mark, plain, seen); err != nil {
			return fmt.Errorf("%s at %s: %w", headerKeyword, at, err)
		}
	}
	for _, p := range parts(s) {
		plain := plain && strings.HasPrefix(p.at, "/"+propertiesKeyword+"/")
		if err := visitHeaders(p.schema, at+p.at, plain, seen); err != nil {
			return err
		}
	}
	return nil
}

func checkMark(s *jsonschema.Schema, mark any, plain bool, seen map[string]bool) error {
	name, _ := mark.(string)
	lower := strings.ToLower(name)
	switch {
	case !headerName.MatchString(name):
		return fmt.Errorf("%q is no name of a header", name)
	case !plain:
		return fmt.Errorf("only properties may lead to it")
	case s.Type != "string" && s.Type != "integer" && s.Type != "boolean":
		return fmt.Errorf("the type must be string, integer or boolean")
	case seen[lower]:
		return fmt.Errorf("%q is the name of two headers", name)
	}
	seen[lower] = true
	return nil
}
