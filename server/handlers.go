package server

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// What the SDK has registered for every tool, prompt and resource: each looks the thing
// up in the request's own generation.

// callTool runs a tool.
func (s *Server) callTool(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	c, ok := callFrom(req)
	if !ok {
		return nil, internalError()
	}
	tool, ok := c.generation.Tools.Get(req.Params.Name)
	if !ok {
		return nil, unknownTarget(c.operation)
	}
	caller := c.caller()
	caller.Request = req
	result, err := tool.Call(ctx, caller, json.RawMessage(req.Params.Arguments))
	s.logFailure(ctx, c, tool.Target(), err)
	return result, nil
}

// getPrompt makes the messages of a prompt.
func (s *Server) getPrompt(ctx context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	c, ok := callFrom(req)
	if !ok {
		return nil, internalError()
	}
	prompt, ok := c.generation.Tools.Prompt(req.Params.Name)
	if !ok {
		return nil, unknownTarget(c.operation)
	}
	result, err := prompt.Get(ctx, c.caller(), req.Params.Arguments)
	if err != nil {
		return nil, s.failure(ctx, c, prompt.Target(), err)
	}
	return result, nil
}

// readResource makes a document.
func (s *Server) readResource(ctx context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	c, ok := callFrom(req)
	if !ok {
		return nil, internalError()
	}
	resource, ok := c.generation.Tools.Resource(req.Params.URI)
	if !ok {
		return nil, unknownTarget(c.operation)
	}
	contents, err := resource.Read(ctx, c.caller())
	if err != nil {
		return nil, s.failure(ctx, c, resource.Target(), err)
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{contents}}, nil
}

// maxCompletions is how many values a completion has at most (MCP 2025-11-25,
// server/utilities/completion, "Completion Results").
const maxCompletions = 100

// complete proposes values for an argument of a prompt. No resource here has any.
func (s *Server) complete(ctx context.Context, c call, req *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	result := &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{}}}
	target := targetOf(req)
	prompt, ok := c.generation.Tools.Prompt(target.Name)
	if !ok || target.Kind != auth.KindPrompt {
		return result, nil
	}
	var settled map[string]string
	if req.Params.Context != nil {
		settled = req.Params.Context.Arguments
	}
	argument := req.Params.Argument
	values, err := prompt.Complete(ctx, c.caller(), argument.Name, argument.Value, settled)
	if err != nil {
		return nil, s.failure(ctx, c, target, err)
	}
	shown := values[:min(len(values), maxCompletions)]
	result.Completion.Values = append(result.Completion.Values, shown...)
	result.Completion.Total, result.Completion.HasMore = len(values), len(values) > len(shown)
	return result, nil
}

// caller is what a tool, prompt or resource is told of the request.
func (c call) caller() tools.Caller {
	return tools.Caller{Principal: c.principal, RequestID: c.requestID, Tools: c.documented}
}

// documented are the tools that a list shows to the caller.
func (c call) documented() []tools.Documented {
	var list []tools.Documented
	for _, t := range c.generation.Tools.Sorted() {
		if c.shows(t.Target()) {
			d := c.generation.Policy.Check(t.Target().Use(c.operation.Modern), c.principal)
			list = append(list, tools.Documented{Tool: t, Needs: d.Needs})
		}
	}
	return list
}

// announce makes the capabilities of a result those of the generation, where the SDK
// does not know them.
func (c call) announce(result mcp.Result) {
	var capabilities *mcp.ServerCapabilities
	switch r := result.(type) {
	case *mcp.InitializeResult:
		capabilities = r.Capabilities
	case *mcp.DiscoverResult:
		capabilities = r.Capabilities
	}
	if capabilities != nil && completes(c.generation) {
		capabilities.Completions = &mcp.CompletionCapabilities{}
	}
}

// completes reports whether a prompt of g proposes values.
func completes(g *Generation) bool {
	return slices.ContainsFunc(g.Tools.Prompts(), tools.Prompt.Completes)
}

// failure is what the caller is told of an error, whose cause goes into the log.
func (s *Server) failure(ctx context.Context, c call, t auth.Target, err error) error {
	text, cause := tools.Told(err)
	s.logFailure(ctx, c, t, cause)
	switch {
	case text == "":
		return internalError()
	case cause == nil && t.Kind == auth.KindPrompt: // it is about the arguments
		return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: text}
	default:
		return &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: text}
	}
}

// logFailure logs the cause of a failure. A caller that went away is none.
func (s *Server) logFailure(ctx context.Context, c call, t auth.Target, err error) {
	if err == nil || (ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		return
	}
	log := s.log.With("request_id", c.requestID, string(t.Kind), t.Name, "error", err)
	switch t.Kind {
	case auth.KindTool:
		log.ErrorContext(ctx, "tool failed")
	case auth.KindPrompt:
		log.ErrorContext(ctx, "prompt failed")
	case auth.KindResource:
		log.ErrorContext(ctx, "resource failed")
	}
}
