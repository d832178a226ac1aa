package toolschema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestCompileRefuses(t *testing.T) {
	bomb := `{"$defs":{`
	for i := range 20 {
		bomb += fmt.Sprintf(`"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]},`, i, i+1, i+1)
	}
	bomb += `"d20":{}},"$ref":"#/$defs/d0"}`
	tests := []struct{ name, schema, want string }{
		{"no JSON", `{"type":`, "reading the schema"},
		{"a keyword of the wrong type", `{"type":7}`, "reading the schema"},
		{"another draft", `{"$schema":"http://json-schema.org/draft-04/schema#"}`, "draft that is not supported"},
		{"a pattern that Go has not", `{"properties":{"a":{"pattern":"(?=x)"}}}`, "resolving the schema"},
		{"another document", `{"properties":{"a":{"$ref":"https://evil.example/x"}}}`, "no pointer into itself"},
		{"itself", `{"$ref":"#"}`, "refers to itself"},
		// The library reads names as encoding/json does, whatever their case.
		{"itself in other letters", `{"$Ref":"#"}`, "refers to itself"},
		{"a long pattern in other letters", `{"properties":{"a":{"PATTERN":"` + strings.Repeat("x", MaxPatternBytes+1) + `"}}}`, "regular expressions of the schema are too long"},
		{"itself in a circle", `{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}`, "refers to itself"},
		{"a million parts", bomb, "or is too large"},
		{"a long pattern", `{"properties":{"a":{"pattern":"` + strings.Repeat("x", MaxPatternBytes+1) + `"}}}`, "regular expressions of the schema are too long"},
		{"a long text", `{"description":"` + strings.Repeat("x", MaxBytes) + `"}`, "the schema is too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Compile(json.RawMessage(tt.schema)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// The twins: as much as is allowed, and references that end.
func TestCompile(t *testing.T) {
	for name, schema := range map[string]string{
		"a pattern of the limit": `{"properties":{"a":{"pattern":"` + strings.Repeat("x", MaxPatternBytes) + `"}},"required":["b"]}`,
		"a text below the limit": `{"description":"` + strings.Repeat("x", MaxBytes/2) + `","required":["b"]}`,
		"a definition":           `{"$ref":"#/$defs/a","$defs":{"a":{"required":["b"]}}}`,
		"draft 7":                `{"$schema":"http://json-schema.org/draft-07/schema#","required":["b"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Compile(json.RawMessage(schema))
			if err != nil {
				t.Fatal(err)
			}
			if s.Validate(map[string]any{"b": 1}) != nil || s.Validate(map[string]any{}) == nil {
				t.Error("it does not judge")
			}
		})
	}
}

// Whatever a server sends, it is read or refused, and nothing of it is followed
// without end.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`{"$ref":"#"}`, `{"allOf":[null]}`, `{"properties":{"a":null},"items":null}`, `true`, `null`, `[]`,
		`{"$defs":{"a":{"$ref":"#/$defs/a"}}}`, `{"patternProperties":{"^a":null}}`, `{"$ref":"#/$defs/a~1b","$defs":{"a/b":{}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, schema []byte) {
		s, err := Compile(schema)
		if err != nil {
			return
		}
		for _, value := range []any{nil, map[string]any{"a": 1.5}, []any{"x"}} {
			_ = s.Validate(value)
		}
	})
}
