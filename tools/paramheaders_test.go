package tools

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestHeadersOfASchema(t *testing.T) {
	const primitive = "the type must be string, integer or boolean"
	for _, tt := range []struct {
		name, members string
		want          string // "" where it is good
		lenient       bool   // the SDK does not look there
	}{
		{"a string", `"properties":{"a":{"type":"string","x-mcp-header":"Region"}}`, "", false},
		{"an integer and a boolean", `"properties":{"a":{"type":"integer","x-mcp-header":"A"},"b":{"type":"boolean","x-mcp-header":"B"}}`, "", false},
		{"within an object", `"properties":{"a":{"type":"object","properties":{"b":{"type":"string","x-mcp-header":"B"}}}}`, "", false},
		{"all that a token may be", "\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"aZ09!#$%&'*+-.^_`|~\"}}", "", false},
		{"an argument of that name", `"properties":{"x-mcp-header":{"type":"string"}}`, "", false},
		{"a number", `"properties":{"a":{"type":"number","x-mcp-header":"A"}}`, "x-mcp-header at /properties/a: " + primitive, false},
		{"an object", `"properties":{"a":{"type":"object","x-mcp-header":"A"}}`, "x-mcp-header at /properties/a: " + primitive, false},
		{"a list", `"properties":{"a":{"type":"array","x-mcp-header":"A"}}`, "x-mcp-header at /properties/a: " + primitive, false},
		{"null", `"properties":{"a":{"type":"null","x-mcp-header":"A"}}`, "x-mcp-header at /properties/a: " + primitive, false},
		{"no type", `"properties":{"a":{"x-mcp-header":"A"}}`, "x-mcp-header at /properties/a: " + primitive, false},
		// To the SDK, none of the properties has a mark then.
		{"two types", `"properties":{"a":{"type":["string","null"],"x-mcp-header":"A"}}`, "x-mcp-header at /properties/a: " + primitive, true},
		{"empty", `"properties":{"a":{"type":"string","x-mcp-header":""}}`, `x-mcp-header at /properties/a: "" is no name of a header`, false},
		{"no text", `"properties":{"a":{"type":"string","x-mcp-header":1}}`, `x-mcp-header at /properties/a: "" is no name of a header`, false},
		{"a space", `"properties":{"a":{"type":"string","x-mcp-header":"My Region"}}`, `x-mcp-header at /properties/a: "My Region" is no name of a header`, false},
		{"a colon", `"properties":{"a":{"type":"string","x-mcp-header":"A:B"}}`, `x-mcp-header at /properties/a: "A:B" is no name of a header`, false},
		{"a line break", `"properties":{"a":{"type":"string","x-mcp-header":"A\n"}}`, `x-mcp-header at /properties/a: "A\n" is no name of a header`, false},
		{"no ASCII", `"properties":{"a":{"type":"string","x-mcp-header":"É"}}`, `x-mcp-header at /properties/a: "É" is no name of a header`, false},
		{"twice", `"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"A"}}`, `x-mcp-header at /properties/b: "A" is the name of two headers`, false},
		{"twice in other letters", `"properties":{"a":{"type":"string","x-mcp-header":"Aa"},"b":{"type":"object","properties":{"c":{"type":"string","x-mcp-header":"aA"}}}}`, `x-mcp-header at /properties/b/properties/c: "aA" is the name of two headers`, false},
		{"in a definition", `"$defs":{"a":{"type":"string","x-mcp-header":"A"}}`, "x-mcp-header at /$defs/a: only properties may lead to it", true},
		{"in an item", `"properties":{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}`, "x-mcp-header at /properties/a/items: only properties may lead to it", true},
		{"behind a condition", `"allOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]`, "x-mcp-header at /allOf/0/properties/a: only properties may lead to it", true},
		{"of any other argument", `"additionalProperties":{"type":"string","x-mcp-header":"A"}`, "x-mcp-header at /additionalProperties: only properties may lead to it", true},
		{"of all arguments", `"x-mcp-header":"A"`, "x-mcp-header at : the type must be string, integer or boolean", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Schemas{Input: object(tt.members)}
			err := s.Check()
			if got := fmt.Sprint(err); tt.want == "" && err != nil || tt.want != "" && got != "input schema: "+tt.want {
				t.Errorf("%s, want %q", got, tt.want)
			}
			// A client of the SDK drops what a server of the SDK does not take.
			if theirs := sdkTakes(s.Input); theirs != (tt.want == "" || tt.lenient) {
				t.Errorf("the SDK takes it: %v", theirs)
			}
		})
	}
}

// sdkTakes tells whether a server of the SDK takes a tool with the input schema.
func sdkTakes(input json.RawMessage) (ok bool) {
	defer func() { ok = recover() == nil }()
	mcp.NewServer(&mcp.Implementation{Name: "probe", Version: "1"}, nil).
		AddTool(&mcp.Tool{Name: "probe", InputSchema: input}, nil)
	return true
}

// TestToolHeaders: the arguments, by the names that lead to them as they stand in JSON.
func TestToolHeaders(t *testing.T) {
	given := object(`"properties":{
		"b":{"type":"object","properties":{
			"c/~d":{"type":"integer","x-mcp-header":"Count"},
			"properties":{"type":"object","properties":{"e":{"type":"object","properties":{
				"g":{"type":"boolean","x-mcp-header":"LOUD"},"h":{"type":"string","x-mcp-header":"h"}}}}}}},
		"a":{"type":"string","x-mcp-header":"Region"},
		"f":{"type":"string"}}`)
	want := []Header{
		{Name: "Region", Path: []string{"a"}},
		{Name: "Count", Path: []string{"b", "c/~d"}},
		{Name: "LOUD", Path: []string{"b", "properties", "e", "g"}},
		{Name: "h", Path: []string{"b", "properties", "e", "h"}},
	}
	if got := DefineSchema("t", plainOptions, Schemas{Input: given}, nil).Headers(); !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	type input struct {
		Region string `json:"region"`
	}
	o := Options{Title: "T", Description: "D", Headers: map[string]string{"region": "Region"}}
	if got, want := DefineContent[input]("t", o, nil).Headers(), []Header{{Name: "Region", Path: []string{"region"}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("of a type: %q, want %q", got, want)
	}
	if got := DefineContent[nothing]("t", plainOptions, nil).Headers(); len(got) > 0 {
		t.Errorf("of none: %q", got)
	}
}

func TestHeadersOfAType(t *testing.T) {
	type input struct {
		Region string  `json:"region"`
		Size   int     `json:"size,omitempty"`
		Dry    bool    `json:"dry,omitempty"`
		Weight float64 `json:"weight,omitempty"`
		Note   *string `json:"note,omitempty"`
	}
	for _, tt := range []struct {
		name    string
		headers map[string]string
		want    string // the panic
	}{
		{"good", map[string]string{"region": "Region", "size": "Size", "dry": "Dry"}, ""},
		{"no such argument", map[string]string{"Region": "Region"}, `tool "t": no argument "Region" for the header "Region"`},
		{"no token", map[string]string{"region": "My Region"}, `tool "t": x-mcp-header at /properties/region: "My Region" is no name of a header`},
		{"empty", map[string]string{"region": ""}, `tool "t": x-mcp-header at /properties/region: "" is no name of a header`},
		{"twice", map[string]string{"region": "A", "size": "a"}, `tool "t": x-mcp-header at /properties/size: "a" is the name of two headers`},
		{"a number", map[string]string{"weight": "Weight"}, `tool "t": x-mcp-header at /properties/weight: the type must be string, integer or boolean`},
		{"what may be null", map[string]string{"note": "Note"}, `tool "t": x-mcp-header at /properties/note: the type must be string, integer or boolean`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Title: "T", Description: "D", Headers: tt.headers}
			var tools []Tool
			wantPanic(t, tt.want, func() { tools = append(tools, defined[input, nothing]("t", o)()) })
			wantPanic(t, tt.want, func() { tools = append(tools, DefineContent[input]("t", o, nil)) })
			for _, tool := range tools {
				shown := string(tool.Definition().InputSchema.(json.RawMessage))
				if !strings.Contains(shown, `"x-mcp-header":"Region"`) || !sdkTakes(json.RawMessage(shown)) {
					t.Errorf("clients are shown %s", shown)
				}
			}
		})
	}
}
