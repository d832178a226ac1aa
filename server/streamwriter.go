package server

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

var errAnswered = errors.New("the answer has ended")

// streamWriter writes an answer. Where that is an event stream, it tells proxies not to
// hold it back, and writes a comment every 15 to 25 s from its first event on, by which
// proxies see that the stream lives, and the server that the client does. The answer to
// a call begins with such a comment if there is nothing else by then: see keepCall.
//
// The comments never stand within an event, which is written by one Write.
type streamWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	failed  func()
	header  http.Header // of a call: what the SDK sees and sets; nil of other answers

	mu    sync.Mutex
	state streamState
	timer *time.Timer // nil where there is no comment to come
}

// streamState is how far an answer is: it waits, is one of three kinds, of which the
// streams may come to be framed, and is closed.
type streamState int

const (
	streamWaiting streamState = iota
	streamPlain               // it is no event stream
	streamRuns                // it is one, and the SDK began it
	streamEarly               // it is one, and a comment began it, before the SDK did
	streamFramed              // it has begun, and what is written is no event yet: the SDK chose another answer
	streamClosed
)

// newStream returns a writer for one answer on w. failed is called when w can no
// longer be written to, and must not wait. Close MUST be called before the handler
// returns.
func newStream(w http.ResponseWriter, failed func()) *streamWriter {
	return &streamWriter{ResponseWriter: w, control: http.NewResponseController(w), failed: failed}
}

// keepCall says that the answer is that of a call, which may take longer than a proxy
// waits for the first byte. Where it has not begun after 15 to 25 s, it begins then: 200,
// the header of an event stream, and a comment. It MUST be called before the writer is
// handed on, and MUST NOT be for an answer that has a header of its own to send: that of
// initialize has the session's id.
//
// The SDK may be at its header in another goroutine at that very moment. So it gets a
// map of its own, of which nothing is read then: all that is sent early is constant.
func (w *streamWriter) keepCall() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.header = w.ResponseWriter.Header().Clone()
	w.schedule()
}

// Close ends the answer: nothing is written from then on.
func (w *streamWriter) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state == streamWaiting {
		w.send() // what net/http will
	}
	w.end()
}

// end ends it. w is locked, here and in all that follows up to Header.
func (w *streamWriter) end() {
	w.state = streamClosed
	if w.timer != nil {
		w.timer.Stop()
	}
}

// check ends the answer where err says that it cannot be written.
func (w *streamWriter) check(err error) error {
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		w.end()
		w.failed()
	}
	return err
}

// begin begins the answer as its header says, when that is about to be sent.
func (w *streamWriter) begin() {
	if w.state != streamWaiting {
		return
	}
	w.send()
	if strings.HasPrefix(w.ResponseWriter.Header().Get("Content-Type"), mediaStream) {
		w.stream(streamRuns)
	} else {
		w.state = streamPlain
	}
}

// beginEarly begins the answer to a call as the SDK does where it has an event to send.
func (w *streamWriter) beginEarly() {
	header := w.ResponseWriter.Header()
	header.Set("Content-Type", mediaStream)
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("Connection", "keep-alive")
	w.stream(streamEarly)
}

// stream begins an event stream.
func (w *streamWriter) stream(state streamState) {
	w.state = state
	w.ResponseWriter.Header().Set("X-Accel-Buffering", "no") // of nginx, and honoured by others
	w.schedule()
}

// send makes the header that the SDK has set the one to be sent.
func (w *streamWriter) send() {
	if w.header != nil {
		header := w.ResponseWriter.Header()
		clear(header)
		maps.Copy(header, w.header)
	}
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

// Header is what the SDK sets before it writes.
func (w *streamWriter) Header() http.Header {
	if w.header != nil {
		return w.header
	}
	return w.ResponseWriter.Header()
}

func (w *streamWriter) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.state {
	case streamClosed, streamFramed:
	case streamEarly, streamRuns: // the status has been sent: what it is about comes as an event
		if status != http.StatusOK {
			w.state = streamFramed
		}
	default:
		w.begin()
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *streamWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state == streamClosed {
		return 0, errAnswered
	}
	w.begin()
	if w.state == streamFramed {
		return len(b), w.event(b)
	}
	n, err := w.ResponseWriter.Write(b)
	return n, w.check(err)
}

// FlushError is what http.ResponseController looks for.
func (w *streamWriter) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state == streamClosed {
		return errAnswered
	}
	w.begin()
	return w.check(w.control.Flush())
}

// Unwrap is what http.ResponseController looks for.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
