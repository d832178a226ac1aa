package server

import (
	"context"
	"net/http"
	"strconv"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// codeNoRoom is the JSON-RPC error code for a session that cannot be opened now, and for
// one that has too much under way.
const codeNoRoom = -32004

// placeKey is where the place of a session to be stands in TokenInfo.Extra.
const placeKey = "mcp-resource-server/place"

// shareKey is where the share of a message in a session stands there.
const shareKey = "mcp-resource-server/share"

// ownSession refuses a legacy request outside a session (MCP 2025-11-25,
// Streamable HTTP, "Session Management"), and answers one for a session that is
// not the caller's just as one for a session that does not exist.
func (s *Server) ownSession(w http.ResponseWriter, r *http.Request, msg message) bool {
	id := r.Header.Get(headerSession)
	switch {
	case !s.inSession(msg) || (id == "" && msg.method == methodInitialize):
		return true
	case id == "":
		exchangeOf(r).refuse(reasonSession)
		writeRPCError(w, http.StatusBadRequest, msg.id, jsonrpc.CodeInvalidRequest, "the request needs a session: begin with initialize, and send its Mcp-Session-Id", nil)
		return false
	}
	if s.sessions.has(id, exchangeOf(r).principal.Identity(), true) {
		return true
	}
	refuseSession(w, r, msg)
	return false
}

// inSession reports whether msg belongs to a session, or opens one.
func (s *Server) inSession(msg message) bool { return !msg.modern && s.opts.MCP.LegacySessions }

// refuseSession answers for a session that there is not, and for one of somebody else.
func refuseSession(w http.ResponseWriter, r *http.Request, msg message) {
	exchangeOf(r).refuse(reasonSession)
	writeRPCError(w, http.StatusNotFound, msg.id, jsonrpc.CodeInvalidRequest, "session not found", nil)
}

// refuseInitialize answers an initialize that is larger than what may be kept of it.
func refuseInitialize(w http.ResponseWriter, r *http.Request, msg message) {
	exchangeOf(r).refuse(reasonTooLarge)
	writeRPCError(w, http.StatusRequestEntityTooLarge, msg.id, jsonrpc.CodeInvalidRequest, "the initialize request is too large", nil)
}

// refuseRoom answers the initialize for which there is no room. The token is good, so
// that there is no challenge.
func refuseRoom(w http.ResponseWriter, r *http.Request, msg message) {
	exchangeOf(r).refuse(reasonSessionLimit)
	w.Header().Set("Retry-After", strconv.Itoa(int(maxRetryAfter.Seconds())))
	writeRPCError(w, http.StatusServiceUnavailable, msg.id, codeNoRoom, "no room for another session: try again later, and end those that are no longer needed", nil)
}

// refuseQueue answers a message of a session that has too much under way.
func refuseQueue(w http.ResponseWriter, r *http.Request, msg message) {
	exchangeOf(r).refuse(reasonQueueFull)
	w.Header().Set("Retry-After", "1")
	writeRPCError(w, http.StatusServiceUnavailable, msg.id, codeNoRoom, "too many messages of this session are under way", nil)
}

// serveSession has the SDK serve a request of a session.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request, msg message, info *sdkauth.TokenInfo) {
	id := r.Header.Get(headerSession)
	if r.ContentLength >= largeRequest {
		info.Extra[largeKey] = true
	}
	switch {
	case msg.method == auth.OperationEndSession:
		w.WriteHeader(http.StatusNoContent) // it is being closed
		return
	case id == "":
		s.openSession(w, r, msg, info)
		return
	case msg.method == auth.OperationStream:
		end, ok := s.sessions.enter(id, info.UserID)
		if !ok { // it has ended since ownSession
			refuseSession(w, r, msg)
			return
		}
		defer end()
		s.listeners.whileOpen(w, id, exchangeOf(r).principal, func(w http.ResponseWriter) { s.legacy.ServeHTTP(w, r) })
		return
	}
	room, ok := s.admit(r, id, true, msg, int(r.ContentLength))
	switch {
	case !ok: // as above
		refuseSession(w, r, msg)
		return
	case room == nil:
		refuseQueue(w, r, msg)
		return
	}
	defer func() { room.leave(pending(r, msg)) }()
	info.Extra[shareKey] = room
	s.legacy.ServeHTTP(w, r)
	if info.Extra[largeKey] != nil {
		s.displaceLast(id, info.UserID) // for one that the SDK refused itself
	}
}

// pending reports whether the SDK may come to a message whose HTTP request is over: to
// a call whose client hung up, and to a notification, which is answered when it has been
// queued. A response it is done with.
func pending(r *http.Request, msg message) bool {
	accepted := exchangeOf(r).answer.Status() == http.StatusAccepted
	return r.Context().Err() != nil || accepted && msg.method != auth.OperationResponse
}

// openSession has the SDK open a session, if there is room for it.
//
// The session keeps the context of this request for as long as it lives. It gets one
// that holds nothing of the request: neither its end, for a session whose client
// hangs up halfway would be half there, nor its generation and connection.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request, msg message, info *sdkauth.TokenInfo) {
	if r.ContentLength > maxInitialize {
		refuseInitialize(w, r, msg)
		return
	}
	place, ok := s.sessions.reserve(info.UserID)
	if !ok {
		refuseRoom(w, r, msg)
		return
	}
	defer place.release()
	place.streamable = true
	info.Extra[placeKey] = place
	s.legacy.ServeHTTP(w, r.WithContext(context.WithValue(context.Background(), tokenInfoKey{}, info)))
	if s.streams.Err() == nil { // or a stop has ended the session, and its handler may still read this
		clear(info.Extra)
	}
}

// trackSessions is receiving middleware. It settles a new session before its client
// hears of it, and counts what runs in one: a call goes on when its HTTP request
// has broken off, which is no cancellation in these versions.
func (s *Server) trackSessions(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		session, ok := req.GetSession().(*mcp.ServerSession)
		if !ok || session.ID() == "" {
			return next(ctx, method, req) // a request that stands alone
		}
		if carries(req, fillerKey) {
			return nil, nil //nolint:nilnil // a notification has no result
		}
		if carries(req, largeKey) {
			defer s.displaceLast(session.ID(), req.GetExtra().TokenInfo.UserID)
		}
		place := placeFrom(req)
		if place != nil {
			s.listeners.put(session)
			place.settle(session.ID(), func() {
				_ = session.Close()
				s.listeners.drop(session)
			})
		}
		defer s.sessions.begin(session.ID(), false)()
		if room := shareFrom(req); room != nil {
			defer room.begin()()
		}
		result, err := next(ctx, method, req)
		if place != nil && err != nil {
			s.sessions.forget(session.ID())
		}
		return result, err
	}
}

// placeFrom returns the place that was reserved for the session that req opens.
func placeFrom(req mcp.Request) *place {
	p, _ := carried(req, placeKey).(*place)
	return p
}

// shareFrom returns the share that req has of its session.
func shareFrom(req mcp.Request) *share {
	h, _ := carried(req, shareKey).(*share)
	return h
}
