package tools

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// What holds for every tool of this server, also for those that come later.
func TestInventory(t *testing.T) {
	all := everything().Tools
	if len(all) == 0 {
		t.Fatal("there are no tools")
	}
	seen := map[string]bool{}
	for _, tool := range all {
		t.Run(tool.Name(), func(t *testing.T) {
			d := tool.Definition()
			if seen[d.Name] {
				t.Error("another tool has this name")
			}
			seen[d.Name] = true
			if d.Title == "" || d.Description == "" {
				t.Errorf("title %q, description %q: both are needed", d.Title, d.Description)
			}
			if a := d.Annotations; a == nil || a.DestructiveHint == nil || a.OpenWorldHint == nil {
				t.Errorf("annotations %+v: each must be said", a)
			}
			if len(tool.Scopes()) == 0 {
				t.Error("no scope: whoever has a token may call it")
			}
			checkSchema(t, "input", d.InputSchema)
			if d.OutputSchema != nil { // a tool of DefineContent has none
				checkSchema(t, "output", d.OutputSchema)
			}
			if _, err := os.Stat(goldenFile(d.Name)); err != nil {
				t.Errorf("no golden file: %v", err)
			}
		})
	}
}

// The tools that come with the server are of one style: named in snake_case, objects in
// and out, and each asks for its own scope and nothing else. A tool that is added may
// choose (Options.Scopes, DefineContent, DefineSchema).
func TestShippedTools(t *testing.T) {
	snakeCase := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	for _, tool := range shipped().Tools {
		if !snakeCase.MatchString(tool.Name()) {
			t.Errorf("%s is not in snake_case", tool.Name())
		}
		if got, want := tool.Scopes(), []string{"tool:" + tool.Name()}; !slices.Equal(got, want) {
			t.Errorf("%s: scopes = %q, want %q", tool.Name(), got, want)
		}
		for what, raw := range map[string]any{"input": tool.Definition().InputSchema, "output": tool.Definition().OutputSchema} {
			if s := checkSchema(t, what, raw); s.Type != "object" || s.Properties == nil {
				t.Errorf("%s: the %s schema has type %q, properties %v: want an object with properties, and be it {}", tool.Name(), what, s.Type, s.Properties)
			}
		}
	}
	served := everything()
	for _, tool := range shipped().Tools {
		if !slices.ContainsFunc(served.Tools, func(other Tool) bool { return other.Name() == tool.Name() }) {
			t.Errorf("%s is not served: leave it out of tools.enabled instead", tool.Name())
		}
	}
}

func checkSchema(t *testing.T, what string, raw any) *jsonschema.Schema {
	t.Helper()
	// The SDK marshals a schema of any other type anew for each call.
	data, ok := raw.(json.RawMessage)
	if !ok {
		t.Fatalf("the %s schema is a %T, want json.RawMessage", what, raw)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatalf("the %s schema: %v", what, err)
	}
	if undescribed := undescribed(&s, what); len(undescribed) > 0 {
		t.Errorf("without a description (tag jsonschema): %q", undescribed)
	}
	return &s
}

// undescribed lists the properties of s without a description, at any depth.
func undescribed(s *jsonschema.Schema, at string) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p.Description == "" && p.Ref == "" { // what it refers to says it
			found = append(found, at+"."+name)
		}
		found = append(found, undescribed(p, at+"."+name)...)
	}
	if s.Items != nil {
		found = append(found, undescribed(s.Items, at+"[]")...)
	}
	return found
}

func TestUndescribed(t *testing.T) {
	type inner struct {
		Said   string `json:"said" jsonschema:"something"`
		Unsaid string `json:"unsaid"`
	}
	type outer struct {
		One  inner   `json:"one" jsonschema:"one"`
		Many []inner `json:"many"`
	}
	s, err := jsonschema.For[outer](nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"in.many", "in.many[].unsaid", "in.one.unsaid"}
	if got := undescribed(s, "in"); !slices.Equal(got, want) {
		t.Errorf("undescribed = %q, want %q", got, want)
	}
}
