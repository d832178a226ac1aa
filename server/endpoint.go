package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

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

// verify judges a token under the request's generation.
func (s *Server) verify(ctx context.Context, raw string) (auth.Principal, error) {
	return exchangeFrom(ctx).generation.Verifier.Verify(ctx, raw)
}

// noteRefusal keeps what the log says of a refused credential.
func noteRefusal(r *http.Request, refusal *auth.Refusal) {
	x := exchangeOf(r)
	x.reason, x.issuer, x.keyFingerprint = refusal.Reason, refusal.Issuer, refusal.KeyFingerprint
}

func (s *Server) withPrincipal(ctx context.Context, p auth.Principal) context.Context {
	exchangeFrom(ctx).principal = &p
	return ctx
}

// serveMCP is the MCP endpoint for a verified caller.
func (s *Server) serveMCP(w http.ResponseWriter, r *http.Request) {
	s.warnUseless(r)
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

// singleHeaders refuses a request in which a header that decides stands twice:
// two readers could take one each.
func (s *Server) singleHeaders(w http.ResponseWriter, r *http.Request) bool {
	for _, name := range []string{headerVersion, headerSession, "Mcp-Method", "Mcp-Name", "Content-Type", "Content-Encoding"} {
		if len(r.Header.Values(name)) > 1 {
			exchangeOf(r).refuse(reasonHeaders)
			writeRPCError(w, http.StatusBadRequest, nil, jsonrpc.CodeInvalidRequest, "a header of the protocol stands twice", nil)
			return false
		}
	}
	return true
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
	arrived(w)
	s.forward(w, r, msg)
}

// servePost serves one message. What the gate checked is what the SDK gets, byte
// for byte.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request) {
	if !plainJSON(r.Header) {
		exchangeOf(r).refuse(reasonContentType)
		writeRPCError(w, http.StatusUnsupportedMediaType, nil, jsonrpc.CodeInvalidRequest, "the body must be application/json in UTF-8, without a content encoding", nil)
		return
	}
	// From here on the call is one that a stop waits for, unless it is a stream.
	s.calls.enter()
	leave := sync.OnceFunc(s.calls.leave)
	defer leave()
	body, ok := s.readBody(w, r)
	if !ok {
		return
	}
	msg, fault := parseMessage(body)
	if fault != nil {
		exchangeOf(r).refuse(reasonMessage)
		writeRPCError(w, http.StatusBadRequest, msg.id, fault.code, fault.text, nil)
		return
	}
	msg.modern = msg.modern || isModern(r)
	if !s.authorize(w, r, msg) || !s.ownSession(w, r, msg) {
		return
	}
	if msg.method == methodListen {
		leave()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	s.forward(w, r, msg)
}

// plainJSON reports whether the body is JSON as it stands (RFC 8259 §8.1: UTF-8).
func plainJSON(h http.Header) bool {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return false
	}
	charset, encoding := params["charset"], h.Get("Content-Encoding")
	return (charset == "" || strings.EqualFold(charset, "utf-8")) && (encoding == "" || strings.EqualFold(encoding, "identity"))
}

// readBody reads the body up to the limit and within the read deadline. One that
// says itself that it is larger is not read at all.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	// A body that is still on its way does not hold a stop up.
	defer context.AfterFunc(s.draining, func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTimeout))
	})()
	limit := s.opts.HTTP.MaxBodyBytes
	var body []byte
	var err error = &http.MaxBytesError{Limit: limit}
	if r.ContentLength <= limit {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		exchangeOf(r).refuse(reasonTooLarge)
		writeRPCError(w, http.StatusRequestEntityTooLarge, nil, jsonrpc.CodeInvalidRequest, "the body is larger than this server accepts", nil)
		return nil, false
	case err != nil:
		exchangeOf(r).refuse(reasonUnreadable)
		w.Header().Set("Connection", "close") // where the body ends is anybody's guess
		writeRPCError(w, http.StatusBadRequest, nil, jsonrpc.CodeParseError, "the body could not be read", nil)
		return nil, false
	}
	arrived(w)
	return body, true
}

// isModern reports whether the version header asks for MCP 2026-07-28 or later.
// Versions are dates, which sort as text.
func isModern(r *http.Request) bool { return r.Header.Get(headerVersion) >= modernVersion }

// authorize asks the policy about the message and answers what it refuses. It
// only ever refuses: who passes is judged again by the authority.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request, msg message) bool {
	x := exchangeOf(r)
	decision := x.generation.Policy.Check(msg.operation(), *x.principal)
	switch decision.Verdict {
	case auth.Allowed:
		x.operation = msg.operation()
		return true
	case auth.NoTool:
		x.refuse(reasonUnknownTool)
		x.operation = auth.Operation{Method: msg.method}
		return true // the authority answers, as the protocol has it
	case auth.Denied:
		x.refuse(auth.ReasonScope)
		x.operation = auth.Operation{Method: msg.method}
		if _, known := x.generation.Tools.Get(msg.tool); known {
			x.operation.Tool = msg.tool
		}
		s.challenger.InsufficientScope(w, decision.Scopes)
		writeRPCError(w, http.StatusForbidden, msg.id, codeForbidden, forbiddenText(decision.Scopes), map[string]any{"required_scopes": decision.Scopes})
		return false
	default:
		x.refuse(reasonMethod)
		s.refuseMethod(w, msg)
		return false
	}
}

// forbiddenText says what the operation needs, to a client that can ask for it
// and to the administrator who may have to grant it first. Scopes come from the
// configuration and the tools, never from the request.
func forbiddenText(scopes []string) string {
	return "insufficient scope: this operation needs " + strings.Join(scopes, " ") +
		"; request these scopes, or have an administrator grant them to the client"
}

// refuseMethod answers a method that has no rule: it does not exist here.
func (s *Server) refuseMethod(w http.ResponseWriter, msg message) {
	status := http.StatusOK // a JSON-RPC error like any other, to a legacy client
	switch {
	case msg.modern:
		status = http.StatusNotFound // MCP 2026-07-28, Streamable HTTP
	case msg.id == nil:
		status = http.StatusBadRequest // nobody waits for an answer to a notification
	}
	writeRPCError(w, status, msg.id, jsonrpc.CodeMethodNotFound, "method not found", nil)
}

// ownSession refuses a legacy request outside a session (MCP 2025-11-25,
// Streamable HTTP, "Session Management"), and answers one for a session that is
// not the caller's just as one for a session that does not exist.
func (s *Server) ownSession(w http.ResponseWriter, r *http.Request, msg message) bool {
	id := r.Header.Get(headerSession)
	switch {
	case msg.modern || !s.opts.MCP.LegacySessions || (id == "" && msg.method == methodInitialize):
		return true
	case id == "":
		exchangeOf(r).refuse(reasonSession)
		writeRPCError(w, http.StatusBadRequest, msg.id, jsonrpc.CodeInvalidRequest, "the request needs a session: begin with initialize, and send its Mcp-Session-Id", nil)
		return false
	}
	if s.sessions.owns(id, exchangeOf(r).principal.Identity()) {
		return true
	}
	exchangeOf(r).refuse(reasonSession)
	writeRPCError(w, http.StatusNotFound, msg.id, jsonrpc.CodeInvalidRequest, "session not found", nil)
	return false
}

// warnUseless logs once for a client whose token is good and unlocks no tool.
func (s *Server) warnUseless(r *http.Request) {
	x := exchangeOf(r)
	missing, none := x.generation.Policy.UnlocksNoTool(*x.principal)
	if !none || !s.useless.first(x.principal.Issuer+" "+x.principal.ClientID) {
		return
	}
	s.log.WarnContext(r.Context(), "a client's token is good but unlocks no tool: grant the client these permissions at the authorization server, and have it ask for them",
		"request_id", x.id, "issuer", x.principal.Issuer, "client_id", x.principal.ClientID, "missing", missing)
}
