package server

import (
	"maps"
	"reflect"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// register brings the SDK's registry from old (nil at first) to g. That is what makes
// it notify clients and advertise what there is, and what it looks up header rules in;
// what a request gets is decided by the request's own generation.
func (s *Server) register(old, g *Generation) {
	if old == nil {
		old = &Generation{}
	}
	was, is := old.Tools, g.Tools
	// The low-level AddTool: the typed one would marshal and resolve the schemas again
	// for each call. The Tool value does the validation.
	keepInStep(was.Sorted(), is.Sorted(), s.mcp.RemoveTools, func(d *mcp.Tool) { s.mcp.AddTool(d, s.callTool) })
	keepInStep(was.Prompts(), is.Prompts(), s.mcp.RemovePrompts, func(d *mcp.Prompt) { s.mcp.AddPrompt(d, s.getPrompt) })
	keepInStep(was.Resources(), is.Resources(), s.mcp.RemoveResources, func(d *mcp.Resource) { s.mcp.AddResource(d, s.readResource) })
}

// keepInStep removes what is gone, and adds what is new or differs: a client is told
// of a change where there is one.
func keepInStep[D any, E listable[D]](was, is []E, remove func(...string), add func(D)) {
	before := map[string]D{}
	for _, e := range was {
		before[e.Target().Name] = e.Definition()
	}
	var changed []D
	for _, e := range is {
		name, d := e.Target().Name, e.Definition()
		if old, had := before[name]; !had || !reflect.DeepEqual(old, d) {
			changed = append(changed, d)
		}
		delete(before, name)
	}
	if len(before) > 0 {
		remove(slices.Sorted(maps.Keys(before))...)
	}
	for _, d := range changed {
		add(d)
	}
}
