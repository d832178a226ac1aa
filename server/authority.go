package server

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// authority decides, for every method in both eras, on what the SDK decoded. The
// gate in front has answered most refusals with HTTP's means; should the two ever
// read a message differently, this is the one that counts.
func (s *Server) authority(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		c, ok := callFrom(req)
		if !ok {
			return nil, internalError()
		}
		op := auth.Operation{Method: method, Target: targetOf(req), Modern: c.operation.Modern}
		known, decision := decide(c.generation, op, c.principal)
		line := c.decided(known, decision)
		if err := s.refusalOf(ctx, c, op, decision); err != nil {
			c.refuse(line, reasonOf(decision, known))
			s.write(c.record, line)
			return nil, err
		}
		if method == methodListen {
			line.Result = resultStream
			s.write(c.record, line) // a stream is told of when it begins
			return next(ctx, method, req)
		}
		result, err := s.answer(ctx, next, c, method, req)
		line.ended(ctx, result, err)
		if refused, ok := errors.AsType[refusal](err); ok {
			c.refuse(line, refused.Reason())
		}
		s.write(c.record, line)
		return result, err
	}
}

// refuse notes the reason for the audit line and for the access log.
func (c call) refuse(l *line, reason auth.Reason) {
	l.refused(reason)
	c.record.reason.Store(&reason)
}

// refusal is the error of a handler that refuses the request itself, for a reason that
// is to be told of as that of any refusal.
type refusal interface {
	error
	Reason() auth.Reason
}

// refusalOf is the error for what the policy refuses, or for what the gate has not seen,
// or nil.
func (s *Server) refusalOf(ctx context.Context, c call, op auth.Operation, d auth.Decision) error {
	switch d.Verdict {
	case auth.Allowed:
	case auth.NoTarget:
		return unknownTarget(op)
	case auth.Denied:
		e := &jsonrpc.Error{Code: codeForbidden, Message: forbiddenText(d, c.principal)}
		e.Data, _ = json.Marshal(forbiddenData(d)) // strings always marshal
		return e
	default:
		return methodNotFound()
	}
	if op != c.operation {
		// The gate checked another operation than the one that was decoded. Nothing
		// that it let pass on that ground may run.
		s.log.ErrorContext(ctx, "gate and protocol disagree on a message", "request_id", c.requestID)
		return &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: "ambiguous message"}
	}
	return nil
}

// answer answers what the generation decides itself, and has the SDK answer the rest.
func (s *Server) answer(ctx context.Context, next mcp.MethodHandler, c call, method string, req mcp.Request) (mcp.Result, error) {
	switch r := req.(type) {
	case *mcp.ListToolsRequest, *mcp.ListPromptsRequest, *mcp.ListResourcesRequest, *mcp.ListResourceTemplatesRequest:
		result, err := s.list(c, req)
		if r, ok := result.(*mcp.ListToolsResult); ok && len(r.Tools) == 0 {
			s.warnUseless(ctx, c.requestID, c.generation, c.principal)
		}
		return result, err
	case *mcp.CompleteRequest:
		return s.complete(ctx, c, r)
	}
	if err := c.fits(req); err != nil {
		return nil, err
	}
	result, err := next(ctx, method, req)
	if err == nil {
		c.announce(result, req)
	}
	return result, err
}

func methodNotFound() error {
	return &jsonrpc.Error{Code: jsonrpc.CodeMethodNotFound, Message: "method not found"}
}

// targetOf is what the SDK decoded as the thing that a request names.
func targetOf(req mcp.Request) auth.Target {
	switch r := req.(type) {
	case *mcp.CallToolRequest:
		return auth.Tool(r.Params.Name)
	case *mcp.GetPromptRequest:
		return auth.Prompt(r.Params.Name)
	case *mcp.ReadResourceRequest:
		return auth.Resource(r.Params.URI)
	case *mcp.SubscribeRequest:
		return auth.Resource(r.Params.URI)
	case *mcp.UnsubscribeRequest:
		return auth.Resource(r.Params.URI)
	case *mcp.CompleteRequest:
		if r.Params.Ref == nil {
			return auth.Target{}
		}
		if r.Params.Ref.Type == "ref/prompt" {
			return auth.Prompt(r.Params.Ref.Name)
		}
		return auth.Resource(r.Params.Ref.URI)
	default:
		return auth.Target{}
	}
}

func internalError() error {
	return &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "internal error"}
}
