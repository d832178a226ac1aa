package server

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A call may take longer than a proxy waits for the first byte of its answer, which the
// SDK sends when there is something to say. This file is how such an answer begins
// without it.

// keepCall says that the answer is that of a call. Where it has not begun after 15 to
// 25 s, it begins then: 200, the header of an event stream, and a comment. It MUST be
// called before the writer is handed on, and MUST NOT be for an answer that has a
// header of its own to send: that of initialize has the session's id.
//
// The SDK may be at its header in another goroutine at that very moment. So it gets a
// map of its own, of which nothing is read then: all that is sent early is constant.
func (w *streamWriter) keepCall() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.header = w.ResponseWriter.Header().Clone()
	w.timer = time.AfterFunc(keepAliveInterval(), w.keepAlive)
}

// Header is what the SDK sets before it writes.
func (w *streamWriter) Header() http.Header {
	if w.header != nil {
		return w.header
	}
	return w.ResponseWriter.Header()
}

// send makes the header that the SDK has set the one to be sent.
func (w *streamWriter) send() {
	if w.header != nil {
		header := w.ResponseWriter.Header()
		clear(header)
		maps.Copy(header, w.header)
	}
}

// beginEarly begins the answer to a call as the SDK does where it has an event to send.
func (w *streamWriter) beginEarly() {
	w.begun, w.streams, w.early = true, true, true
	header := w.ResponseWriter.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("Connection", "keep-alive")
	header.Set("X-Accel-Buffering", "no")
}

// event writes what was to be the body of an answer with a status of its own. The SDK
// answers so to a call that turns out to be none that it can serve (MCP 2026-07-28,
// Streamable HTTP): a JSON-RPC error, in one Write. What is no JSON is no message: to
// a client that has an event stream, its end says as much.
func (w *streamWriter) event(body []byte) error {
	message := jsontext.Value(slices.Clone(body))
	if message.Compact() != nil { // one line: a second would be a field of its own
		w.end()
		return nil
	}
	_, err := w.ResponseWriter.Write(slices.Concat([]byte("event: message\ndata: "), message, []byte("\n\n")))
	return w.check(err)
}
