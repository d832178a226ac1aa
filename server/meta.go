package server

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// requestMeta is what params._meta says of a request (MCP 2026-07-28, Overview,
// "Per-request protocol fields").
type requestMeta struct {
	// As written, nil where there is none.
	version, clientInfo, capabilities, logLevel, progressToken jsontext.Value
}

// names reports whether it names a version, which is what makes a request modern.
func (m *requestMeta) names() bool { return m.version != nil }

// strange reports whether what it names as a version is no text.
func (m *requestMeta) strange() bool { return m.names() && m.version.Kind() != '"' }

// versionText returns the version that it names, "" where that is no text.
func (m *requestMeta) versionText() string {
	if m.version.Kind() != '"' {
		return ""
	}
	text, _ := jsontext.AppendUnquote(nil, m.version) // the decoder has read it
	return string(text)
}

// tokenFits reports whether its progress token is one (MCP, schema, "ProgressToken": a
// string or a number). Each event of progress repeats it, hence its bound.
func (m *requestMeta) tokenFits() bool {
	t := m.progressToken
	switch {
	case t == nil, t.Kind() == 'n':
		return true
	case t.Kind() == '0':
		return len(t) <= maxNumberBytes
	default:
		return validID(t.Kind(), t)
	}
}

// maxNumberBytes bounds a number that is repeated: a float64 needs 24.
const maxNumberBytes = 32

// logLevels are those of RFC 5424 §6.2.1, by the names that MCP has for them.
var logLevels = map[string]bool{
	"debug": true, "info": true, "notice": true, "warning": true,
	"error": true, "critical": true, "alert": true, "emergency": true,
}

// note keeps a member of _meta.
func (m *requestMeta) note(name string, value jsontext.Value) {
	switch name {
	case mcp.MetaKeyProtocolVersion:
		m.version = value
	case mcp.MetaKeyClientInfo:
		m.clientInfo = value
	case mcp.MetaKeyClientCapabilities:
		m.capabilities = value
	case mcp.MetaKeyLogLevel:
		m.logLevel = value
	case "progressToken":
		m.progressToken = value
	}
}

// fault holds the members to what every modern request MUST have. Notifications need none
// of them.
func (m *requestMeta) fault() *rpcFault {
	switch {
	case !m.names():
		return faultNoMeta
	case m.capabilities == nil:
		return faultNoCapabilities
	case m.capabilities.Kind() != '{' || !reads[mcp.ClientCapabilities](m.capabilities):
		return faultCapabilities
	case m.clientInfo != nil && (m.clientInfo.Kind() != '{' || !reads[mcp.Implementation](m.clientInfo)):
		return faultClientInfo
	case m.logLevel != nil && !isLogLevel(m.logLevel):
		return faultLogLevel
	default:
		return nil
	}
}

// wholeMeta refuses a modern request that does not say what it MUST.
func wholeMeta(w http.ResponseWriter, r *http.Request, msg message) bool {
	if !msg.modern || msg.id == nil {
		return true
	}
	fault := msg.meta.fault()
	if fault == nil {
		return true
	}
	exchangeOf(r).refuse(reasonMessage)
	writeRPCError(w, http.StatusBadRequest, msg.id, fault.code, fault.text, nil)
	return false
}

func isLogLevel(value jsontext.Value) bool {
	level, err := jsontext.AppendUnquote(nil, value)
	return err == nil && logLevels[string(level)]
}

// reads reports whether value can be read as a T.
func reads[T any](value jsontext.Value) bool {
	var target T
	return json.Unmarshal(value, &target, jsontext.AllowDuplicateNames(true)) == nil
}
