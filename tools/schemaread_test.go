package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// object is the schema of an object with these members beside its type.
func object(members string) json.RawMessage {
	return json.RawMessage(`{"type":"object",` + members + `}`)
}

// doubling is a schema of n definitions that each use the next one twice.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]},`, i, i+1, i+1)
	}
	return fmt.Sprintf(`"$defs":{%s"d%d":{}},"$ref":"#/$defs/d0"`, b.String(), n)
}

func TestSchemasCheckRefuses(t *testing.T) {
	const (
		misspelled = "a keyword is spelled in other letters, or null stands for a schema"
		ref        = "$ref must name a schema within this one, as in #/$defs/name"
		endless    = "the schema refers to itself without end"
		tooMuch    = "a value can come to be judged by more than 10000 schemas"
		notObject  = `the type must be "object"`
	)
	for _, tt := range []struct {
		name   string
		schema json.RawMessage
		want   string
	}{
		{"nothing", nil, "not one valid JSON value"},
		{"cut off", raw(`{"type":"object"`), "not one valid JSON value"},
		{"a member twice", object(`"type":"object"`), "not one valid JSON value"},
		{"true", raw(`true`), "not a JSON object"},
		{"null", raw(` null`), "not a JSON object"},
		{"a list", raw(`[]`), "not a JSON object"},
		{"of a list", raw(`{"type":"array"}`), notObject},
		{"of several types", raw(`{"type":["object"]}`), notObject},
		{"without a type", raw(`{"properties":{}}`), notObject},
		{"the type in other letters", raw(`{"Type":"object"}`), misspelled},
		{"itself in other letters", object(`"$Ref":"#"`), misspelled},
		{"a reference in two spellings", object(`"$ref":"#/$defs/a","$REF":"#/$defs/b","$defs":{"a":{"type":"object"},"b":{}}`), misspelled},
		{"null for a schema", object(`"properties":{"a":null}`), "null is no schema, at /properties/a"},
		{"null for an item", object(`"items":null`), misspelled},
		{"null in a list", object(`"allOf":[null]`), "null is no schema, at /allOf/0"},
		{"a keyword of the wrong type", object(`"required":"a"`), "a keyword cannot be a string: "},
		{"another draft", object(`"$schema":"http://json-schema.org/draft-04/schema#"`), "$schema must be JSON Schema 2020-12, or draft 7"},
		{"a vocabulary", object(`"$vocabulary":{"x:y":true}`), "jsonschema.Schema: <anonymous schema>: cannot validate a schema with $vocabulary"},
		{"a pattern that Go has not", object(`"properties":{"a":{"pattern":"(?=x)"}}`), "jsonschema.Schema: <anonymous schema>: pattern: error parsing regexp"},
		{"another document", object(`"properties":{"a":{"$ref":"https://evil.example/x"}}`), ref},
		{"another file", object(`"properties":{"a":{"$ref":"other.json#/a"}}`), ref},
		{"itself by its name", object(`"$id":"https://a.example/b","properties":{"a":{"$ref":"https://a.example/b#"}}`), ref},
		{"nothing that is there", object(`"properties":{"a":{"$ref":"#/$defs/a"}}`), ref},
		{"what is no schema", object(`"properties":{"a":{"$ref":"#/properties"}}`), ref},
		{"no anchor", object(`"properties":{"a":{"$ref":"#a"}}`), ref},
		{"an anchor twice", object(`"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}`), `two schemas have the anchor "x"`},
		{"a reference that moves", object(`"properties":{"a":{"$dynamicRef":"#a"}}`), "$dynamicRef is not supported"},
		{"a name within", object(`"properties":{"a":{"$id":"https://a.example/b"}}`), "$id is not supported within a schema"},
		{"itself", object(`"$ref":"#"`), endless},
		{"itself, around a corner", object(`"allOf":[{"not":{"$ref":"#"}}]`), endless},
		{"itself in a circle", object(`"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}`), endless},
		{"itself by an anchor", object(`"$anchor":"me","if":{"$ref":"#me"}`), endless},
		{"itself in a member, and without end", object(`"properties":{"a":{"$ref":"#/properties/a"}}`), endless},
		{"doubling", object(doubling(12)), tooMuch},
		{"doubling with each level", object(`"additionalProperties":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}`), tooMuch},
		{"doubling by two ways to a member", object(`"properties":{"a":{"$ref":"#"}},"patternProperties":{"a":{"$ref":"#"}}`), tooMuch},
		{"doubling with each item", object(`"items":{"$ref":"#"},"contains":{"$ref":"#"}`), tooMuch},
		{"too many", object(`"oneOf":[true` + strings.Repeat(",true", maxSchemaWork) + `]`), tooMuch},
		{"long patterns", object(`"properties":{"a":{"pattern":"x"}},"patternProperties":{"` + strings.Repeat("x", maxPatternBytes) + `":true}`), "the regular expressions are too long"},
		{"a pattern that is long when it is compiled", object(`"properties":{"a":{"pattern":"` + strings.Repeat("(?:a?){1000}", 10) + `"}}`), "the regular expressions are too long"},
		{"too deep", object(strings.Repeat(`"not":{`, maxSchemaDepth) + strings.Repeat("}", maxSchemaDepth)), "JSON nested too deeply"},
		{"too large", object(`"title":"` + strings.Repeat("x", maxSchemaBytes) + `"`), "larger than 262144 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for what, s := range map[string]Schemas{
				"input schema: ":  {Input: tt.schema},
				"output schema: ": {Input: schemaOfN, Output: append(json.RawMessage{}, tt.schema...)},
			} {
				err := s.Check()
				if err == nil || !strings.HasPrefix(err.Error(), what+tt.want) {
					t.Errorf("%v, want %s%s", err, what, tt.want)
				}
				if err != nil && len(err.Error()) > len(what)+maxErrorBytes+len("…") {
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
			}
		})
	}
}

// The twins: all of JSON Schema that can be judged, and as much as is allowed. Each
// schema takes the one document and not the other.
func TestSchemasCheck(t *testing.T) {
	for _, tt := range []struct {
		name    string
		schema  json.RawMessage
		yes, no string
	}{
		{"a definition", object(`"$ref":"#/$defs/a","$defs":{"a":{"required":["b"]}}`), `{"b":1}`, `{}`},
		{"a definition of draft 7", object(`"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","definitions":{"a":{"required":["b"]}}`), `{"b":1}`, `{}`},
		{"a definition with odd names", object(`"$ref":"#/$defs/a~1b~0%20c","$defs":{"a/b~ c":{"required":["b"]}}`), `{"b":1}`, `{}`},
		{"an anchor", object(`"$ref":"#x","$defs":{"a":{"$anchor":"x","required":["b"]}}`), `{"b":1}`, `{}`},
		{"a pointer into a list", object(`"properties":{"a":{"$ref":"#/allOf/1"}},"allOf":[true,{"type":"object"}]`), `{"a":{}}`, `{"a":1}`},
		{"a name of the whole", object(`"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://a.example/b","$ref":"#/$defs/a","$defs":{"a":{"required":["b"]}}`), `{"b":1}`, `{}`},
		{"a tree", object(`"properties":{"left":{"$ref":"#"},"right":{"$ref":"#"}},"additionalProperties":false`), `{"left":{"right":{}}}`, `{"left":{"right":{"x":1}}}`},
		{"a list of itself", object(`"properties":{"all":{"type":"array","items":{"$ref":"#"}}},"required":["all"]`), `{"all":[{"all":[]}]}`, `{"all":[{}]}`},
		{"doubling, a little", object(doubling(11)), `{}`, ``},
		{"all of", object(`"allOf":[{"anyOf":[{"required":["a"]},{"required":["b"]}]},{"oneOf":[{"required":["c"]},{"required":["d"]}]}]`), `{"a":1,"c":1}`, `{"a":1,"c":1,"d":1}`},
		{"if", object(`"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}`), `{"a":1,"b":1}`, `{"a":1,"c":1}`},
		{"what is not evaluated", object(`"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false`), `{"a":1}`, `{"b":1}`},
		{"names", object(`"propertyNames":{"pattern":"^[a-z]+$"}`), `{"a":1}`, `{"A":1}`},
		{"dependent schemas", object(`"dependentSchemas":{"a":{"required":["b"]}}`), `{"a":1,"b":1}`, `{"a":1}`},
		{"empty things", object(`"description":"","required":[],"not":{"not":{}},"properties":{"a":{},"b":{"uniqueItems":false},"Type":{"type":"null"},"$Ref":false},"default":null,"enum":[{},{"a":null}]`), `{"a":null}`, `{"b":1}`},
		{"keywords that nobody knows", object(`"x-other":{"$Ref":null},"properties":{"a":{"x-y":[null],"type":"integer"}}`), `{"a":1}`, `{"a":""}`},
		{"patterns of the limit", object(`"properties":{"a":{"pattern":"` + strings.Repeat("x?", maxPatternBytes/2) + `"}}`), `{"a":""}`, ``},
		{"a pattern that repeats", object(`"properties":{"a":{"pattern":"^(?:a?){1000}$"}}`), `{"a":"a"}`, `{"a":"b"}`},
		{"a text below the limit", object(`"title":"` + strings.Repeat("x", maxSchemaBytes-30) + `"`), `{}`, `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Schemas{Input: tt.schema}
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			tool := DefineSchema("probe", plainOptions, s, func(context.Context, Caller, json.RawMessage) (Result, error) { return Result{}, nil })
			for arguments, want := range map[string]bool{tt.yes: false, tt.no: true} {
				if arguments == "" {
					continue
				}
				if result, err := tool.Call(t.Context(), Caller{}, raw(arguments)); err != nil || result.IsError != want {
					t.Errorf("%s: IsError = %v, %v", arguments, result.IsError, err)
				}
			}
		})
	}
}

// As deep a document as arguments may be, and a schema that refers to itself at each of
// its levels as often as is allowed: it is judged, and soon.
func TestSchemasJudgeInTime(t *testing.T) {
	s := Schemas{Input: object(`"properties":{"a":{"$ref":"#"}},"$defs":{"x":` + strings.Repeat(`{"allOf":[`, 40) + `{}` + strings.Repeat(`]}`, 40) + `},"allOf":[{"$ref":"#/$defs/x"}]`)}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	tool := DefineSchema("probe", plainOptions, s, func(context.Context, Caller, json.RawMessage) (Result, error) { return Result{}, nil })
	start := time.Now()
	arguments := strings.Repeat(`{"a":`, 63) + `{}` + strings.Repeat(`}`, 63)
	if result, err := tool.Call(t.Context(), Caller{}, raw(arguments)); err != nil || result.IsError {
		t.Errorf("%+v, %v", result, err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// FuzzSchemas: whatever the schemas are, they are read or refused, and by those that are
// read arguments are judged and a reader is shown something.
func FuzzSchemas(f *testing.F) {
	for _, seed := range []string{
		`"$ref":"#"`, `"allOf":[null]`, `"properties":{"a":null},"items":null`, `"properties":null`, `"type":null`,
		`"$defs":{"a":{"$ref":"#/$defs/a"}}`, `"patternProperties":{"^a":null}`, `"$ref":"#/$defs/a~1b","$defs":{"a/b":{}}`,
		`"properties":{"a":{"$ref":"#"},"b":{"x-mcp-header":"B","type":"string"}}`, `"items":[{"type":"string"}],"additionalItems":false`,
		`"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"],"c":{"required":["a"]}}`,
		`"properties":{"a":{"multipleOf":0,"minLength":-1,"enum":[]}}`, `"$anchor":"a","$dynamicAnchor":"b","properties":{"a":{"$ref":"#b"}}`,
		`"$id":"a b#c","$ref":"#/allOf/0","allOf":[{}]`, `"unevaluatedProperties":{"$ref":"#"},"unevaluatedItems":{"$ref":"#"},"contains":{}`,
		`"properties":{"a":{"type":[],"format":"","items":{"items":{"items":true}}}},"required":["a","a"]`, `"contentSchema":{"$ref":"#"}`, `"additionalProperties":{"$ref":"#"}`,
	} {
		f.Add([]byte(`{"type":"object",` + seed + `}`))
	}
	arguments := []json.RawMessage{nil, raw(`{"a":1.5,"b":"x","c":[1,{"a":{}}]}`), raw(strings.Repeat(`{"a":[`, 31) + `1` + strings.Repeat(`]}`, 31))}
	f.Fuzz(func(t *testing.T, given []byte) {
		s := Schemas{Input: given, Output: given}
		if err := s.Check(); err != nil {
			return
		}
		tool := DefineSchema("probe", plainOptions, s, func(_ context.Context, _ Caller, a json.RawMessage) (Result, error) {
			return Result{Structured: a}, nil
		})
		for _, a := range arguments {
			if _, err := tool.Call(t.Context(), Caller{}, a); err != nil {
				t.Errorf("what the input schema takes the output schema does not: %v", err)
			}
		}
		if text := Reference([]Documented{{Tool: tool}}); !strings.Contains(text, "\nOutput: ") && !strings.Contains(text, "\nOutput:\n") {
			t.Errorf("shown as %q", text)
		}
	})
}
