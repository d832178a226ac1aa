package server

import (
	"net/http"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"mcp-resource-server/auth"
)

// rewordedAnswer puts a JSON-RPC error of ours in the place of what the SDK answers in
// plain text. The gate refuses before it all that can be known from the request; what is
// left are races, such as a session that ends while a request for it is on its way, and a
// second stream of a session.
type rewordedAnswer struct {
	http.ResponseWriter
	request *http.Request
	msg     message
	done    bool
}

// rewordings are the SDK's plain answers by their status: ours, and the reason code.
var rewordings = map[int]struct {
	code   int64
	text   string
	reason auth.Reason
}{
	http.StatusNotFound:            {jsonrpc.CodeInvalidRequest, "session not found", reasonSession},
	http.StatusConflict:            {jsonrpc.CodeInvalidRequest, "the session has a stream already", reasonSession},
	http.StatusInternalServerError: {jsonrpc.CodeInternalError, "internal error", reasonProtocol},
}

// textIDInUse answers a request whose id another one of its session still has.
const textIDInUse = "the id is that of a request which is still under way"

// WriteHeader is where an answer shows what it is.
func (a *rewordedAnswer) WriteHeader(status int) {
	kind := a.Header().Get("Content-Type")
	plain := strings.HasPrefix(kind, "text/plain")
	// To a legacy message the SDK has one answer of JSON with a status of its own: the id
	// is in use. It repeats the id in its text. What we refuse ourselves has a reason.
	inUse := !a.msg.modern && strings.HasPrefix(kind, "application/json") && exchangeOf(a.request).reason == ""
	if status < http.StatusBadRequest || !plain && !inUse {
		a.ResponseWriter.WriteHeader(status)
		return
	}
	ours, ok := rewordings[status]
	switch {
	case inUse:
		ours.code, ours.text, ours.reason = jsonrpc.CodeInvalidRequest, textIDInUse, reasonMessage
	case !ok:
		ours.code, ours.text, ours.reason = jsonrpc.CodeInvalidRequest, "the request cannot be served", reasonProtocol
	}
	a.done = true
	exchangeOf(a.request).refuse(ours.reason)
	writeRPCError(a.ResponseWriter, status, a.msg.id, ours.code, ours.text, nil)
}

// Write writes what is not reworded.
func (a *rewordedAnswer) Write(b []byte) (int, error) {
	if a.done {
		return len(b), nil
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap is what http.ResponseController looks for.
func (a *rewordedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
