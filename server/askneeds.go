package server

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// capabilityError is the answer to a request of MCP 2026-07-28 that needs more of its
// client than that has declared (Streamable HTTP: status 400).
func capabilityError(needed *tools.CapabilityNeeded) error {
	e := &jsonrpc.Error{Code: mcp.CodeMissingRequiredClientCapabilities, Message: needed.Error()}
	e.Data, _ = json.Marshal(map[string]any{"requiredCapabilities": requiredCapabilities(needed)}) // structs of flags always marshal
	return e
}

// requiredCapabilities has a member for what is required, and no other: the SDK's type
// always has one for roots.
func requiredCapabilities(needed *tools.CapabilityNeeded) any {
	required := needed.Required
	if required == nil {
		required = &mcp.ClientCapabilities{}
	}
	return struct {
		Elicitation *mcp.ElicitationCapabilities `json:"elicitation,omitempty"`
		Roots       *mcp.RootCapabilities        `json:"roots,omitempty"`
		Sampling    *mcp.SamplingCapabilities    `json:"sampling,omitempty"`
	}{required.Elicitation, required.RootsV2, required.Sampling}
}

// inputRequired is receiving middleware. It makes of a result that asks for input an
// InputRequiredResult (MCP 2026-07-28, "Multi Round-Trip Requests"), which has nothing of
// the result to come: the SDK writes that as null.
func inputRequired(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, req)
		if err != nil {
			return nil, err
		}
		switch r := result.(type) {
		case *mcp.CallToolResult:
			if r != nil && r.NeedsInput() {
				return &inputRequiredResult{r, r.InputRequests, r.RequestState}, nil
			}
		case *mcp.GetPromptResult:
			if r != nil && r.NeedsInput() {
				return &inputRequiredResult{r, r.InputRequests, r.RequestState}, nil
			}
		case *mcp.ReadResourceResult:
			if r != nil && r.NeedsInput() {
				return &inputRequiredResult{r, r.InputRequests, r.RequestState}, nil
			}
		}
		return result, nil
	}
}

// inputRequiredResult is written in the place of a result. The SDK adds to its _meta.
type inputRequiredResult struct {
	mcp.Result
	requests mcp.InputRequestMap
	state    string
}

func (r *inputRequiredResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Meta       mcp.Meta            `json:"_meta,omitempty"`
		ResultType string              `json:"resultType"`
		Requests   mcp.InputRequestMap `json:"inputRequests,omitempty"`
		State      string              `json:"requestState,omitempty"`
	}{r.GetMeta(), "input_required", r.requests, r.state})
}
