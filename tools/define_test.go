package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// defined makes a tool of the given types; each panic test breaks one part of it.
func defined[In, Out any](name string, o Options) func() Tool {
	return func() Tool {
		return Define(name, o, func(context.Context, Caller, In) (out Out, err error) { return out, nil })
	}
}

func TestDefinePanics(t *testing.T) {
	good := Options{Title: "Title", Description: "Description."}
	type unmarshalable struct {
		F func() `json:"f"`
	}
	const unfit = " is of a type whose JSON is not what its schema says: use a string or a number"
	tests := []struct {
		name   string
		define func() Tool
		want   string
	}{
		{"no name", defined[nothing, nothing]("", good), `tool "": invalid name`},
		{"a name with a space", defined[nothing, nothing]("a b", good), `tool "a b": invalid name`},
		{"a name with a slash", defined[nothing, nothing]("a/b", good), `tool "a/b": invalid name`},
		{"a name with a line break", defined[nothing, nothing]("a\n", good), `tool "a\n": invalid name`},
		{"a name that is not ASCII", defined[nothing, nothing]("größe", good), `tool "größe": invalid name`},
		{"a name that is too long", defined[nothing, nothing](strings.Repeat("a", 129), good), fmt.Sprintf("tool %q: invalid name", strings.Repeat("a", 129))},
		{"no title", defined[nothing, nothing]("t", Options{Description: "D"}), `tool "t": needs a title and a description`},
		{"no description", defined[nothing, nothing]("t", Options{Title: "T"}), `tool "t": needs a title and a description`},
		{"input a number", defined[int, nothing]("t", good), `tool "t": the input must be a struct`},
		{"input anything", defined[any, nothing]("t", good), `tool "t": the input must be a struct`},
		{"input a slice", defined[[]nothing, nothing]("t", good), `tool "t": the input must be a struct`},
		{"output a string", defined[nothing, string]("t", good), `tool "t": the output must be a struct`},
		{"output a pointer", defined[nothing, *nothing]("t", good), `tool "t": the output must be a struct`},
		{"input without a schema", defined[unmarshalable, nothing]("t", good), `tool "t": input schema: `},
		{"output without a schema", defined[nothing, unmarshalable]("t", good), `tool "t": output schema: `},
		{"input a map", defined[map[string]string, nothing]("t", good), `tool "t": the input must be a struct`},
		{"a duration", defined[struct{ D time.Duration }, nothing]("t", good), `tool "t": input.D` + unfit},
		{"a duration deep down", defined[nothing, struct {
			A []struct{ B *map[string]time.Duration }
		}]("t", good), `tool "t": output.A[].B` + unfit},
		{"bytes", defined[struct{ B []byte }, nothing]("t", good), `tool "t": input.B` + unfit},
		{"an address", defined[nothing, struct{ A netip.Addr }]("t", good), `tool "t": output.A` + unfit},
		{"a big number", defined[struct{ N *big.Int }, nothing]("t", good), `tool "t": input.N` + unfit},
		{"raw JSON", defined[struct{ R json.RawMessage }, nothing]("t", good), `tool "t": input.R` + unfit},
		{"a pointer to a list", defined[nothing, struct{ L *[]string }]("t", good), `tool "t": output.L` + unfit},
		{"a hash", defined[nothing, struct{ H [32]byte }]("t", good), `tool "t": output.H` + unfit},
		{"a scope with a space", defined[nothing, nothing]("t", Options{Title: "T", Description: "D", Scopes: []string{"a b"}}), `tool "t": "a b" is not a scope`},
		{"an empty scope", defined[nothing, nothing]("t", Options{Title: "T", Description: "D", Scopes: []string{"a", ""}}), `tool "t": "" is not a scope`},
		{"a scope with a quote", defined[nothing, nothing]("t", Options{Title: "T", Description: "D", Scopes: []string{`a"`}}), `tool "t": "a\"" is not a scope`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				got := recover()
				text, ok := got.(string)
				if strings.HasSuffix(tt.want, ": ") && strings.HasPrefix(text, tt.want) {
					text = tt.want // it goes on with what the schema package says
				}
				if !ok || text != tt.want {
					t.Errorf("panic(%v), want panic(%q)", got, tt.want)
				}
			}()
			tt.define()
		})
	}
	t.Run("the twins", func(t *testing.T) {
		for _, name := range []string{"t", strings.Repeat("a", 128), "A-1_b.c"} {
			if got := defined[nothing, answer](name, good)().Name(); got != name {
				t.Errorf("name = %q, want %q", got, name)
			}
		}
	})
}

func TestDefineScopes(t *testing.T) {
	o := Options{Title: "T", Description: "D"}
	if got, want := defined[nothing, nothing]("t", o)().Scopes(), []string{"tool:t"}; !slices.Equal(got, want) {
		t.Errorf("by default %q, want %q", got, want)
	}
	o.Scopes = []string{"read", "write"}
	tool := defined[nothing, nothing]("t", o)()
	o.Scopes[0] = "changed"
	tool.Scopes()[1] = "changed"
	if got, want := tool.Scopes(), []string{"read", "write"}; !slices.Equal(got, want) {
		t.Errorf("= %q, want %q: a tool is immutable", got, want)
	}
}

func TestDefineAnnotations(t *testing.T) {
	tests := []struct {
		name                                         string
		in                                           Annotations
		readOnly, destructive, idempotent, openWorld bool
	}{
		{"nothing said: the worst", Annotations{}, false, true, false, true},
		{"read-only", Annotations{ReadOnly: true}, true, false, true, true},
		{"additive", Annotations{Additive: true}, false, false, false, true},
		{"idempotent", Annotations{Idempotent: true}, false, true, true, true},
		{"closed", Annotations{Closed: true}, false, true, false, false},
		{"all", Annotations{true, true, true, true}, true, false, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Title: "T", Description: "D", Annotations: tt.in}
			a := defined[nothing, nothing]("t", o)().Definition().Annotations
			got := []bool{a.ReadOnlyHint, *a.DestructiveHint, a.IdempotentHint, *a.OpenWorldHint}
			if want := []bool{tt.readOnly, tt.destructive, tt.idempotent, tt.openWorld}; !slices.Equal(got, want) {
				t.Errorf("read-only, destructive, idempotent, open world = %v, want %v", got, want)
			}
		})
	}
}

// A Go slice may be nil, and the library derives "null or array" from that. Many
// clients cannot read a list of types, and no null is ever written.
func TestDefineListsAreNeverNull(t *testing.T) {
	type row struct {
		Cells [][]string `json:"cells"`
	}
	type table struct {
		Rows []row            `json:"rows"`
		More map[string][]int `json:"more"`
		Note *string          `json:"note"`
	}
	const want = `{"type":"object","additionalProperties":false,"required":["rows","more","note"],"properties":{
		"rows":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["cells"],"properties":{
			"cells":{"type":"array","items":{"type":"array","items":{"type":"string"}}}}}},
		"more":{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer"}}},
		"note":{"type":["null","string"]}}}`
	d := defined[table, table]("t", Options{Title: "T", Description: "D"})().Definition()
	for what, schema := range map[string]any{"input": d.InputSchema, "output": d.OutputSchema} {
		if got := indented(t, schema); !sameJSON(t, got, []byte(want)) {
			t.Errorf("the %s schema is %s", what, got)
		}
	}
}
