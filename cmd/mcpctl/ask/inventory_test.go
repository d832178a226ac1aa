package ask

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/fakemodel"
	"mcp-resource-server/internal/toolschema"
)

// list makes an inventory and says what it tells about it.
func list(t *testing.T, only []string, tools ...Tool) (*inventory, []Event, error) {
	t.Helper()
	var events []Event
	inv, err := newInventory(tools, only, func(e Event) { events = append(events, e) })
	return inv, events, err
}

func manyTools(n, descriptionBytes, schemaBytes int) []Tool {
	tools := make([]Tool, n)
	for i := range tools {
		tools[i] = Tool{
			Name: fmt.Sprintf("tool%d", i), Description: strings.Repeat("x", descriptionBytes),
			InputSchema: json.RawMessage(`{"type":"object","properties":{},"description":"` + strings.Repeat("x", schemaBytes) + `"}`),
		}
	}
	return tools
}

func TestToolList(t *testing.T) {
	tests := []struct {
		name  string
		tools []Tool
		only  []string
		want  error
		text  string
	}{
		{"one", manyTools(1, 10, 10), nil, nil, ""},
		{"as many as OpenAI takes", manyTools(maxTools, 10, 10), nil, nil, ""},
		{"one more", manyTools(maxTools+1, 10, 10), nil, ErrToolList, "it has 129, a model gets at most 128: choose some with --tool"},
		{"one more, chosen", manyTools(maxTools+1, 10, 10), []string{"tool7"}, nil, ""},
		{"none", nil, nil, ErrToolList, "it shows none to this caller"},
		{"a choice that is not there", manyTools(1, 10, 10), []string{"tool0", "tool1"}, ErrToolList, `it shows no tool "tool1" to this caller`},
		{"large together", manyTools(128, maxDescription, 500), nil, nil, ""},
		{"too large together", manyTools(128, maxDescription, 1500), nil, ErrToolList, "a model gets at most 262144: choose some with --tool"},
		{"too large alone", manyTools(1, 10, maxToolList), nil, ErrToolList, "a model gets at most 262144"},
		{"a name twice", append(manyTools(1, 1, 1), manyTools(1, 1, 1)...), nil, ErrToolList, `there twice: "tool0"`},
		{"no name", []Tool{{}}, nil, ErrToolList, `a name is empty`},
		{"a long name", []Tool{{Name: strings.Repeat("x", maxName+1)}}, nil, ErrToolList, "longer than 256 bytes"},
		{"the longest name", []Tool{{Name: strings.Repeat("x", maxName)}}, nil, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inv, _, err := list(t, tt.only, tt.tools...)
			if !errors.Is(err, tt.want) || (err == nil) != (inv != nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("text %q, want %q", err, tt.text)
			}
			if err == nil && len(tt.only) > 0 && len(inv.tools) != len(tt.only) {
				t.Errorf("%d tools, want %d", len(inv.tools), len(tt.only))
			}
		})
	}
}

// A tool that was not chosen does not exist for the model.
func TestOnly(t *testing.T) {
	bad := wants([2]string{"get_weather", `{"location":"Dubai"}`})
	r := ask(t, fakemodel.Script(bad, wants(goodCall), says("Done.")), func(o *Options, _ *fakeTools) { o.Only = []string{"get_time"} })
	if r.err != nil || len(r.tools.calls) != 1 || len(r.request(t, 0).Tools) != 1 {
		t.Errorf("%v, calls %q, tools %+v", r.err, r.tools.calls, r.request(t, 0).Tools)
	}
}

func TestDescriptions(t *testing.T) {
	tests := []struct {
		name string
		tool Tool
		want string
	}{
		{"as it is", Tool{Description: "Tells the time.", Title: "Time"}, "Tells the time."},
		{"the title instead", Tool{Title: "Time"}, "Time"},
		{"of the greatest length", Tool{Description: strings.Repeat("x", maxDescription)}, strings.Repeat("x", maxDescription)},
		{"a megabyte", Tool{Description: strings.Repeat("x", 1<<20)}, strings.Repeat("x", maxDescription-len("…")) + "…"},
		{"cut inside a character", Tool{Description: strings.Repeat("€", 400)}, strings.Repeat("€", 340) + "…"},
		{"what only a model sees", Tool{Description: "Time\U000e0063\u202e\x1b[8m"}, "Time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.tool.Name = "x"
			inv, _, err := list(t, nil, tt.tool)
			if err != nil || inv.tools[0].description != tt.want {
				t.Errorf("%.50q…, %v, want %.50q…", inv.tools[0].description, err, tt.want)
			}
			if n := len(inv.tools[0].description); n > maxDescription {
				t.Errorf("%d bytes", n)
			}
		})
	}
}

func TestAliases(t *testing.T) {
	long := strings.Repeat("x", 65)
	tests := []struct {
		name  string
		names []string
		want  []string
	}{
		{"fit", []string{"get_time", "get-time", strings.Repeat("x", 64)}, []string{"get_time", "get-time", strings.Repeat("x", 64)}},
		{"a dot", []string{"server.status"}, []string{"server_status"}},
		{"other characters", []string{"a/b c", "größe"}, []string{"a_b_c", "gr__e"}},
		{"equal to one that is fit", []string{"a.b", "a_b"}, []string{"a_b_ab888c88", "a_b"}},
		{"equal to each other", []string{"a.b", "a/b"}, []string{"a_b_ab888c88", "a_b_66576807"}},
		{"too long", []string{long}, []string{strings.Repeat("x", 55) + "_53fc3899"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := aliases(tt.names); !slices.Equal(got, tt.want) {
				t.Errorf("aliases = %q, want %q", got, tt.want)
			}
		})
	}
}

// A server that knows the hashes may choose its names by them.
func TestAliasesThatMeetTheHash(t *testing.T) {
	meant := hashed("a.b", map[string]bool{})
	dotted := strings.Replace(meant, "b_", "b.", 1)
	checkAliases(t, []string{"a.b", "a/b", dotted})
	checkAliases(t, []string{dotted, "a.b", "a/b"})
	checkAliases(t, []string{"a.b", "a/b", meant, dotted, strings.Replace(meant, "b_", "b/", 1)})
}

func checkAliases(t *testing.T, names []string) {
	t.Helper()
	seen := map[string]bool{}
	for i, alias := range aliases(names) {
		if !validAlias(alias) || seen[alias] {
			t.Errorf("%q of %q is not fit, or there twice", alias, names[i])
		}
		if validAlias(names[i]) && alias != names[i] {
			t.Errorf("%q became %q", names[i], alias)
		}
		seen[alias] = true
	}
}

func FuzzAliases(f *testing.F) {
	f.Add("a.b\na_b\na/b")
	f.Add("a.b\na_b_ab888c88\na_b.ab888c88")
	f.Add(strings.Repeat("x", 70) + "\n" + strings.Repeat("x", 71))
	f.Fuzz(func(t *testing.T, lines string) {
		names := strings.Split(lines, "\n")
		slices.Sort(names)
		names = slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" })
		checkAliases(t, names)
	})
}

// A model may call a tool by either name; the server gets its own.
func TestNamesGoBack(t *testing.T) {
	for _, name := range []string{"server_status", "server.status"} {
		r := ask(t, fakemodel.Script(wants([2]string{name, ``}), says("Done.")))
		if r.err != nil || !slices.Equal(r.tools.calls, []string{"server.status {}"}) {
			t.Errorf("%s: %v, calls %q", name, r.err, r.tools.calls)
		}
		if got := r.request(t, 1).Messages[2].ToolCalls[0].Function.Name; got != "server_status" {
			t.Errorf("%s came back as %s", name, got)
		}
	}
}

func TestParameters(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"as it is", ` {"type":"object", "properties":{"a":{}}} `, `{"type":"object", "properties":{"a":{}}}`},
		{"none", ``, noParameters},
		{"null", `null`, noParameters},
		{"empty", ` { } `, noParameters},
		{"no properties", `{"type":"object","additionalProperties":false}`, `{"properties":{},"type":"object","additionalProperties":false}`},
		{"no type", `{"properties":{}}`, `{"type":"object","properties":{}}`},
		{"neither", `{"$schema":"x"}`, `{"type":"object","properties":{},"$schema":"x"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parameters(json.RawMessage(tt.in))
			if err != nil || string(got) != tt.want || !json.Valid(got) {
				t.Errorf("parameters = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// What cannot be validated here is offered all the same, and said.
func TestSchemasThatAreNotValidated(t *testing.T) {
	bomb := `{"type":"object","properties":{},"$defs":{`
	for i := range 20 {
		bomb += fmt.Sprintf(`"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]},`, i, i+1, i+1)
	}
	bomb += `"d20":{}},"$ref":"#/$defs/d0"}`
	tests := []struct {
		name, schema string
		offered      string // "" for as it is
		why          string
	}{
		{"not an object", `true`, noParameters, "not a JSON object"},
		{"not JSON", `{"type":`, noParameters, "not one valid JSON value"},
		{"a name twice", `{"type":"object","type":"object"}`, noParameters, "not one valid JSON value"},
		{"deep", strings.Repeat(`{"not":`, 70) + "{}" + strings.Repeat("}", 70), noParameters, "nested too deeply"},
		{"of another draft", `{"type":"object","properties":{},"$schema":"http://json-schema.org/draft-04/schema#"}`, "", "draft"},
		{"a keyword of the wrong type", `{"type":7,"properties":{}}`, "", "reading the schema"},
		{"a pattern that Go has not", `{"type":"object","properties":{"a":{"pattern":"(?=x)"}}}`, "", "resolving the schema"},
		{"a remote reference", `{"type":"object","properties":{"a":{"$ref":"https://evil.example/x"}}}`, "", "no pointer into itself"},
		{"a reference to nothing", `{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}}}`, "", "no pointer into itself"},
		{"a reference to an anchor", `{"type":"object","properties":{"a":{"$ref":"#x","$anchor":"x"}}}`, "", "no pointer into itself"},
		// The validator would follow these until the process dies of it.
		{"itself", `{"type":"object","properties":{},"$ref":"#"}`, "", "refers to itself"},
		{"a long pattern", `{"type":"object","properties":{"a":{"type":"string","pattern":"` + strings.Repeat("x", toolschema.MaxPatternBytes+1) + `"}}}`, "", "regular expressions of the schema are too long"},
		{"many patterns", `{"type":"object","properties":{},"patternProperties":{"` + strings.Repeat("x", 600) + `":{},"` + strings.Repeat("y", 600) + `":{}}}`, "", "regular expressions of the schema are too long"},
		{"itself in a circle", `{"type":"object","properties":{},"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}`, "", "refers to itself"},
		{"itself by an escaped pointer", `{"type":"object","properties":{},"$ref":"#/$defs/a~1%7eb","$defs":{"a/~b":{"$ref":"#/$defs/a~1~0b"},"a/b":{}}}`, "", "refers to itself"},
		{"itself by an id", `{"type":"object","properties":{"a":{"$id":"https://x.example/a","$ref":"#"}}}`, "", "the schema uses $id"},
		{"itself dynamically", `{"type":"object","properties":{},"$dynamicAnchor":"x","$dynamicRef":"#x"}`, "", "the schema uses $dynamicRef"},
		{"a million parts", bomb, "", "or is too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			inv, events, err := list(t, nil, Tool{Name: "x", InputSchema: json.RawMessage(tt.schema)})
			if err != nil {
				t.Fatal(err)
			}
			if want := tt.schema; tt.offered == "" && string(inv.tools[0].parameters) != want || tt.offered != "" && string(inv.tools[0].parameters) != tt.offered {
				t.Errorf("offered with %s", inv.tools[0].parameters)
			}
			if len(events) != 1 || events[0].Kind != EventUnvalidated || events[0].Tool != "x" || !strings.Contains(events[0].Text, tt.why) {
				t.Errorf("events %+v, want one with %q", events, tt.why)
			}
			// Nothing is known of the arguments but that they are an object.
			if c := inv.newCall("x", `{"any":[1]}`); c.fault != nil || string(c.arguments) != `{"any":[1]}` {
				t.Errorf("%+v", c)
			}
			if c := inv.newCall("x", `[]`); c.fault == nil {
				t.Error("a list passed for arguments")
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// The twin: what is validated, with references that end.
func TestSchemasThatAreValidated(t *testing.T) {
	tests := []struct{ name, schema, good, bad string }{
		{"draft 2020-12", `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}`, `{"n":1}`, `{"n":0}`},
		{"draft 7", `{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"s":{"type":"string"}},"type":"object","properties":{"a":{"$ref":"#/definitions/s"}}}`, `{"a":"x"}`, `{"a":1}`},
		{"no schema", ``, `{"any":1}`, `1`},
		{"no type", `{"properties":{"a":{"type":"string"}}}`, `{"a":"x"}`, `{"a":1}`},
		{"a reference", `{"type":"object","$defs":{"s":{"enum":["x"]}},"properties":{"a":{"$ref":"#/$defs/s"},"b":{"$ref":"#/$defs/s"}}}`, `{"a":"x","b":"x"}`, `{"b":"y"}`},
		{"a reference through a list", `{"type":"object","allOf":[{"properties":{"a":{"type":"string"}}}],"properties":{"b":{"$ref":"#/allOf/0/properties/a"}}}`, `{"b":"x"}`, `{"b":1}`},
		{"a reference with escapes", `{"type":"object","$defs":{"a/~b":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a~1~0b"}}}`, `{"a":"x"}`, `{"a":1}`},
		{"an id of its own", `{"$id":"https://x.example/","type":"object","properties":{"a":{"type":"string"}}}`, `{"a":"x"}`, `{"a":1}`},
		{"properties with the names of keywords", `{"type":"object","properties":{"$ref":{"type":"string"},"$id":{"type":"string"}}}`, `{"$ref":"#","$id":"x"}`, `{"$ref":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inv, events, err := list(t, nil, Tool{Name: "x", InputSchema: json.RawMessage(tt.schema)})
			if err != nil || len(events) != 0 {
				t.Fatalf("%v, events %+v", err, events)
			}
			if c := inv.newCall("x", tt.good); c.fault != nil || string(c.arguments) != tt.good {
				t.Errorf("%s: %+v", tt.good, c.fault)
			}
			if c := inv.newCall("x", tt.bad); c.fault == nil {
				t.Errorf("%s passed", tt.bad)
			}
		})
	}
}

// A hostile schema and a model's arguments together end neither the process nor
// the user's patience.
func FuzzSchema(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"type":"string"}}}`, `{"a":"x"}`)
	f.Add(`{"$ref":"#"}`, `{}`)
	f.Add(`{"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#/$defs/b"}},"b":{"const":1}}}`, `{"a":[1]}`)
	f.Add(`{"multipleOf":0,"minimum":1,"uniqueItems":true,"dependentSchemas":{"a":{}},"patternProperties":{"a":{}}}`, `{"a":[{},{}]}`)
	f.Add(`{"if":{},"then":{},"else":{},"unevaluatedProperties":false,"propertyNames":{"maxLength":-1}}`, `{"a":null}`)
	f.Fuzz(func(t *testing.T, schema, arguments string) {
		tool, err := newTool(Tool{Name: "x", InputSchema: json.RawMessage(schema)}, "x", func(Event) {})
		if err != nil {
			return
		}
		if !json.Valid(tool.parameters) {
			t.Errorf("offered with %q", tool.parameters)
		}
		if got, fault := tool.judge([]byte(arguments)); fault == nil && (!json.Valid(got) || got[0] != '{') {
			t.Errorf("%q passed for arguments", got)
		}
	})
}
