package server

import (
	"context"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// fitting returns the answer to a question as its handler gets it, and false where the
// client's response is none.
func fitting(question mcp.InputRequest, response mcp.InputResponse) (mcp.InputResponse, bool) {
	switch q := question.(type) {
	case *mcp.ElicitParams:
		r, ok := response.(*mcp.ElicitResult)
		if !ok || r == nil {
			return nil, false
		}
		return fittingForm(q, r)
	case *mcp.CreateMessageParams:
		return fittingMessage(response)
	case *mcp.CreateMessageWithToolsParams:
		r, ok := response.(*mcp.CreateMessageWithToolsResult)
		return r, ok && r != nil && spoken(r.Role, r.Content)
	case *mcp.ListRootsParams:
		r, ok := response.(*mcp.ListRootsResult)
		return r, ok && r != nil && r.Roots != nil && !slices.ContainsFunc(r.Roots, func(root *mcp.Root) bool {
			return root == nil || root.URI == ""
		})
	default:
		return nil, false
	}
}

// fittingForm holds the answer to an elicitation to its schema, and gives it the
// defaults. The SDK lets pass an acceptance without a content, whatever is required.
func fittingForm(q *mcp.ElicitParams, r *mcp.ElicitResult) (mcp.InputResponse, bool) {
	answer := &mcp.ElicitResult{Meta: r.Meta, Action: r.Action}
	switch {
	case r.Action == "decline", r.Action == "cancel":
		return answer, true
	case r.Action != "accept":
		return nil, false
	case q.Mode == "url":
		return answer, true // what came of it is between its page and the user
	}
	content, err := tools.FormAnswer(q.RequestedSchema, r.Content)
	if err != nil {
		return nil, false
	}
	answer.Content = content
	return answer, true
}

// boundForms is sending middleware. It holds what a client of a session answers to an
// elicitation to its form before the SDK does, which would take its time over a large
// one.
func boundForms(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, req)
		question, asks := req.GetParams().(*mcp.ElicitParams)
		answer, answers := result.(*mcp.ElicitResult)
		if err != nil || !asks || !answers {
			return result, err
		}
		if _, fits := fittingForm(question, answer); !fits {
			return nil, errNoAnswer
		}
		return result, nil
	}
}

// fittingMessage returns the answer of a model that was asked without tools: one piece
// of content.
func fittingMessage(response mcp.InputResponse) (mcp.InputResponse, bool) {
	if r, ok := response.(*mcp.CreateMessageWithToolsResult); ok && r != nil && len(r.Content) == 1 {
		response = &mcp.CreateMessageResult{Meta: r.Meta, Content: r.Content[0], Model: r.Model, Role: r.Role, StopReason: r.StopReason}
	}
	r, ok := response.(*mcp.CreateMessageResult)
	if !ok || r == nil || !spoken(r.Role, []mcp.Content{r.Content}) {
		return nil, false
	}
	_, usesTool := r.Content.(*mcp.ToolUseContent)
	return r, !usesTool
}

// spoken reports a message that somebody says something in.
func spoken(role mcp.Role, content []mcp.Content) bool {
	return (role == "assistant" || role == "user") && len(content) > 0 && !slices.Contains(content, nil)
}
