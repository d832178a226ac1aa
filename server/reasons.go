package server

import "mcp-resource-server/auth"

// The reasons for which a request is refused on its way, beside those of a token
// (package auth). They stand in the log; none is sent to the caller.
const (
	// A Host that is not ours.
	reasonHost auth.Reason = "host"
	// An Origin that is not allowed.
	reasonOrigin auth.Reason = "origin"
	// An HTTP method that the endpoint does not have.
	reasonHTTPMethod auth.Reason = "http_method"
	// A header of the protocol that stands twice.
	reasonHeaders auth.Reason = "headers"
	// An Accept that does not take what the answer may be.
	reasonAccept auth.Reason = "accept"
	// A protocol version that is not spoken.
	reasonVersion auth.Reason = "version"
	// Headers that do not say what the body says.
	reasonHeaderMismatch auth.Reason = "header_mismatch"
	// What a client brought back of a question is not what it was given.
	reasonRequestState auth.Reason = "request_state"
	// A Content-Type other than JSON.
	reasonContentType auth.Reason = "content_type"
	// A body over http.max_body_bytes.
	reasonTooLarge auth.Reason = "too_large"
	// A body that ended early or came too slowly.
	reasonUnreadable auth.Reason = "unreadable"
	// A body that is not one JSON-RPC message.
	reasonMessage auth.Reason = "message"
	// A JSON-RPC method that has no rule.
	reasonMethod auth.Reason = "method"
	// A tool, prompt or resource that there is not.
	reasonUnknownTool     auth.Reason = "unknown_tool"
	reasonUnknownPrompt   auth.Reason = "unknown_prompt"
	reasonUnknownResource auth.Reason = "unknown_resource"
	// What a rule conceals from the caller: answered as if it were not there.
	reasonConcealed auth.Reason = "concealed"
	// A good token that lacks what its client cannot ask for.
	reasonFinal = auth.ReasonPermission
	// What the protocol has no place for, and the gate cannot know: a request id that is
	// still in use in its session, for one.
	reasonProtocol auth.Reason = "protocol"
	// A fault of ours: a panic.
	reasonPanic auth.Reason = "panic"
	// A session that there is not, or that is somebody else's.
	reasonSession auth.Reason = "session"
	// One session more than mcp.max_sessions.
	reasonSessionLimit auth.Reason = "session_limit"
	// More messages of one session than may be under way, or larger ones.
	reasonQueueFull auth.Reason = "queue_full"
)

// reasonUnknownTarget is the reason for what is not there, by its kind.
var reasonUnknownTarget = map[auth.Kind]auth.Reason{
	auth.KindTool: reasonUnknownTool, auth.KindPrompt: reasonUnknownPrompt, auth.KindResource: reasonUnknownResource,
}
