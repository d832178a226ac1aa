package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp/syntax"
	"strings"
	"testing"
)

// numbered is a list of n texts, as JSON.
func numbered(n int, text string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `%q,`, fmt.Sprintf("%s%d", text, i))
	}
	return "[" + strings.TrimSuffix(b.String(), ",") + "]"
}

// listOf is an object with the list l of n items.
func listOf(n int, item string) string {
	return `{"l":[` + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + `]}`
}

// items is the schema of such an object.
func items(schema string) string {
	return `{"type":"object","properties":{"l":{"type":"array","items":{` + schema + `}}}}`
}

var (
	zones     = numbered(600, "Area/Place_")
	lastZone  = `"Area/Place_599"`
	plainText = func(n int) string { return `{"l":"` + strings.Repeat("x", n) + `"}` }
	textOf    = func(rule string) string { return `{"type":"object","properties":{"l":{"type":"string",` + rule + `}}}` }
	chain     = func() string {
		var b strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&b, `"d%d":{"$ref":"#/$defs/d%d"},`, i, i+1)
		}
		return b.String() + `"d5000":{"type":"number"}`
	}()
	wide = func() string {
		var b strings.Builder
		for i := range 300 {
			fmt.Fprintf(&b, `"p%d":{"type":["string","null"],"maxLength":100,"enum":["a","b",null]},`, i)
		}
		return `{` + strings.TrimSuffix(b.String(), ",") + `}`
	}()
)

// costs are schemas, and arguments that hold to them unless they are dear: then a call is
// refused.
var costs = []struct {
	name, schema, arguments string
	dear                    bool
}{
	{"no choice of few", items(`"enum":` + zones), listOf(1000, lastZone), false},
	{"a choice of many", items(`"enum":` + zones), listOf(60_000, lastZone), true},
	{"one of very many", items(`"enum":` + numbered(20_000, "x")), listOf(10, `"x19999"`), false},
	{"very many", items(`"enum":` + numbered(20_000, "x")), listOf(2000, `"x19999"`), true},
	{"numbers to choose from", items(`"enum":[1,2,3,4,5,6,7,8,9,10]`), listOf(10_000, "10"), false},
	{"many numbers to choose from", items(`"enum":[1,2,3,4,5,6,7,8,9,10]`), listOf(500_000, "10"), true},
	{"members", items(`"required":` + numbered(1, "x")), listOf(1000, `{"x0":1}`), false},
	{"many members", `{"type":"object","properties":{"l":{"type":"array","items":{"required":[` + strings.Repeat(`"x",`, 50_000) + `"x"]}}}}`, listOf(1000, `{"x":1}`), true},
	{"members of members", items(`"dependentRequired":{"x":[` + strings.Repeat(`"x",`, 50_000) + `"x"]}`), listOf(1000, `{"x":1}`), true},
	{"rules", items(`"allOf":[` + strings.Repeat(`true,`, 9000) + `true]`), listOf(10, "1"), false},
	{"many rules", items(`"allOf":[` + strings.Repeat(`{"type":"number"},`, 9000) + `true]`), listOf(1000, "1"), true},
	{"refusals of a long text", textOf(`"anyOf":[` + strings.Repeat(`{"type":"number"},`, 9000) + `true]`), plainText(1 << 20), true},
	{"refusals of a short text", textOf(`"anyOf":[` + strings.Repeat(`{"type":"number"},`, 9000) + `true]`), plainText(10), false},
	{"lengths of a long text", textOf(`"anyOf":[` + strings.Repeat(`{"minLength":9999999},`, 9000) + `true]`), plainText(1 << 20), true},
	{"a pattern", textOf(`"pattern":"^[a-z]+$"`), plainText(4 << 20), false},
	{"a long pattern", textOf(`"pattern":".{0,1000}x.{0,1000}"`), plainText(1000), false},
	{"a long pattern of a long text", textOf(`"pattern":".{0,1000}x.{0,1000}"`), plainText(100_000), true},
	{"patterns of names", `{"type":"object","patternProperties":{".{0,1000}x.{0,1000}":{}}}`, `{"` + strings.Repeat("x", 100_000) + `":1}`, true},
	{"names", `{"type":"object","propertyNames":{"pattern":".{0,1000}x.{0,1000}"}}`, `{"` + strings.Repeat("x", 100_000) + `":1}`, true},
	{"short names", `{"type":"object","propertyNames":{"pattern":".{0,1000}x.{0,1000}"}}`, `{"x":1}`, false},
	{"a text", textOf(`"maxLength":4194304`), plainText(4 << 20), false},
	{"members with choices", `{"type":"object","properties":` + wide + `}`, `{"p0":"a","p299":null}`, false},
	{"a list of such", items(`"properties":` + wide), listOf(1000, `{"p0":"a","p299":null}`), false},
	{"numbers", items(`"type":"integer","minimum":0,"maximum":9`), listOf(100_000, "1"), false},
	{"a reference", `{"type":"object","$defs":{"d":{"type":"string","enum":` + zones + `}},"properties":{"l":{"items":{"$ref":"#/$defs/d"}}}}`, listOf(60_000, lastZone), true},
	{"a reference beside another type", `{"type":"object","$defs":{"d":{"items":{"enum":` + zones + `}}},"properties":{"l":{"type":"string","$ref":"#/$defs/d"}}}`, listOf(60_000, lastZone), true},
	{"a refusal that is repeated often", `{"type":"object","$defs":{` + chain + `},"properties":{"l":{"$ref":"#/$defs/d0"}}}`, plainText(200_000), true},
	{"a tree", `{"type":"object","properties":{"l":{"type":"array","items":{"$ref":"#"}}}}`, listOf(1000, listOf(3, `{}`)), false},
}

// TestSchemaCost: what would take long is refused before it is begun, and what people do
// with schemas is not. The count is of work, and the same on each machine.
func TestSchemaCost(t *testing.T) {
	for _, tt := range costs {
		t.Run(tt.name, func(t *testing.T) {
			called := false
			tool := DefineSchema("probe", plainOptions, Schemas{Input: raw(tt.schema)}, func(context.Context, Caller, json.RawMessage) (Result, error) {
				called = true
				return Result{}, nil
			})
			result, err := tool.Call(t.Context(), Caller{}, raw(tt.arguments))
			if err != nil || called == tt.dear {
				t.Errorf("called: %v, %v", called, err)
			}
			if want := "invalid arguments: the arguments are too large for this tool"; tt.dear && texts(t, result)[0] != want {
				t.Errorf("said %q, want %q", texts(t, result)[0], want)
			}
		})
	}
}

// The same of what a tool answers, which is its own fault.
func TestSchemaCostOfOutput(t *testing.T) {
	for n, want := range map[int]string{1000: "", 60_000: "validating the output: too large to be held to its schema"} {
		tool := DefineSchema("probe", plainOptions, Schemas{Input: raw(`{"type":"object"}`), Output: raw(items(`"enum":` + zones))}, func(context.Context, Caller, json.RawMessage) (Result, error) {
			return Result{Structured: raw(listOf(n, lastZone))}, nil
		})
		if _, err := tool.Call(t.Context(), Caller{}, nil); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%d: %v, want %q", n, err, want)
		}
	}
}

// TestSchemaCostStops: the count itself ends soon after there is too much.
func TestSchemaCostStops(t *testing.T) {
	s, err := readSchema(raw(`{"type":"object","$defs":{"v":{"anyOf":[` + strings.Repeat(`{"type":"number"},`, 1000) + `{}]}},"additionalProperties":{"$ref":"#/$defs/v"}}`))
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]any{}
	for i := range 1000 {
		value[fmt.Sprint(i)] = strings.Repeat("x", 100_000)
	}
	m := meter{weights: s.weights, left: 1000}
	if m.judge(s.resolved.Schema(), value); m.left != -1 {
		t.Errorf("%d left", m.left)
	}
	if got := s.cost(value); got != maxJudging+1 {
		t.Errorf("counted %d", got)
	}
}

// TestPatternSize: a pattern has the size of its program, or is larger.
func TestPatternSize(t *testing.T) {
	for _, pattern := range []string{
		``, `x`, `xyz`, `^[a-z]+$`, `a|b|cd`, `(a)(b)`, `x*`, `x?y+?`, `x{3}`, `x{2,5}`, `x{4,}`, `(?:a?){100}`, `((ab){3}c){7}`,
		`^(?:[a-z]{0,63}\.){0,15}[a-z]{2,63}$`, `(?i)straße`, `\pL{10}`, `[^a]`, `\d{4}-\d{2}-\d{2}`,
	} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		program, err := syntax.Compile(re.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		// Beside its program each has an instruction that fails, and one that matches.
		if size, want := patternSize(pattern), len(program.Inst)-2; size < want || size > 3*want+2 {
			t.Errorf("%q: %d, and its program is of %d", pattern, size, want)
		}
	}
	if got := patternSize(`((?:a?){1000}){1}` + strings.Repeat(`(?:a?){1000}`, 1000)); got != maxPatternSize+1 {
		t.Errorf("a large one: %d", got)
	}
	if got := patternSize(`(?=x)`); got != 0 {
		t.Errorf("none: %d", got)
	}
}

// BenchmarkSchemaCost says what the count takes beside what is counted, and how long one
// of its units is: about a tenth of a microsecond at most.
func BenchmarkSchemaCost(b *testing.B) {
	for _, tt := range costs {
		if tt.dear {
			continue
		}
		s, err := readSchema(raw(tt.schema))
		if err != nil {
			b.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(raw(tt.arguments), &value); err != nil {
			b.Fatal(err)
		}
		b.Run(tt.name+"/count", func(b *testing.B) {
			for b.Loop() {
				s.cost(value)
			}
		})
		b.Run(tt.name+"/judge", func(b *testing.B) {
			for b.Loop() {
				if err := s.resolved.Validate(value); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.cost(value)), "ns/unit")
		})
	}
}
