package server

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

const defaultPageSize = 1000

// private marks a result as one that no cache may show to another caller. It is stale
// at once: what a caller may use can change with its next token.
var private = mcp.Cacheable{CacheScope: cacheScopePrivate}

// list answers a list from the request's generation.
func (s *Server) list(c call, req mcp.Request) (mcp.Result, error) {
	set, size := c.generation.Tools, s.opts.PageSize
	switch r := req.(type) {
	case *mcp.ListToolsRequest:
		cursor := cmp.Or(r.Params, &mcp.ListToolsParams{}).Cursor
		shown, next, err := page(c, cursor, size, auth.KindTool, set.Sorted())
		return listed(&mcp.ListToolsResult{Tools: shown, NextCursor: next, Cacheable: private}, err)
	case *mcp.ListPromptsRequest:
		cursor := cmp.Or(r.Params, &mcp.ListPromptsParams{}).Cursor
		shown, next, err := page(c, cursor, size, auth.KindPrompt, set.Prompts())
		return listed(&mcp.ListPromptsResult{Prompts: shown, NextCursor: next, Cacheable: private}, err)
	case *mcp.ListResourcesRequest:
		cursor := cmp.Or(r.Params, &mcp.ListResourcesParams{}).Cursor
		shown, next, err := page(c, cursor, size, auth.KindResource, set.Resources())
		return listed(&mcp.ListResourcesResult{Resources: shown, NextCursor: next, Cacheable: private}, err)
	case *mcp.ListResourceTemplatesRequest:
		cursor := cmp.Or(r.Params, &mcp.ListResourceTemplatesParams{}).Cursor
		shown, next, err := page(c, cursor, size, listTemplates, set.Templates())
		return listed(&mcp.ListResourceTemplatesResult{ResourceTemplates: shown, NextCursor: next, Cacheable: private}, err)
	default:
		return nil, internalError()
	}
}

// listed is a result, or an error without one.
func listed(result mcp.Result, err error) (mcp.Result, error) {
	if err != nil {
		return nil, err
	}
	return result, nil
}

// listable is what a list shows, as D.
type listable[D any] interface {
	Target() auth.Target
	Definition() D
}

// listTemplates tells the cursors of resources/templates/list from those of
// resources/list: to the policy both lists are of one kind.
const listTemplates auth.Kind = "template"

// page is the part of all, which is in the order of its names, that follows cursor:
// what the caller is shown, and only then cut into pages. kind is that of the list.
func page[D any, E listable[D]](c call, cursor string, size int, kind auth.Kind, all []E) (shown []D, next string, err error) {
	after := ""
	if cursor != "" {
		var ok bool
		if after, ok = parseCursor(kind, cursor); !ok {
			return nil, "", invalidCursor()
		}
	}
	shown = []D{} // [] where there is none, never null
	last := ""
	for _, e := range all {
		t := e.Target()
		if t.Name <= after || !c.shows(t) {
			continue
		}
		if len(shown) == size {
			return shown, newCursor(kind, last), nil
		}
		shown, last = append(shown, e.Definition()), t.Name
	}
	return shown, "", nil
}

// shows reports whether a list shows the target to the caller.
func (c call) shows(t auth.Target) bool {
	return c.generation.Policy.Lists(t, c.operation.Modern, c.principal)
}

func invalidCursor() error {
	return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "invalid cursor"}
}

// A cursor names the list and the last entry of the page before, one that its caller
// was shown: unlike the SDK's, it gives no other away. An entry that appears or goes
// between two pages moves none.
func newCursor(kind auth.Kind, last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(string(kind) + ":" + last))
}

// parseCursor takes a cursor of the list of kind, in the one form that was given out.
func parseCursor(kind auth.Kind, cursor string) (last string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", false
	}
	last, ok = strings.CutPrefix(string(b), string(kind)+":")
	return last, ok && last != "" && newCursor(kind, last) == cursor
}
