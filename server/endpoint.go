package server

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/httperr"
)

// modernVersion is the first protocol version in which requests stand alone.
const modernVersion = "2026-07-28"

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
		s.refuseHTTPMethod(w, r, "GET, POST, DELETE")
	}
}

func (s *Server) refuseHTTPMethod(w http.ResponseWriter, r *http.Request, allowed string) {
	exchangeOf(r).refuse(reasonHTTPMethod)
	w.Header().Set("Allow", allowed)
	httperr.Write(w, http.StatusMethodNotAllowed, httperr.Body{Error: "method_not_allowed", Description: "use one of the methods in Allow"})
}

// serveBodiless serves GET (the stream of a legacy session) and DELETE (its end).
func (s *Server) serveBodiless(w http.ResponseWriter, r *http.Request, operation string) {
	msg := message{method: operation, modern: isModern(r)}
	if msg.modern || !s.opts.MCP.LegacySessions {
		s.refuseHTTPMethod(w, r, http.MethodPost) // requests stand alone: there is nothing to stream or to end
		return
	}
	if !s.authorize(w, r, msg) || !s.ownSession(w, r, msg) {
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
	if !ok || !s.awaited(w, r, msg) {
		return
	}
	if !s.authorize(w, r, msg) || !s.ownSession(w, r, msg) {
		return
	}
	if msg.method == methodListen {
		leave()
	}
	plainName(r.Header, msg)
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
	msg.modern = msg.modern || isModern(r)
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

// isModern reports whether the version header asks for MCP 2026-07-28 or later.
// Versions are dates, which sort as text.
func isModern(r *http.Request) bool { return r.Header.Get(headerVersion) >= modernVersion }
