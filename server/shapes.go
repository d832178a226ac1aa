package server

import (
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// level is where in a message an object stands, for those whose members decide.
type level int

const (
	levelOther level = iota
	levelMessage
	levelParams
	levelMeta
	levelRef
	levelError
)

// shape is what the protocol reads of an object. The SDK matches the names of members
// exactly, other readers do not: a variant in another case is what makes two of them
// see two messages. What stands in a member without a shape is not the protocol's:
// the arguments of a tool, for one.
type shape struct {
	level   level
	members map[string]*shape
	folded  map[string]bool // the names of members, folded
	each    *shape          // of every member, where their names are anybody's
}

// inside returns the shape of a member, and false where its name is one of the
// protocol's in another case.
func (s *shape) inside(name string) (*shape, bool) {
	if s.each != nil {
		return s.each, true
	}
	if inner, exact := s.members[name]; exact {
		return inner, true
	}
	return nil, !s.folded[fold(name)]
}

// fold returns name without its case, for comparison with the protocol's names, which
// are ASCII: two letters beyond it fold into that, U+017F (long s) and U+212A (Kelvin).
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == '\u017f':
			return 's'
		case r == '\u212a':
			return 'k'
		default:
			return r
		}
	}, name)
}

// of is a shape with members of its own, of which names are plain.
func of(at level, inner map[string]*shape, names ...string) *shape {
	s := &shape{level: at, members: map[string]*shape{}, folded: map[string]bool{}}
	for _, name := range names {
		s.members[name] = nil
	}
	for name, member := range inner {
		s.members[name] = member
	}
	for name := range s.members {
		s.folded[fold(name)] = true
	}
	return s
}

// The shapes are those of MCP's schema, 2024-11-05 to 2026-07-28.
var (
	implementationShape = of(levelOther, nil, "name", "title", "version", "description", "websiteUrl", "icons")

	capabilitiesShape = of(levelOther, map[string]*shape{
		"roots":       of(levelOther, nil, "listChanged"),
		"sampling":    of(levelOther, nil, "context", "tools"),
		"elicitation": of(levelOther, nil, "form", "url"),
	}, "experimental", "extensions", "tasks")

	metaShape = of(levelMeta, map[string]*shape{
		mcp.MetaKeyClientInfo:         implementationShape,
		mcp.MetaKeyClientCapabilities: capabilitiesShape,
	}, "progressToken", mcp.MetaKeyLogLevel, mcp.MetaKeyProtocolVersion, mcp.MetaKeySubscriptionID)

	// answersShape is of what a client says to questions, by the names of these: a result
	// of an elicitation, of sampling or of roots/list.
	answersShape = &shape{level: levelOther, each: of(levelOther, nil, "_meta", "action", "content", "model", "role", "roots", "stopReason")}

	paramsShape = of(levelParams, map[string]*shape{
		"_meta":          metaShape,
		"argument":       of(levelOther, nil, "name", "value"),
		"capabilities":   capabilitiesShape,
		"clientInfo":     implementationShape,
		"context":        of(levelOther, nil, "arguments"),
		"inputResponses": answersShape,
		"notifications":  of(levelOther, nil, "toolsListChanged", "promptsListChanged", "resourcesListChanged", "resourceSubscriptions"),
		"ref":            of(levelRef, nil, "type", "name", "uri"),
	}, "arguments", "cursor", "level", "message", "name", "progress", "progressToken",
		"protocolVersion", "reason", "requestId", "requestState", "task", "taskId", "total", "uri")

	messageShape = of(levelMessage, map[string]*shape{
		"params": paramsShape,
		"error":  of(levelError, nil, "code", "message", "data"),
	}, "jsonrpc", "id", "method", "result")
)
