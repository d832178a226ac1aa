package conformance

import (
	"context"
	"slices"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// Fixture is what is served: two of its tools change what there is.
type Fixture struct {
	install func(tools.Set)
	always  tools.Inventory

	mu     sync.Mutex
	passed struct{ tool, prompt bool } // whether the passing tool and prompt are there
}

// NewFixture returns the fixture. install makes a set the one that is served from now
// on; it is called by tools, while they run.
func NewFixture(install func(tools.Set)) *Fixture {
	f := &Fixture{install: install}
	f.always = tools.Inventory{
		Tools:     slices.Concat(contentTools(), notifyingTools(), schemaTools(), askingTools(), roundTools(), f.changingTools()),
		Prompts:   prompts(),
		Resources: resources(),
		Templates: templates(),
	}
	return f
}

// Always is what is there whatever its tools change. It is made once: a resource that
// is made anew is another one, and who watches it would be told of a change.
func (f *Fixture) Always() tools.Inventory { return f.always }

// Scopes are those that a token needs for all of it.
func (f *Fixture) Scopes() []string {
	var scopes []string
	for _, p := range f.with(true, true).Protected() {
		scopes = append(scopes, p.Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// Install has the fixture served as it stands.
func (f *Fixture) Install() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.install(f.set())
}

// set is the fixture as it stands; the caller holds f.mu.
func (f *Fixture) set() tools.Set { return f.with(f.passed.tool, f.passed.prompt) }

// with is the fixture with the passing tool and prompt, or without.
func (f *Fixture) with(tool, prompt bool) tools.Set {
	all := f.always
	if tool {
		all.Tools = append(slices.Clip(all.Tools), passingTool())
	}
	if prompt {
		all.Prompts = append(slices.Clip(all.Prompts), passingPrompt())
	}
	return tools.NewSet(all, tools.Config{})
}

// change changes one of the two, and has the set served.
func (f *Fixture) change(which *bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*which = !*which
	f.install(f.set())
}

func (f *Fixture) changingTools() []tools.Tool {
	change := func(name, what string, which *bool) tools.Tool {
		return tools.DefineContent(name, tools.Options{
			Title: "Change the list of " + what, Description: "Adds one of the " + what + ", or takes it away.",
		}, func(context.Context, tools.Caller, none) ([]mcp.Content, error) {
			f.change(which)
			return text("the list of " + what + " has changed"), nil
		})
	}
	return []tools.Tool{
		change("test_trigger_tool_change", "tools", &f.passed.tool),
		change("test_trigger_prompt_change", "prompts", &f.passed.prompt),
	}
}

func passingTool() tools.Tool {
	return tools.DefineContent("test_passing_tool", tools.Options{
		Title: "Here for a while", Description: "Comes and goes, so that the list of tools changes.",
	}, func(context.Context, tools.Caller, none) ([]mcp.Content, error) { return text("here"), nil })
}

func passingPrompt() tools.Prompt {
	return tools.NewPrompt("test_passing_prompt", tools.PromptOptions{
		Title: "Here for a while", Description: "Comes and goes, so that the list of prompts changes.",
	}, says("here"))
}
