package server

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// newMCPServer returns the one MCP server behind both eras.
func (s *Server) newMCPServer() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{
		Name:    s.opts.MCP.Name,
		Title:   s.opts.MCP.Title,
		Version: s.opts.Version,
	}, &mcp.ServerOptions{
		Instructions: s.opts.MCP.Instructions,
		Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{ListChanged: true}},
		// What one caller may see is no other's to be shown from a cache.
		SetCacheable: func(_ context.Context, _ mcp.Request, c *mcp.Cacheable) { c.CacheScope = cacheScopePrivate },
	})
	server.AddReceivingMiddleware(s.authority)
	return server
}

const cacheScopePrivate = "private"

// authority decides, for every method in both eras, on what the SDK decoded. The
// gate in front has answered most refusals with HTTP's means; should the two ever
// read a message differently, this is the one that counts.
func (s *Server) authority(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		c, ok := callFrom(req)
		if !ok {
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "internal error"}
		}
		op := auth.Operation{Method: method, Modern: c.operation.Modern}
		if r, isCall := req.(*mcp.CallToolRequest); isCall {
			op.Tool = r.Params.Name
		}
		switch decision := c.generation.Policy.Check(op, c.principal); decision.Verdict {
		case auth.Allowed:
		case auth.NoTool:
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "unknown tool"}
		case auth.Denied:
			return nil, &jsonrpc.Error{Code: codeForbidden, Message: forbiddenText(decision.Scopes)}
		default:
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeMethodNotFound, Message: "method not found"}
		}
		if op != c.operation {
			// The gate checked another operation than the one that was decoded. Nothing
			// that it let pass on that ground may run.
			s.log.ErrorContext(ctx, "gate and protocol disagree on a message", "request_id", c.requestID)
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: "ambiguous message"}
		}
		switch r := req.(type) {
		case *mcp.ListToolsRequest:
			return listTools(c, r, s.opts.PageSize)
		case *mcp.ServerRequest[*mcp.InitializeParams]:
			s.sessions.add(r.Session, c.principal.Identity())
		}
		return next(ctx, method, req)
	}
}

// registerTools brings the SDK's registry from old (nil at first) to g: that is
// what makes it notify clients, and what it looks up header rules in.
func (s *Server) registerTools(old, g *Generation) {
	if old != nil {
		for _, t := range old.Tools.Sorted() {
			if _, kept := g.Tools.Get(t.Name()); !kept {
				s.mcp.RemoveTools(t.Name())
			}
		}
	}
	for _, t := range g.Tools.Sorted() {
		if old != nil {
			if before, had := old.Tools.Get(t.Name()); had && reflect.DeepEqual(before.Definition(), t.Definition()) {
				continue
			}
		}
		// The low-level AddTool: the typed one would marshal and resolve the schemas
		// again for each call. The Tool value does the validation.
		s.mcp.AddTool(t.Definition(), s.callTool)
	}
}

// callTool runs the tool of the request's own generation.
func (s *Server) callTool(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	c, ok := callFrom(req)
	if !ok {
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "internal error"}
	}
	tool, ok := c.generation.Tools.Get(req.Params.Name)
	if !ok {
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "unknown tool"}
	}
	caller := tools.Caller{Principal: c.principal, RequestID: c.requestID, Request: req}
	result, err := tool.Call(ctx, caller, json.RawMessage(req.Params.Arguments))
	// A caller that went away is no failure of the tool.
	if gone := ctx.Err() != nil && errors.Is(err, context.Canceled); err != nil && !gone {
		s.log.ErrorContext(ctx, "tool failed", "request_id", c.requestID, "tool", tool.Name(), "error", err)
	}
	return result, nil
}
