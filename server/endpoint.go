package server

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"mcp-resource-server/auth"
)

const (
	headerVersion = "Mcp-Protocol-Version"
	headerSession = "Mcp-Session-Id"
)

// serveMCP is the MCP endpoint for a verified caller.
func (s *Server) serveMCP(w http.ResponseWriter, r *http.Request) {
	if !s.singleHeaders(w, r) {
		return
	}
	switch r.Method {
	case http.MethodPost:
		s.servePost(w, r)
	case http.MethodGet:
		s.serveBodiless(w, r, auth.OperationStream)
	case http.MethodDelete:
		s.serveBodiless(w, r, auth.OperationEndSession)
	default:
		allowed := "GET, POST, DELETE"
		if !s.hasStreams(r) {
			allowed = http.MethodPost
		}
		s.refuseHTTPMethod(w, r, allowed)
	}
}

// refuseHTTPMethod answers a method that there is not (RFC 9110 §15.5.6).
func (s *Server) refuseHTTPMethod(w http.ResponseWriter, r *http.Request, allowed string) {
	exchangeOf(r).refuse(reasonHTTPMethod)
	w.Header().Set("Allow", allowed)
	writeRPCError(w, http.StatusMethodNotAllowed, nil, jsonrpc.CodeInvalidRequest, "use one of the HTTP methods in Allow", nil)
}

// hasStreams reports whether there is something to GET and to DELETE: not where requests
// stand alone (MCP 2026-07-28, Streamable HTTP, "Earlier Streamable HTTP Revisions").
func (s *Server) hasStreams(r *http.Request) bool {
	spoken, version := s.opts.MCP.versions(), r.Header.Get(headerVersion)
	return s.opts.MCP.LegacySessions && spoken.legacy() && (isLegacyVersion(version) || !spoken.has(version))
}

// serveBodiless serves GET (the stream of a legacy session) and DELETE (its end).
func (s *Server) serveBodiless(w http.ResponseWriter, r *http.Request, operation string) {
	msg := message{method: operation}
	if !s.hasStreams(r) {
		s.refuseHTTPMethod(w, r, http.MethodPost)
		return
	}
	if !s.agreeOnVersion(w, r, msg) || !s.authorize(w, r, msg) || !s.ownSession(w, r, msg) {
		return
	}
	if operation == auth.OperationStream && !acceptable(w, r, msg) {
		return
	}
	if operation == auth.OperationEndSession {
		s.sessions.forget(r.Header.Get(headerSession)) // from now on it is as if it had never been
	}
	arrived(w)
	s.forward(w, r, msg)
}

// servePost serves one message. What the gate checked is what the SDK gets, byte
// for byte.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request) {
	// A stop waits for the call, unless it is a stream.
	s.calls.enter()
	leave := sync.OnceFunc(s.calls.leave)
	defer leave()
	msg, body, ok := s.readMessage(w, r)
	if !ok || !s.agreeOnVersion(w, r, msg) || !s.awaited(w, r, msg) {
		return
	}
	if !s.authorize(w, r, msg) || !s.ownSession(w, r, msg) || !s.opensOnce(w, r, msg) {
		return
	}
	if !acceptable(w, r, msg) || !wholeMeta(w, r, msg) || !agreeOnHeaders(w, r, msg) {
		return
	}
	if msg.method == methodListen {
		leave()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	s.forward(w, r, msg)
}

// readMessage reads the message of a POST, and its body. It answers what is none, of
// which the message has the id where there is one.
func (s *Server) readMessage(w http.ResponseWriter, r *http.Request) (msg message, body []byte, ok bool) {
	if !plainJSON(r.Header) {
		exchangeOf(r).refuse(reasonContentType)
		writeRPCError(w, http.StatusUnsupportedMediaType, nil, jsonrpc.CodeInvalidRequest, "the body must be application/json in UTF-8, without a content encoding", nil)
		return message{}, nil, false
	}
	body, ok = s.readBody(w, r)
	if !ok {
		return message{}, nil, false
	}
	msg, fault := parseMessage(body)
	if fault != nil {
		exchangeOf(r).refuse(reasonMessage)
		writeRPCError(w, http.StatusBadRequest, msg.id, fault.code, fault.text, nil)
		return msg, nil, false
	}
	msg.modern = msg.meta.names() || isModern(r)
	return msg, body, true
}

// awaited refuses a response where no request of the server can be open: outside the
// sessions of MCP 2025-11-25 and older it sends none. Nobody waits for the answer to
// a response, which is why it has no id (MCP 2025-11-25, Streamable HTTP, "Sending
// Messages to the Server").
func (s *Server) awaited(w http.ResponseWriter, r *http.Request, msg message) bool {
	if msg.method != auth.OperationResponse || (s.opts.MCP.LegacySessions && !msg.modern) {
		return true
	}
	exchangeOf(r).refuse(reasonMessage)
	writeRPCError(w, http.StatusBadRequest, nil, jsonrpc.CodeInvalidRequest, "responses are not accepted here: no request of this server awaits one", nil)
	return false
}

// opensOnce refuses a second initialize of a session: the client of one that there is
// has been answered the first.
func (s *Server) opensOnce(w http.ResponseWriter, r *http.Request, msg message) bool {
	if msg.method != methodInitialize || !s.inSession(msg) || r.Header.Get(headerSession) == "" {
		return true
	}
	exchangeOf(r).refuse(reasonMessage)
	writeRPCError(w, http.StatusBadRequest, msg.id, jsonrpc.CodeInvalidRequest, "the session is initialized: initialize without Mcp-Session-Id opens another", nil)
	return false
}
