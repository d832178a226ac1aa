package conformance

import (
	"bytes"
	"encoding/json"
	"image/png"
	"slices"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

func TestFixtureChanges(t *testing.T) {
	var installed []tools.Set
	fixture := NewFixture(func(s tools.Set) { installed = append(installed, s) })
	fixture.Install()
	call := func(name string) {
		t.Helper()
		tool, ok := installed[len(installed)-1].Get(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		if result, err := tool.Call(t.Context(), tools.Caller{}, nil); err != nil || result.IsError {
			t.Fatalf("%s: %+v, %v", name, result, err)
		}
	}
	steps := []struct {
		call         string
		tool, prompt bool
	}{
		{"", false, false},
		{"test_trigger_tool_change", true, false},
		{"test_trigger_prompt_change", true, true},
		{"test_trigger_tool_change", false, true},
		{"test_trigger_prompt_change", false, false},
	}
	const watched = "test://watched-resource"
	first, _ := installed[0].Resource(watched)
	for i, step := range steps {
		if step.call != "" {
			call(step.call)
		}
		if len(installed) != i+1 {
			t.Fatalf("after step %d, %d sets were installed", i, len(installed))
		}
		tool, prompt := installed[i].Has(auth.Tool("test_passing_tool")), installed[i].Has(auth.Prompt("test_passing_prompt"))
		if tool != step.tool || prompt != step.prompt {
			t.Errorf("after step %d: tool %v, prompt %v, want %v and %v", i, tool, prompt, step.tool, step.prompt)
		}
		// Subscribers would be told of a change that there was not.
		if now, _ := installed[i].Resource(watched); !now.WatchedAs(first) || !now.Watched() {
			t.Errorf("after step %d another resource is watched", i)
		}
	}
}

// Scopes are those of everything that there can be.
func TestScopes(t *testing.T) {
	var all []auth.Protected
	fixture := NewFixture(func(s tools.Set) { all = append(all, s.Protected()...) })
	for _, p := range []*bool{&fixture.passed.tool, &fixture.passed.prompt} {
		fixture.change(p)
	}
	scopes := fixture.Scopes()
	for _, p := range all {
		for _, scope := range p.Scopes {
			if !slices.Contains(scopes, scope) {
				t.Errorf("%s needs %s, which is not among the scopes", p.Name, scope)
			}
		}
	}
	for _, scope := range []string{"tool:test_passing_tool", "prompt:test_passing_prompt"} {
		if !slices.Contains(scopes, scope) {
			t.Errorf("%s is not among the scopes", scope)
		}
	}
}

// Every tool that asks somebody tells so where there is nobody to ask.
func TestAskingNobody(t *testing.T) {
	arguments := map[string]string{"test_sampling": `{"prompt":"a"}`, "test_elicitation": `{"message":"a"}`}
	for _, tool := range append(askingTools(), roundTools()...) {
		t.Run(tool.Name(), func(t *testing.T) {
			result, err := tool.Call(t.Context(), tools.Caller{}, json.RawMessage(arguments[tool.Name()]))
			if unasked := tool.Name() == "test_input_required_result_capabilities"; result.IsError == unasked {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

func TestMedia(t *testing.T) {
	if p, err := png.Decode(bytes.NewReader(picture())); err != nil || p.Bounds().Dx() != 1 {
		t.Errorf("the picture: %v", err)
	}
	wav := sound()
	if len(wav) != 44+8 || string(wav[:4]) != "RIFF" || int(wav[4]) != len(wav)-8 || string(wav[8:16]) != "WAVEfmt " || string(wav[36:40]) != "data" || wav[40] != 8 {
		t.Errorf("the sound: %q", wav)
	}
}
