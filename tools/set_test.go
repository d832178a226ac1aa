package tools

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/faults"
)

func named(names ...string) []Tool {
	list := make([]Tool, len(names))
	for i, name := range names {
		list[i] = defined[nothing, nothing](name, Options{Title: "T", Description: "D"})()
	}
	return list
}

func names(list []Tool) []string {
	out := []string{}
	for _, tool := range list {
		out = append(out, tool.Name())
	}
	return out
}

func TestNewSet(t *testing.T) {
	all := named("b", "c", "a")
	tests := []struct {
		name    string
		enabled []string
		want    []string
	}{
		{"nothing enabled means all", nil, []string{"a", "b", "c"}},
		{"an empty list, too", []string{}, []string{"a", "b", "c"}},
		{"one", []string{"b"}, []string{"b"}},
		{"two, by name, not as configured", []string{"c", "a"}, []string{"a", "c"}},
		{"one, twice", []string{"b", "b"}, []string{"b"}},
		{"in another case", []string{"B"}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewSet(Inventory{Tools: all}, Config{Enabled: tt.enabled})
			if got := names(s.Sorted()); !slices.Equal(got, tt.want) {
				t.Errorf("tools = %q, want %q", got, tt.want)
			}
			for _, tool := range all {
				_, got := s.Get(tool.Name())
				if want := slices.Contains(tt.want, tool.Name()); got != want {
					t.Errorf("Get(%s) = %v, want %v", tool.Name(), got, want)
				}
			}
			var protected []auth.Protected
			for _, name := range tt.want {
				protected = append(protected, auth.Protected{Target: auth.Tool(name), Scopes: []string{"tool:" + name}})
			}
			if got := s.Protected(); !slices.EqualFunc(got, protected, equalProtected) {
				t.Errorf("protected = %+v, want %+v", got, protected)
			}
		})
	}
	if got := names(all); !slices.Equal(got, []string{"b", "c", "a"}) {
		t.Errorf("the list that was given is now %q", got)
	}
}

func equalProtected(a, b auth.Protected) bool {
	return a.Target == b.Target && slices.Equal(a.Scopes, b.Scopes)
}

func TestSetIsImmutable(t *testing.T) {
	s := NewSet(Inventory{Tools: named("a", "b")}, Config{})
	slices.Reverse(s.Sorted())
	if got, want := names(s.Sorted()), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("tools = %q, want %q", got, want)
	}
}

func TestZeroSetIsEmpty(t *testing.T) {
	var s Set
	if _, ok := s.Get(""); ok || len(s.Sorted()) != 0 || len(s.Protected()) != 0 {
		t.Errorf("the zero set is not empty: %+v", s)
	}
}

func TestNewSetPanicsOnDuplicates(t *testing.T) {
	prompt := NewPrompt("a", PromptOptions{Title: "T", Description: "D"}, nil)
	resource, template := NewResource("t://a", resourceOptions, nil), aTemplate("t://{a}")
	for what, all := range map[string]Inventory{
		"a":       {Tools: named("a", "b", "a")},
		"t://a":   {Resources: []Resource{resource, resource}},
		"t://{a}": {Templates: []Template{template, template}},
	} {
		wantPanic(t, "two things are called "+what, func() { NewSet(all, Config{}) })
	}
	wantPanic(t, "two things are called a", func() { NewSet(Inventory{Prompts: []Prompt{prompt, prompt}}, Config{}) })
}

// All that is not a tool is there, whichever tools are switched off.
func TestNewSetOfAnInventory(t *testing.T) {
	all := Inventory{
		Tools:     named("a", "b"),
		Prompts:   []Prompt{NewPrompt("a", PromptOptions{Title: "T", Description: "D"}, nil)},
		Resources: []Resource{NewResource("t://a", resourceOptions, nil)},
		Templates: []Template{aTemplate("t://{a}/b")},
	}
	s := NewSet(all, Config{Enabled: []string{"b"}})
	for target, want := range map[auth.Target]bool{
		auth.Tool("a"): false, auth.Tool("b"): true, auth.Prompt("a"): true, auth.Prompt("b"): false,
		auth.Resource("t://a"): true, auth.Resource("t://{a}/b"): true, auth.Resource("t://b"): false,
	} {
		if got := s.Has(target); got != want {
			t.Errorf("Has(%s) = %v, want %v", target, got, want)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	has := "is not a tool of this server, which has: " + strings.Join(names(everything().Tools), ", ")
	tests := []struct {
		name    string
		enabled []string
		want    faults.List
	}{
		{"the default", DefaultConfig().Enabled, nil},
		{"one", []string{"whoami"}, nil},
		{"all", []string{"whoami", "calculate_bmi"}, nil},
		{"unknown", []string{"whoami", "who"}, faults.List{{Path: "enabled", Message: `"who" ` + has}}},
		{"in another case", []string{"WhoAmI"}, faults.List{{Path: "enabled", Message: `"WhoAmI" ` + has}}},
		{"each unknown one", []string{"x", "", "whoami"}, faults.List{{Path: "enabled", Message: `"x" ` + has}, {Path: "enabled", Message: `"" ` + has}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Config{Enabled: tt.enabled}.Validate()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
