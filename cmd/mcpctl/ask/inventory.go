package ask

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"mcp-resource-server/internal/toolschema"
)

// Tool is one tool of the server, as the server describes it.
type Tool struct {
	Name, Title, Description string
	InputSchema              json.RawMessage // as it came; empty for none
}

// Result is what a call of a tool gave.
type Result struct {
	Text    string // all of its content, as text for a model
	IsError bool   // the tool itself reports an error
}

// Tools are the tools of one server. To judge names and arguments is not its
// job.
type Tools interface {
	// List gives all tools that the caller may see.
	List(ctx context.Context) ([]Tool, error)
	// Call calls a tool with arguments that are one JSON object. An error ends the
	// question: it is trouble on the way to the tool. What the tool itself has to
	// complain of is a Result.
	Call(ctx context.Context, name string, arguments json.RawMessage) (Result, error)
}

// inventory is what a model may choose from. It is immutable.
type inventory struct {
	tools   []*tool
	byAlias map[string]*tool
	byName  map[string]*tool
}

// tool is a tool as it is offered to a model.
type tool struct {
	name        string // the server's
	alias       string // the model's
	description string
	parameters  json.RawMessage
	schema      *jsonschema.Resolved // nil: the server alone judges arguments
}

// newInventory makes the tools of a server fit for a model. Only narrows them to
// some names; empty means all.
func newInventory(listed []Tool, only []string, observe func(Event)) (*inventory, error) {
	listed, err := chosen(listed, only)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(listed))
	for i, t := range listed {
		names[i] = t.Name
	}
	inv := &inventory{byAlias: map[string]*tool{}, byName: map[string]*tool{}}
	size := 0
	for i, alias := range aliases(names) {
		t, err := newTool(listed[i], alias, observe)
		switch {
		case err != nil && len(only) > 0:
			return nil, fmt.Errorf("%w: %q: %w", ErrToolList, listed[i].Name, err)
		case err != nil:
			observe(Event{Kind: EventSkipped, Tool: listed[i].Name, Text: err.Error()})
			continue
		}
		inv.tools = append(inv.tools, t)
		inv.byAlias[alias], inv.byName[t.name] = t, t
		size += len(t.alias) + len(t.description) + len(t.parameters)
	}
	switch {
	case len(inv.tools) == 0:
		return nil, fmt.Errorf("%w: each was left out: %w", ErrToolList, errHiddenName)
	case size > maxToolList:
		return nil, fmt.Errorf("%w: their descriptions have %d bytes, a model gets at most %d: choose some with --tool", ErrToolList, size, maxToolList)
	}
	return inv, nil
}

// chosen narrows a list of tools and judges what is left.
func chosen(listed []Tool, only []string) ([]Tool, error) {
	if len(only) > 0 {
		all := listed
		listed = slices.DeleteFunc(slices.Clone(all), func(t Tool) bool { return !slices.Contains(only, t.Name) })
		for _, name := range only {
			if !slices.ContainsFunc(listed, func(t Tool) bool { return t.Name == name }) {
				return nil, fmt.Errorf("%w: it shows no tool %q to this caller", ErrToolList, name)
			}
		}
	}
	switch {
	case len(listed) == 0:
		return nil, fmt.Errorf("%w: it shows none to this caller", ErrToolList)
	case len(listed) > maxTools:
		return nil, fmt.Errorf("%w: it has %d, a model gets at most %d: choose some with --tool", ErrToolList, len(listed), maxTools)
	}
	seen := map[string]bool{}
	for _, t := range listed {
		if t.Name == "" || len(t.Name) > maxName || seen[t.Name] {
			return nil, fmt.Errorf("%w: a name is empty, longer than %d bytes or there twice: %q", ErrToolList, maxName, clip(t.Name, maxName))
		}
		seen[t.Name] = true
	}
	return listed, nil
}

// newTool makes one tool fit for a model, or fails where it cannot be.
func newTool(t Tool, alias string, observe func(Event)) (*tool, error) {
	description := Printable(cmp.Or(t.Description, t.Title))
	if len(description) > maxDescription {
		const mark = "…"
		description = clip(description, maxDescription-len(mark))
	}
	out := &tool{name: t.Name, alias: alias, description: description, parameters: json.RawMessage(noParameters)}
	schema, err := parameters(t.InputSchema)
	if errors.Is(err, errHiddenName) {
		return nil, err
	}
	if err == nil {
		out.parameters = schema
		out.schema, err = toolschema.Compile(schema)
	}
	if err != nil {
		observe(Event{Kind: EventUnvalidated, Tool: t.Name, Text: clip(err.Error(), maxFault)})
	}
	return out, nil
}

// find gives the tool that a model means.
func (inv *inventory) find(name string) (*tool, bool) {
	if t, ok := inv.byAlias[name]; ok {
		return t, true
	}
	// A model may know the tool's own name, from a description or an output.
	t, ok := inv.byName[name]
	return t, ok
}
