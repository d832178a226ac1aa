package server

import (
	"encoding/base64"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

const defaultPageSize = 1000

// listTools answers tools/list from the request's generation: the tools that
// the caller may use, in the order of their names, and only then cut into pages.
func listTools(c call, req *mcp.ListToolsRequest, pageSize int) (*mcp.ListToolsResult, error) {
	after := ""
	if req.Params != nil && req.Params.Cursor != "" {
		var ok bool
		if after, ok = parseCursor(req.Params.Cursor); !ok {
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "invalid cursor"}
		}
	}
	result := &mcp.ListToolsResult{
		Tools:     []*mcp.Tool{}, // [] where there is none, never null
		Cacheable: mcp.Cacheable{CacheScope: cacheScopePrivate},
	}
	for _, t := range c.generation.Tools.Sorted() {
		if t.Name() <= after || !mayCall(c, t) {
			continue
		}
		if len(result.Tools) == pageSize {
			result.NextCursor = newCursor(result.Tools[pageSize-1].Name)
			break
		}
		result.Tools = append(result.Tools, t.Definition())
	}
	return result, nil
}

func mayCall(c call, t tools.Tool) bool {
	op := auth.Operation{Method: methodCallTool, Tool: t.Name(), Modern: c.operation.Modern}
	return c.generation.Policy.Check(op, c.principal).Verdict == auth.Allowed
}

// A cursor names the last tool of the page before, one that its caller was
// shown: unlike the SDK's, it gives no other away. A tool that appears or goes
// between two pages moves none.
const cursorPrefix = "after:"

func newCursor(name string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorPrefix + name))
}

func parseCursor(cursor string) (name string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", false
	}
	name, ok = strings.CutPrefix(string(b), cursorPrefix)
	return name, ok && name != ""
}
