package server

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// paramsTypes are what the SDK decodes the params of a method into.
var paramsTypes = map[string]func() any{
	methodInitialize:                   func() any { return new(mcp.InitializeParams) },
	"ping":                             func() any { return new(mcp.PingParams) },
	"server/discover":                  func() any { return new(mcp.DiscoverParams) },
	methodCallTool:                     func() any { return new(mcp.CallToolParamsRaw) },
	methodListTools:                    func() any { return new(mcp.ListToolsParams) },
	methodListen:                       func() any { return new(mcp.SubscriptionsListenParams) },
	"notifications/initialized":        func() any { return new(mcp.InitializedParams) },
	"notifications/cancelled":          func() any { return new(mcp.CancelledParams) },
	"notifications/progress":           func() any { return new(mcp.ProgressNotificationParams) },
	"notifications/roots/list_changed": func() any { return new(mcp.RootsListChangedParams) }, //nolint:staticcheck // deprecated in MCP 2026-07-28, and still what older clients send
}

// paramsFit reports whether params can be read as those of method. The SDK would
// find out, too, but its answer names Go types and repeats what was sent, and is
// made before anything of ours can word it.
func paramsFit(method string, params jsontext.Value) bool {
	target, ruled := paramsTypes[method]
	if !ruled || params == nil {
		return true
	}
	return json.Unmarshal(params, target()) == nil
}
