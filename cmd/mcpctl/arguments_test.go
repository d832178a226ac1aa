package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/internal/strictjson"
	"mcp-resource-server/internal/toolschema"
)

const manyTypes = `{
	"type": "object",
	"properties": {
		"s": {"type": "string"},
		"i": {"type": "integer"},
		"n": {"type": "number"},
		"b": {"type": "boolean"},
		"nothing": {"type": "null"},
		"maybe": {"type": ["string", "null"]},
		"mixed": {"type": ["integer", "string"]},
		"any": {},
		"unit": {"type": "string", "enum": ["metric", "imperial"]},
		"level": {"enum": [1, 2, "max", null]},
		"fixed": {"const": "on"},
		"opt": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null},
		"choice": {"oneOf": [{"enum": ["a", "b"]}, {"type": "integer", "minimum": 10}]},
		"ref": {"$ref": "#/$defs/Color"},
		"wrapped": {"allOf": [{"$ref": "#/$defs/Color"}], "description": "as pydantic writes it"},
		"strings": {"type": "array", "items": {"type": "string"}},
		"ints": {"type": "array", "items": {"type": "integer"}},
		"anys": {"type": "array"},
		"one": {"type": ["array", "string"], "items": {"type": "string"}},
		"config": {"type": "object"},
		"point": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}, "label": {"type": "string"}}, "required": ["x", "y"], "additionalProperties": false},
		"labels": {"type": "object", "additionalProperties": {"type": "string"}},
		"pattern": {"type": "object", "patternProperties": {"^n": {"type": "integer"}}, "additionalProperties": false},
		"dotted.name": {"type": "string"},
		"dotted": {"type": "object", "properties": {"a.b": {"type": "integer"}}},
		"points": {"type": "array", "items": {"type": "object"}},
		"tree": {"$ref": "#/$defs/Tree"}
	},
	"additionalProperties": false,
	"$defs": {
		"Color": {"type": "string", "enum": ["red", "green"]},
		"Tree": {"type": "object", "properties": {"value": {"type": "integer"}, "left": {"$ref": "#/$defs/Tree"}}}
	}
}`

func schemaOf(t testing.TB, text string) inputSchema {
	t.Helper()
	s := readSchema(jsontext.Value(text))
	if s.root == nil {
		t.Fatal("the schema cannot be read")
	}
	return s
}

func TestArguments(t *testing.T) {
	schema := schemaOf(t, manyTypes)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"nothing", nil, `{}`},
		{"a string is what it is", []string{`s= 12 "x" =\n`}, `{"s":" 12 \"x\" =\\n"}`},
		{"an empty string", []string{"s="}, `{"s":""}`},
		{"a string of digits", []string{"s=0123"}, `{"s":"0123"}`},
		{"a string called null", []string{"s=null"}, `{"s":"null"}`},
		{"an integer", []string{"i=-5"}, `{"i":-5}`},
		{"an integer beyond float64", []string{"i=123456789012345678901234567890"}, `{"i":123456789012345678901234567890}`},
		{"an integer that is written as a number", []string{"i=1.0"}, `{"i":1.0}`},
		{"an integer with an exponent", []string{"i=1.25e2"}, `{"i":1.25e2}`},
		{"rather a string than an integer in disguise", []string{"mixed=1.0"}, `{"mixed":"1.0"}`},
		{"2^53+1", []string{"i=9007199254740993"}, `{"i":9007199254740993}`},
		{"a number", []string{"n=0.1000"}, `{"n":0.1000}`},
		{"a number that is whole", []string{"n=3"}, `{"n":3}`},
		{"a number beyond float64", []string{"n=1e400"}, `{"n":1e400}`},
		{"a number of many digits", []string{"n=3.14159265358979323846264338327950288"}, `{"n":3.14159265358979323846264338327950288}`},
		{"an absurd number", []string{"n=1e999999999"}, `{"n":1e999999999}`},
		{"a boolean", []string{"b=true"}, `{"b":true}`},
		{"null", []string{"nothing=null"}, `{"nothing":null}`},
		{"a union: null", []string{"maybe=null"}, `{"maybe":null}`},
		{"a union: a string", []string{"maybe=nil"}, `{"maybe":"nil"}`},
		{"a union: the string null", []string{`maybe:="null"`}, `{"maybe":"null"}`},
		{"a union: an integer", []string{"mixed=5"}, `{"mixed":5}`},
		{"a union: not an integer", []string{"mixed=05"}, `{"mixed":"05"}`},
		{"anything: a number", []string{"any=5"}, `{"any":5}`},
		{"anything: text", []string{"any=five"}, `{"any":"five"}`},
		{"anything: an object", []string{`any={"a": [1]}`}, `{"any":{"a": [1]}}`},
		{"anything: not quite an object", []string{`any={"a":}`}, `{"any":"{\"a\":}"}`},
		{"one of a list", []string{"unit=metric"}, `{"unit":"metric"}`},
		{"one of a mixed list", []string{"level=2"}, `{"level":2}`},
		{"one of a mixed list, text", []string{"level=max"}, `{"level":"max"}`},
		{"one of a mixed list, null", []string{"level=null"}, `{"level":null}`},
		{"a constant", []string{"fixed=on"}, `{"fixed":"on"}`},
		{"an optional integer", []string{"opt=3"}, `{"opt":3}`},
		{"an optional integer, null", []string{"opt=null"}, `{"opt":null}`},
		{"a choice of a list", []string{"choice=b"}, `{"choice":"b"}`},
		{"a choice of a type", []string{"choice=12"}, `{"choice":12}`},
		{"by reference", []string{"ref=red"}, `{"ref":"red"}`},
		{"by reference, wrapped", []string{"wrapped=green"}, `{"wrapped":"green"}`},
		{"an array of one", []string{"strings=a"}, `{"strings":["a"]}`},
		{"an array by repetition", []string{"strings=a", "ints=1", "strings=[b", "ints=2"}, `{"strings":["a","[b"],"ints":[1,2]}`},
		{"an array as JSON", []string{`ints=[1, 2]`}, `{"ints":[1, 2]}`},
		{"an array as raw JSON", []string{`strings:=["a"]`}, `{"strings":["a"]}`},
		{"elements as raw JSON", []string{`anys:=1`, `anys:={"a":1}`, "anys=x"}, `{"anys":[1,{"a":1},"x"]}`},
		{"an array of arrays of any kind", []string{"anys=1", "anys=[2]"}, `{"anys":[1,[2]]}`},
		{"an array or a string: once", []string{"one=a"}, `{"one":"a"}`},
		{"an array or a string: twice", []string{"one=a", "one=b"}, `{"one":["a","b"]}`},
		{"an object as JSON", []string{`config={"a":1.0}`}, `{"config":{"a":1.0}}`},
		{"an object in parts", []string{"config.a=1", "s=x", "config.b.c=true", "config.b.d=y"}, `{"config":{"a":1,"b":{"c":true,"d":"y"}},"s":"x"}`},
		{"typed parts", []string{"point.x=1", "point.y=2.50", "point.label=7"}, `{"point":{"x":1,"y":2.50,"label":"7"}}`},
		{"parts of one type", []string{"labels.n=7", "labels.b=true"}, `{"labels":{"n":"7","b":"true"}}`},
		{"parts by pattern", []string{"pattern.n1=7"}, `{"pattern":{"n1":7}}`},
		{"a name with a dot", []string{"dotted.name=1"}, `{"dotted.name":"1"}`},
		{"a name with a dot, below", []string{"dotted.a.b=1"}, `{"dotted":{"a.b":1}}`},
		{"raw JSON in parts", []string{`config.a:="1"`}, `{"config":{"a":"1"}}`},
		{"raw JSON that the type refuses only as text", []string{`n:=1.0`}, `{"n":1.0}`},
		{"an equals sign in the value", []string{"s=a:=b=c"}, `{"s":"a:=b=c"}`},
		{"an array of objects", []string{`points={"x":1}`, `points={"x":2}`}, `{"points":[{"x":1},{"x":2}]}`},
		{"a schema that refers to itself", []string{"tree.value=1", "tree.left.left.value=2"}, `{"tree":{"value":1,"left":{"left":{"value":2}}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := buildArguments("tool", schema, tt.args)
			if err != nil || string(got) != tt.want {
				t.Errorf("buildArguments(%q) = %s, %v, want %s", tt.args, got, err, tt.want)
			}
		})
	}
}

// Each refusal is told before anything is called. The twins stand in TestArguments.
func TestArgumentsRefused(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no sign", []string{"s"}, `"s" is no argument: write NAME=VALUE, or NAME:=JSON`},
		{"no name", []string{"=x"}, `"=x" names no property`},
		{"no name, raw", []string{":=x"}, `":=x" names no property`},
		{"not UTF-8", []string{"s=\xff"}, "is not UTF-8"},
		{"an empty part", []string{"config..a=1"}, `"config..a" names no property`},
		{"unknown", []string{"x=1"}, "there is no property x: known are any, anys, b, choice, config, dotted, dotted.name, fixed, i, "},
		{"unknown, below", []string{"point.z=1"}, "there is no property point.z: known are label, x, y"},
		{"unknown, by pattern", []string{"pattern.x=1"}, "there is no property pattern.x: none is known here"},
		{"not an integer", []string{"i=1.5"}, `i is "1.5": it must be integer`},
		{"octal", []string{"i=0123"}, `i is "0123": it must be integer`},
		{"hexadecimal", []string{"i=0x10"}, "it must be integer"},
		{"a plus sign", []string{"i=+1"}, "it must be integer"},
		{"a fraction, with an exponent", []string{"i=1.25e1"}, "it must be integer"},
		{"a fraction, by an exponent", []string{"i=10e-2"}, "it must be integer"},
		{"a space", []string{"i= 1"}, "it must be integer"},
		{"no digits", []string{"i="}, "it must be integer"},
		{"not a number", []string{"n=NaN"}, `n is "NaN": it must be number`},
		{"infinite", []string{"n=Infinity"}, "it must be number"},
		{"a number without a zero", []string{"n=.5"}, "it must be number"},
		{"yes", []string{"b=yes"}, `b is "yes": it must be boolean`},
		{"a number for a boolean", []string{"b=1"}, "it must be boolean"},
		{"not null", []string{"nothing=0"}, `nothing is "0": it must be null`},
		{"not listed", []string{"unit=kelvin"}, `unit is "kelvin": it must be metric or imperial`},
		{"not listed, mixed", []string{"level=3"}, `level is "3": it must be 1, 2, max or null`},
		{"not the constant", []string{"fixed=off"}, `fixed is "off": it must be on`},
		{"none of the union", []string{"opt=x"}, `opt is "x": it must be integer or null`},
		{"none of the choice", []string{"choice=c"}, `choice is "c": it must be a, b or integer`},
		{"not listed, by reference", []string{"ref=blue"}, `ref is "blue": it must be red or green`},
		{"twice", []string{"s=a", "s=b"}, "s is given twice"},
		{"twice, where anything goes", []string{"any=a", "any=b"}, "any is given twice"},
		{"twice, below", []string{"config.a=1", "config.a=2"}, "config.a is given twice"},
		{"as a whole and in parts", []string{"config={}", "config.a=1"}, "config is given as a whole and in parts"},
		{"parts of a string", []string{"s.a=1"}, "s is string: it has no parts"},
		{"a wrong element", []string{"ints=1", "ints=x"}, `ints is "x": it must be integer`},
		{"not an object", []string{"config=x"}, `config is "x": it must be object`},
		{"an object twice over", []string{`config={"a":1,"a":2}`}, "it must be object"},
		{"raw, and not JSON", []string{"s:=x"}, "s:= wants JSON: not one valid JSON value"},
		{"deep", []string{"config." + strings.Repeat("a.", maxDepth) + "b=1"}, "names no property"},
	}
	schema := schemaOf(t, manyTypes)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := buildArguments("tool", schema, tt.args)
			if exitCode(err) != exitUsage || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("buildArguments(%q) = %s, %v, want %q", tt.args, got, err, tt.want)
			}
		})
	}
}

// What the types let through is held to the whole schema.
func TestArgumentsAreValidated(t *testing.T) {
	const schema = `{"type":"object","properties":{
		"n":{"type":"number","minimum":2,"maximum":5},"list":{"type":"array","items":{"type":"string"},"minItems":2},
		"point":{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}
	},"required":["n"]}`
	tests := []struct {
		name         string
		args         []string
		want         string // "" for none
		twin, schema string
	}{
		{"too small", []string{"n=1"}, "minimum", "n=2", schema},
		{"too few", []string{"n=2", "list=a"}, "minItems", "n=2", schema},
		{"a part is missing", []string{"n=2", "point.y=1"}, "required", "n=2", schema},
		{"raw JSON of a wrong type", []string{`n:="2"`}, "has type", "n=2", schema},
		{"a required name is missing", []string{"list=a"}, "tool needs n=NUMBER", "n=2", schema},
		{"a schema of another draft is not judged", []string{"n=1"}, "", "n=2", `{"$schema":"http://json-schema.org/draft-04/schema#",` + schema[1:]},
		{"nor one that refers elsewhere", []string{"n=1"}, "", "n=2", `{"$defs":{"a":{"$ref":"https://a.example/"}},` + schema[1:]},
		{"nor one that leads back to itself", []string{"n=1"}, "", "n=2", `{"allOf":[{"$ref":"#"}],` + schema[1:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := schemaOf(t, tt.schema)
			_, err := buildArguments("tool", s, tt.args)
			if tt.want == "" && err != nil {
				t.Errorf("error %v", err)
			}
			if tt.want != "" && (exitCode(err) != exitUsage || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if _, err := buildArguments("tool", s, []string{tt.twin}); err != nil {
				t.Errorf("%s: %v", tt.twin, err)
			}
		})
	}
}

// The schema of the whole may be put together from others.
func TestArgumentsByReference(t *testing.T) {
	const schema = `{"$ref":"#/definitions/a~1b","definitions":{"a/b":{
		"allOf":[{"properties":{"x":{"type":"integer"}},"required":["x"]},{"properties":{"y":{"type":"array","items":{"$ref":"#/definitions/c"}}}}]
	},"c":{"type":"string"}}}`
	s := schemaOf(t, schema)
	got, err := buildArguments("tool", s, []string{"x=1", "y=2", "y=3"})
	if err != nil || string(got) != `{"x":1,"y":["2","3"]}` {
		t.Errorf("buildArguments = %s, %v", got, err)
	}
	if _, err := buildArguments("tool", s, []string{"x=a"}); exitCode(err) != exitUsage {
		t.Errorf("a wrong type: %v", err)
	}
	if _, err := buildArguments("tool", s, nil); exitCode(err) != exitUsage {
		t.Errorf("a missing name: %v", err)
	}
}

// A value that the validator cannot know is the server's to judge, wherever it stands.
func TestNumbersBeyondFloat(t *testing.T) {
	s := schemaOf(t, `{"properties":{"a":{"type":"array"},"o":{"type":"object"},"n":{"type":"number","maximum":5}}}`)
	for _, args := range [][]string{{"a=[1e400]"}, {`o={"x":1e400}`}, {"n=1e400"}} {
		if _, err := buildArguments("tool", s, args); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
	for _, args := range [][]string{{"n=6"}, {"n=12345678901234567890"}, {"n=5.5"}} {
		if _, err := buildArguments("tool", s, args); exitCode(err) != exitUsage {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// A server may send anything as a schema: with what cannot be used, only it judges. The
// twin of each has a schema of the same kind that is used, and refuses the argument.
func TestHostileSchemas(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	tests := []struct{ name, schema, twin string }{
		{"null for all", `{"type":"object","allOf":[null]}`, `{"type":"object","allOf":[{"required":["b"]}]}`},
		{"null for any", `{"anyOf":[null]}`, `{"anyOf":[{"required":["b"]}]}`},
		{"null for a property", `{"properties":{"a":null}}`, `{"properties":{"a":{"type":"boolean"}}}`},
		{"null for the target of a reference", `{"$ref":"#/$defs/x","$defs":{"x":null}}`, `{"$ref":"#/$defs/x","$defs":{"x":{"required":["b"]}}}`},
		{"null for all of it", `null`, `false`},
		{"nothing", ``, `{"required":["b"]}`},
		{
			"a large one", `{"required":["b"],"description":"` + long(toolschema.MaxBytes) + `"}`,
			`{"required":["b"],"description":"` + long(toolschema.MaxBytes/2) + `"}`,
		},
		{
			"a long pattern", `{"required":["b"],"properties":{"a":{"pattern":"` + long(toolschema.MaxPatternBytes+1) + `"}}}`,
			`{"required":["b"],"properties":{"a":{"pattern":"` + long(toolschema.MaxPatternBytes) + `"}}}`,
		},
		{
			"many patterns", `{"required":["b"],"items":{"patternProperties":{"` + long(toolschema.MaxPatternBytes/2) + `":{},"` + long(toolschema.MaxPatternBytes/2+1) + `":{}}}}`,
			`{"required":["b"],"items":{"patternProperties":{"` + long(toolschema.MaxPatternBytes/2) + `":{},"` + long(toolschema.MaxPatternBytes/4) + `":{}}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := buildArguments("tool", readSchema(jsontext.Value(tt.schema)), []string{"a=1"})
			if err != nil || string(got) != `{"a":1}` {
				t.Errorf("buildArguments = %s, %v", got, err)
			}
			if got, err := buildArguments("tool", schemaOf(t, tt.twin), []string{"a=1"}); exitCode(err) != exitUsage {
				t.Errorf("by the twin = %s, %v", got, err)
			}
		})
	}
}

func TestIsWhole(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0": true, "7": true, "1.0": true, "-1.50e1": true, "1e3": true, "1E+3": true, "1.25e2": true,
		"100e-2": true, "0.0e-99": true, "0e99999999999999999999": true, "1e99999999999999999999": true,
		"1.5": false, "1.25e1": false, "1e-1": false, "10e-2": false, "1e-99999999999999999999": false,
		"": false, "x": false, "+1": false, "01": false, " 1": false, "1.": false, "1e": false, "NaN": false, `"1"`: false,
	} {
		if got := isWhole(text); got != want {
			t.Errorf("isWhole(%q) = %v", text, got)
		}
	}
}

// Without a schema, values are what they look like.
func TestArgumentsWithoutSchema(t *testing.T) {
	got, err := buildArguments("tool", inputSchema{}, []string{"a=1", "b=x", "c.d=null", `e:="1"`, "f=0123"})
	const want = `{"a":1,"b":"x","c":{"d":null},"e":"1","f":"0123"}`
	if err != nil || string(got) != want {
		t.Errorf("buildArguments = %s, %v, want %s", got, err, want)
	}
}

func FuzzArguments(f *testing.F) {
	f.Add(manyTypes, "s=a", "config.a=1", "ints=1")
	f.Add(`{"type":"object","allOf":[null],"anyOf":[null],"oneOf":[null],"properties":{"a":null},"items":null}`, "a=1", "a.b=1", "")
	f.Add(`{"required":["a"],"allOf":[null,{"required":["b"]}],"$ref":"#/$defs/x","$defs":{"x":null}}`, "a=1", "b=1", "")
	f.Add(`{"patternProperties":{"^a":null,"(":{}},"additionalProperties":null}`, "a=1.0", "b:=null", "")
	f.Add(`null`, "a=1", "", "")
	f.Add(`{"$ref":"#"}`, "a.b:={}", "a=1", "")
	f.Add(`{"anyOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"oneOf":[{"$ref":"#/$defs/x"},{"type":"null"}]}}}`, "a=null", "b=1e5", "c=[")
	f.Add(`{"properties":{"a":{"type":["array","null"],"items":false}}}`, "a=1", "a=null", "a:=3")
	f.Fuzz(func(t *testing.T, schema, a, b, c string) {
		s := readSchema(jsontext.Value(schema))
		got, err := buildArguments("tool", s, []string{a, b, c})
		if err != nil {
			if exitCode(err) != exitUsage {
				t.Errorf("not a usage error: %v", err)
			}
			return
		}
		if _, err := strictjson.Object(got, 2*maxDepth); err != nil {
			t.Errorf("not an object: %s", got)
		}
		if !json.Valid(got) {
			t.Errorf("not JSON: %s", got)
		}
	})
}
