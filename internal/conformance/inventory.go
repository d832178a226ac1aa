package conformance

import (
	"context"
	"slices"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// Inventory is the fixture as it stands: two of its tools change what there is.
type Inventory struct {
	install func(tools.Set)

	mu     sync.Mutex
	passed struct{ tool, prompt bool } // whether the passing tool and prompt are there
}

// NewInventory returns the fixture. install makes a set the one that is served from now
// on; it is called by tools, while they run.
func NewInventory(install func(tools.Set)) *Inventory { return &Inventory{install: install} }

// Tools are the tools that are always there.
func (i *Inventory) Tools() []tools.Tool {
	list := append(contentTools(), notifyingTools()...)
	list = append(list, schemaTools()...)
	list = append(list, askingTools()...)
	list = append(list, roundTools()...)
	return append(list, i.changingTools()...)
}

// Prompts are the prompts that are always there.
func (i *Inventory) Prompts() []tools.Prompt { return prompts() }

// Resources are the documents.
func (i *Inventory) Resources() []tools.Resource { return resources() }

// Templates are the families of documents.
func (i *Inventory) Templates() []tools.Template { return templates() }

// Scopes are those that a token needs for all of it.
func (i *Inventory) Scopes() []string {
	all := tools.NewSet(append(i.Tools(), passingTool()), tools.Config{}).
		With(append(prompts(), passingPrompt()), resources()).WithTemplates(templates())
	var scopes []string
	for _, p := range all.Protected() {
		scopes = append(scopes, p.Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// Install has the fixture served as it stands.
func (i *Inventory) Install() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.install(i.set())
}

func (i *Inventory) set() tools.Set {
	list, messages := i.Tools(), prompts()
	if i.passed.tool {
		list = append(list, passingTool())
	}
	if i.passed.prompt {
		messages = append(messages, passingPrompt())
	}
	return tools.NewSet(list, tools.Config{}).With(messages, resources()).WithTemplates(templates())
}

// change changes one of the two, and has the set served.
func (i *Inventory) change(which *bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	*which = !*which
	i.install(i.set())
}

func (i *Inventory) changingTools() []tools.Tool {
	change := func(name, what string, which *bool) tools.Tool {
		return tools.DefineContent(name, tools.Options{
			Title: "Change the list of " + what, Description: "Adds one of the " + what + ", or takes it away.",
		}, func(context.Context, tools.Caller, none) ([]mcp.Content, error) {
			i.change(which)
			return text("the list of " + what + " has changed"), nil
		})
	}
	return []tools.Tool{
		change("test_trigger_tool_change", "tools", &i.passed.tool),
		change("test_trigger_prompt_change", "prompts", &i.passed.prompt),
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
