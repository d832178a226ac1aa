package server

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// paramsTypes are what the SDK decodes the params of a method into.
var paramsTypes = map[string]func() any{
	methodInitialize:                   func() any { return new(mcp.InitializeParams) },
	methodPing:                         func() any { return new(mcp.PingParams) },
	"server/discover":                  func() any { return new(mcp.DiscoverParams) },
	methodCallTool:                     func() any { return new(mcp.CallToolParamsRaw) },
	methodListTools:                    func() any { return new(mcp.ListToolsParams) },
	methodGetPrompt:                    func() any { return new(mcp.GetPromptParams) },
	"prompts/list":                     func() any { return new(mcp.ListPromptsParams) },
	methodRead:                         func() any { return new(mcp.ReadResourceParams) },
	"resources/list":                   func() any { return new(mcp.ListResourcesParams) },
	"resources/templates/list":         func() any { return new(mcp.ListResourceTemplatesParams) },
	methodSubscribe:                    func() any { return new(mcp.SubscribeParams) },
	methodUnsubscribe:                  func() any { return new(mcp.UnsubscribeParams) },
	methodComplete:                     func() any { return new(mcp.CompleteParams) },
	methodSetLevel:                     func() any { return new(mcp.SetLoggingLevelParams) },
	methodListen:                       func() any { return new(mcp.SubscriptionsListenParams) },
	"notifications/initialized":        func() any { return new(mcp.InitializedParams) },
	methodCancelled:                    func() any { return new(mcp.CancelledParams) },
	"notifications/progress":           func() any { return new(mcp.ProgressNotificationParams) },
	"notifications/roots/list_changed": func() any { return new(mcp.RootsListChangedParams) },
}

// paramsNeeded are the methods whose params may not be left out, beside those that name
// something in them.
var paramsNeeded = map[string]bool{
	methodInitialize: true, methodSetLevel: true, methodListen: true, "notifications/progress": true,
}

// removed are the methods that MCP 2026-07-28 has no more: their params are nothing that
// it knows.
var removed = map[string]bool{
	methodInitialize: true, methodPing: true, methodSetLevel: true, methodSubscribe: true, methodUnsubscribe: true,
}

// paramsFit refuses params that cannot be read as those of method. The SDK would
// find out, too, but its answer names Go types and repeats what was sent, and is
// made before anything of ours can word it.
func paramsFit(method string, params jsontext.Value) *rpcFault {
	target, ruled := paramsTypes[method]
	switch {
	case params == nil && paramsNeeded[method]:
		return faultNoParams
	case !ruled || params == nil:
		return nil
	}
	decoded := target()
	// Names that stand twice have been refused already: to look for them again would cost
	// as much as all else.
	if json.Unmarshal(params, decoded, jsontext.AllowDuplicateNames(true)) != nil {
		return faultParamType
	}
	// The SDK takes any text for a level (MCP 2025-11-25, server/utilities/logging,
	// "Error Handling").
	if p, ok := decoded.(*mcp.SetLoggingLevelParams); ok && !logLevels[string(p.Level)] {
		return faultLevel
	}
	return nil
}

// idFits refuses a request without an id, and a notification with one (JSON-RPC 2.0
// §4.1). What is neither here is for the policy to refuse.
func idFits(method string, hasID bool) *rpcFault {
	_, ruled := paramsTypes[method]
	notification := strings.HasPrefix(method, "notifications/")
	switch {
	case ruled && notification && hasID:
		return faultHasID
	case ruled && !notification && !hasID:
		return faultNoID
	default:
		return nil
	}
}
