package server

import (
	"context"
	"errors"
	"maps"

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
	caller, err := s.callerOf(c, req, req.Params.GetProgressToken(), retry{
		responses: req.Params.InputResponses, state: req.Params.RequestState, arguments: req.Params.Arguments,
	})
	if err != nil {
		return nil, err
	}
	result, err := tool.Call(ctx, caller, req.Params.Arguments)
	if _, ok := inputNeeded(err); ok {
		return nil, err
	}
	if needed, ok := capabilityNeeded(err); ok {
		if c.operation.Modern {
			return nil, capabilityError(needed)
		}
		return result, nil // which says so
	}
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
	caller, err := s.callerOf(c, req, req.Params.GetProgressToken(), retry{
		responses: req.Params.InputResponses, state: req.Params.RequestState, arguments: req.Params.Arguments,
	})
	if err != nil {
		return nil, err
	}
	result, err := prompt.Get(ctx, caller, req.Params.Arguments)
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
	caller, err := s.callerOf(c, req, req.Params.GetProgressToken(), retry{
		responses: req.Params.InputResponses, state: req.Params.RequestState, // the URI is the target
	})
	if err != nil {
		return nil, err
	}
	uri := req.Params.URI
	var contents *mcp.ResourceContents
	if resource, ok := c.generation.Tools.Resource(uri); ok {
		contents, err = resource.Read(ctx, caller)
	} else if template, ok := c.generation.Tools.Template(uri); ok {
		contents, err = template.Read(ctx, caller, uri)
	} else {
		return nil, unknownTarget(c.operation)
	}
	if errors.Is(err, tools.ErrNoDocument) {
		return nil, unknownTarget(c.operation)
	}
	if err != nil {
		return nil, s.failure(ctx, c, c.generation.Tools.Resolve(c.operation.Target), err)
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{contents}}, nil
}

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
	shown := values[:min(len(values), tools.MaxCompletions)]
	result.Completion.Values = append(result.Completion.Values, shown...)
	if result.Completion.HasMore = len(values) > len(shown); !result.Completion.HasMore {
		result.Completion.Total = len(values) // of more, the prompt need not have counted all
	}
	return result, nil
}

// callerOf is what a tool, prompt or resource is told of the request, whose progress
// token is given, and what came with it for a request made again. The error is the
// answer.
func (s *Server) callerOf(c call, req request, progressToken any, r retry) (tools.Caller, error) {
	client, err := s.clientOf(c, req, progressToken, r)
	if err != nil {
		return tools.Caller{}, err
	}
	caller := c.caller()
	caller.Client = client
	caller.Header = maps.Clone(req.GetExtra().Header) // the SDK's own, which goes on using it
	caller.Header.Del("Authorization")
	return caller, nil
}

// caller is what all are told.
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

// failure is what the caller is told of an error, whose cause goes into the log.
func (s *Server) failure(ctx context.Context, c call, t auth.Target, err error) error {
	if _, ok := inputNeeded(err); ok {
		return err
	}
	if needed, ok := capabilityNeeded(err); ok {
		return capabilityFailure(c, needed)
	}
	text, cause := tools.Told(err)
	s.logFailure(ctx, c, t, cause)
	switch {
	case text == "":
		return internalError()
	case cause == nil && t.Kind == auth.KindPrompt && !ofClient(err): // it is about the arguments
		return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: text}
	default:
		return &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: text}
	}
}

// capabilityFailure is the answer where a prompt or resource needs more of the client
// than it has. MCP 2025-11-25 has no code for that: what is left for a request that has
// no fault (server/prompts, "Error Handling") is that of an internal error.
func capabilityFailure(c call, needed *tools.CapabilityNeeded) error {
	if c.operation.Modern {
		return capabilityError(needed)
	}
	return &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: needed.Error()}
}

// ofClient reports what went wrong at a client that was asked.
func ofClient(err error) bool {
	_, ok := errors.AsType[clientError](err)
	return ok
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
