package server

import (
	"context"
	"encoding/json"
	"errors"

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

// inputNeeded returns the error of a handler that asks for input: see inputRequired. A
// pointer to nothing is none.
func inputNeeded(err error) (*tools.InputNeeded, bool) {
	needed, ok := errors.AsType[*tools.InputNeeded](err)
	return needed, ok && needed != nil
}

// capabilityNeeded returns the error of a handler whose client cannot be asked, likewise.
func capabilityNeeded(err error) (*tools.CapabilityNeeded, bool) {
	needed, ok := errors.AsType[*tools.CapabilityNeeded](err)
	return needed, ok && needed != nil
}

// inputRequired is receiving middleware. It answers a handler that asks for input by an
// InputRequiredResult (MCP 2026-07-28, "Multi Round-Trip Requests"). The SDK's results can
// be one, too, but write as null what they have no value for yet.
func inputRequired(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, req)
		if needed, ok := inputNeeded(err); ok {
			return &inputRequiredResult{&mcp.CallToolResult{}, needed}, nil
		}
		return result, err
	}
}

// inputRequiredResult is written in the place of a result. The SDK adds to its _meta.
type inputRequiredResult struct {
	mcp.Result
	needed *tools.InputNeeded
}

func (r *inputRequiredResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Meta       mcp.Meta            `json:"_meta,omitempty"`
		ResultType string              `json:"resultType"`
		Requests   mcp.InputRequestMap `json:"inputRequests,omitempty"`
		State      string              `json:"requestState,omitempty"`
	}{r.GetMeta(), "input_required", r.needed.Requests, r.needed.State})
}
