package server

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// register brings the SDK's registry from old (nil at first) to g. That is what makes
// it notify clients and advertise what there is; what a request gets is decided by the
// request's own generation. Other rules make other lists, too.
func (s *Server) register(old, g *Generation) {
	if old == nil {
		old = &Generation{}
	}
	was, is, anyway := old.Tools, g.Tools, !old.rules.same(g.rules)
	keepInStep(was.Sorted(), is.Sorted(), anyway, s.mcp.RemoveTools, func(d *mcp.Tool) { s.mcp.AddTool(bare(d), s.callTool) })
	keepInStep(was.Prompts(), is.Prompts(), anyway, s.mcp.RemovePrompts, func(d *mcp.Prompt) { s.mcp.AddPrompt(d, s.getPrompt) })
	keepInStep(was.Resources(), is.Resources(), anyway, s.mcp.RemoveResources, func(d *mcp.Resource) { s.mcp.AddResource(d, s.readResource) })
	keepInStep(was.Templates(), is.Templates(), anyway, s.mcp.RemoveResourceTemplates, func(d *mcp.ResourceTemplate) { s.mcp.AddResourceTemplate(d, s.readResource) })
	s.watch(is.Resources())
}

// bare is all of a tool that the SDK is to know, for the low-level AddTool. It would read
// the schema of its current registry for each call, to hold the headers to it; the gate
// does that by the request's own generation (headers.go), and the Tool value holds the
// arguments to it.
func bare(d *mcp.Tool) *mcp.Tool {
	return &mcp.Tool{Name: d.Name, InputSchema: json.RawMessage(`{"type":"object"}`)}
}

// keepInStep removes what is gone, and adds what is new or differs: a client is told
// of a change where there is one. anyway says that it is to be told of the list that there
// is in any case, which the SDK does when something is added once more.
func keepInStep[D any, E listable[D]](was, is []E, anyway bool, remove func(...string), add func(D)) {
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
	if anyway && len(changed)+len(before) == 0 && len(is) > 0 {
		changed = append(changed, is[0].Definition())
	}
	if len(before) > 0 {
		remove(slices.Sorted(maps.Keys(before))...)
	}
	for _, d := range changed {
		add(d)
	}
}
