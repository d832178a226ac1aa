package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxRefusal bounds what is kept of an answer that is not 2xx.
	maxRefusal = 64 << 10
	// maxAnswer bounds one JSON answer and one event of a stream. It is the SDK's
	// own bound for events; for JSON it has none.
	maxAnswer = 16 << 20
	// maxRequest bounds what is read again of a request to learn what it is.
	maxRequest = 32 << 20
)

var (
	errAnswerTooLarge = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	errStopped        = errors.New("not tried again")
)

// refusalPatience is how long the body of an answer that is not 2xx may take: what it
// says is welcome, and its status is enough.
const refusalPatience = 2 * time.Second

// recorder is the round tripper below the SDK. It notes in each request's
// observation what happened, and hears with what the server answers.
type recorder struct {
	next http.RoundTripper
	// once sends what is not worth a token of its own.
	once http.RoundTripper

	mu sync.Mutex
	// waiting are the observations of requests that have no response yet, by
	// JSON-RPC id: with the sse transport it comes with another exchange.
	waiting map[string]*observation
}

func newRecorder(next, once http.RoundTripper) *recorder {
	return &recorder{next: next, once: once, waiting: map[string]*observation{}}
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	o := observationOf(req.Context())
	sent := peek(req)
	if req.Method == http.MethodDelete || sent.Method == "notifications/cancelled" {
		return r.part(req)
	}
	if o == nil {
		return r.hear(r.next.RoundTrip(req))
	}
	if !o.begins() {
		return nil, errStopped
	}
	if len(sent.ID) > 0 {
		r.mu.Lock()
		r.waiting[string(sent.ID)] = o
		r.mu.Unlock()
	}
	o.waits(true)
	resp, err := r.hear(r.next.RoundTrip(req))
	if err != nil {
		o.exchanged(sent.Method, exchange{err: err})
		return nil, err
	}
	o.waits(false)
	e := exchange{status: resp.StatusCode, header: resp.Header}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		e.body = readRefused(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(e.body))
		var m message
		if json.Unmarshal(e.body, &m) == nil {
			o.answered(m)
		}
	}
	o.exchanged(sent.Method, e)
	return resp, nil
}

// readRefused reads a body that goes with a refusal. One that breaks off, or takes too
// long, is as good as its beginning.
func readRefused(body io.ReadCloser) []byte {
	timer := time.AfterFunc(refusalPatience, func() { _ = body.Close() })
	defer timer.Stop()
	content, _ := io.ReadAll(io.LimitReader(body, maxRefusal))
	_ = body.Close()
	return content
}

// courtesy is how long a server may take to hear that it need not go on.
const courtesy = time.Second

// part tells the server of an end: of a call that was given up, or of the session.
// That tells nothing of the operation, nobody waits for the answer, and it costs no token:
// it goes with the one in use, and a refusal is the end of it.
func (r *recorder) part(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), courtesy)
	defer cancel()
	resp, err := r.once.RoundTrip(req.WithContext(context.WithValue(ctx, observationKey{}, nil)))
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = http.NoBody
	return resp, nil
}

// message is what is read of a JSON-RPC message on its way.
type message struct {
	ID     jsontext.Value `json:"id"`
	Method string         `json:"method"`
	Result jsontext.Value `json:"result"`
	Error  *rpcError      `json:"error"`
}

// peek reads a request's message without using its body up.
func peek(req *http.Request) message {
	var m message
	if req.GetBody == nil {
		return m
	}
	body, err := req.GetBody()
	if err != nil {
		return m
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxRequest))
	if err != nil || json.Unmarshal(content, &m) != nil {
		return message{} // not one of ours: nothing is known of it
	}
	return m
}

// hear listens to the body of an answer while the SDK reads it.
func (r *recorder) hear(resp *http.Response, err error) (*http.Response, error) {
	if err != nil || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp, err
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	if kind == "text/event-stream" {
		resp.Body = &tap{ReadCloser: resp.Body, heard: &eventListener{told: r.told}}
	} else {
		resp.Body = &tap{ReadCloser: resp.Body, heard: &bodyListener{told: r.told}}
	}
	return resp, nil
}

// told notes the result of a response that somebody waits for.
func (r *recorder) told(data []byte) {
	var m message
	if json.Unmarshal(data, &m) != nil || (m.Result == nil && m.Error == nil) {
		return
	}
	r.mu.Lock()
	o := r.waiting[string(m.ID)]
	delete(r.waiting, string(m.ID))
	r.mu.Unlock()
	if o != nil {
		o.answered(m)
	}
}

// listener hears a body in pieces. It fails if the body is too large.
type listener interface {
	hear(piece []byte) error
	end()
}

// tap is a body that a listener hears: each piece before the reader gets it, so
// that what the SDK has, the observation has.
type tap struct {
	io.ReadCloser
	heard listener
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if tooLarge := t.heard.hear(p[:n]); tooLarge != nil {
		return 0, tooLarge
	}
	if errors.Is(err, io.EOF) {
		t.heard.end()
	}
	return n, err
}

// bodyListener takes a body as one message.
type bodyListener struct {
	told func([]byte)
	body []byte
}

func (l *bodyListener) hear(piece []byte) error {
	if len(l.body)+len(piece) > maxAnswer {
		return errAnswerTooLarge
	}
	l.body = append(l.body, piece...)
	return nil
}

func (l *bodyListener) end() { l.told(l.body) }

// eventListener takes each event of a stream as a message. It reads what the SDK
// reads: lines end with LF or CRLF, and the data of an event are its lines "data:".
type eventListener struct {
	told func([]byte)
	line []byte // the one that has not ended
	data []byte // of the event that has not ended
}

func (l *eventListener) hear(piece []byte) error {
	for {
		rest, after, ended := bytes.Cut(piece, []byte("\n"))
		if len(l.line)+len(l.data)+len(rest) > maxAnswer {
			return errAnswerTooLarge
		}
		l.line = append(l.line, rest...)
		if !ended {
			return nil
		}
		l.endLine()
		piece = after
	}
}

func (l *eventListener) endLine() {
	text := bytes.TrimRight(l.line, "\r")
	if value, ok := bytes.CutPrefix(text, []byte("data:")); ok {
		if len(l.data) > 0 {
			l.data = append(l.data, '\n')
		}
		l.data = append(l.data, bytes.TrimSpace(value)...)
	}
	if len(text) == 0 && len(l.data) > 0 {
		l.told(l.data)
		l.data = nil
	}
	l.line = l.line[:0]
}

// end takes what came last: a stream may end without an empty line.
func (l *eventListener) end() {
	l.endLine()
	l.endLine()
}
