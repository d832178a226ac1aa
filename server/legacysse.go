package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/faults"
)

// This file is the HTTP+SSE transport of MCP 2024-11-05 ("Transports"): GET /sse opens
// a stream, whose first event says where the client is to POST its messages; each POST
// is answered with 202, and what answers the message comes on the stream.
//
// The SDK's handler for it is not used: it binds a session to nobody, and hands on
// nothing of the POST that brought a message. Here a session belongs to (issuer,
// subject, client), and each message carries its own POST's caller, so that the
// authority judges it as it does everywhere. Nothing outside needs this file but the
// routes and the check of the configuration; docs/decisions/0017 says what goes with it.

const (
	// maxTold bounds the refusals that wait for a stream. One that is read takes each
	// at once.
	maxTold = 128
	// messagesQuery is the parameter that names the session of a POST.
	messagesQuery = "session_id"
)

// legacySSE is the transport and its open sessions.
type legacySSE struct {
	server   *Server
	messages string // the path of POST as clients know it

	mu       sync.Mutex
	sessions map[string]*sseSession
}

// legacySSE returns the handlers of the transport by their paths, none where it is
// off. protect puts the guards and the token in front.
func (s *Server) legacySSE(protect func(queryToken bool, serve http.HandlerFunc) http.Handler) map[string]http.Handler {
	if !s.opts.MCP.LegacySSE {
		return nil
	}
	ssePath, messagesPath := legacySSEPaths(s.publicURL)
	t := &legacySSE{server: s, messages: messagesPath, sessions: map[string]*sseSession{}}
	s.mcp.AddReceivingMiddleware(t.receive)
	open, post := protect(s.opts.Auth.AllowQueryToken, t.serveStream), protect(false, t.serveMessage)
	return map[string]http.Handler{pathSSE: open, ssePath: open, pathMessages: post, messagesPath: post}
}

// legacySSEPaths are the paths beside that of the MCP endpoint, as clients know them.
func legacySSEPaths(publicURL *url.URL) (sse, messages string) {
	beside := func(path string) string { return publicURL.ResolveReference(&url.URL{Path: path[1:]}).Path }
	return beside(pathSSE), beside(pathMessages)
}

// CheckLegacySSE returns what keeps the HTTP+SSE transport from being served beside the
// MCP endpoint, by key of the whole configuration.
func CheckLegacySSE(h HTTPConfig, m MCPConfig) faults.List {
	var l faults.List
	u, err := url.Parse(h.PublicURL)
	if !m.LegacySSE || err != nil {
		return nil
	}
	sse, _ := legacySSEPaths(u)
	if !m.versions().legacy() {
		l.Add("mcp.legacy_sse", "needs a version in mcp.protocol_versions that is older than %s", modernVersion)
	}
	if u.Path == pathSSE || u.Path == sse || strings.HasPrefix(u.Path+"/", pathMessages) {
		l.Add("http.public_url", "must not have the path of /sse or below /messages/ while mcp.legacy_sse is on: the older transport is served there")
	}
	return l
}

// serveStream opens a session for a verified caller, and is its stream.
func (t *legacySSE) serveStream(w http.ResponseWriter, r *http.Request) {
	s, x := t.server, exchangeOf(r)
	if !s.singleHeaders(w, r) {
		return
	}
	if r.Method != http.MethodGet {
		s.refuseHTTPMethod(w, r, http.MethodGet)
		return
	}
	if isModern(r) {
		refuseModern(w, r, message{})
		return
	}
	if !s.authorize(w, r, message{method: auth.OperationSSE}) {
		return
	}
	place, ok := s.sessions.reserve(x.principal.Identity())
	if !ok {
		refuseRoom(w, r, message{})
		return
	}
	defer place.release()
	ctx, end := s.whileStanding(r.Context(), *x.principal)
	defer end()
	arrived(w)
	session := newSSESession()
	defer session.end()
	// Nothing of this request is in the context of a call: only what comes with the
	// call's own POST may be asked.
	served, err := s.mcp.Connect(context.Background(), session, nil) //nolint:contextcheck // see above
	if err != nil {
		panic(err) // sseSession.Connect returns none
	}
	id := rand.Text()
	place.settle(id, func() {
		session.end()
		_ = served.Wait()
	})
	defer s.sessions.forget(id)
	defer s.sessions.begin(id, true)()
	s.listeners.opened(s.listeners.put(served), x.principal)
	defer s.listeners.drop(served)
	defer t.add(id, session)()
	stream := newStream(w, end)
	defer stream.Close()
	w.Header().Set("Content-Type", mediaStream)
	w.Header().Set("Cache-Control", "no-store")
	session.stream(ctx, stream, t.messages+"?"+messagesQuery+"="+id)
}

// serveMessage takes one message for a session of a verified caller.
func (t *legacySSE) serveMessage(w http.ResponseWriter, r *http.Request) {
	s := t.server
	if !s.singleHeaders(w, r) {
		return
	}
	if r.Method != http.MethodPost {
		s.refuseHTTPMethod(w, r, http.MethodPost)
		return
	}
	s.calls.enter()
	defer s.calls.leave()
	answer := &keptAnswer{ResponseWriter: w}
	if msg, queued := t.take(answer, r); !queued {
		t.tell(w, r, msg, bytes.TrimSpace(answer.body.Bytes()))
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// tell repeats the answer to a POST that was refused on the stream of its session:
// clients of this transport look for it there alone, and would wait for their call
// without an end. What HTTP says of it, the challenge above all, goes first. Only the
// owner's own stream is told, and only of a request that the client awaits no other
// answer to.
func (t *legacySSE) tell(w http.ResponseWriter, r *http.Request, msg message, answer []byte) {
	session := t.find(r)
	if session == nil || msg.id == nil || msg.method == "" || session.awaits(msg.id) {
		return
	}
	_ = http.NewResponseController(w).Flush()
	session.tell(answer)
}

// take checks one message in the order of the MCP endpoint, and queues it for the SDK.
// It answers what it refuses.
func (t *legacySSE) take(w http.ResponseWriter, r *http.Request) (msg message, queued bool) {
	s, x := t.server, exchangeOf(r)
	msg, body, ok := s.readMessage(w, r)
	if !ok || !s.authorize(w, r, msg) {
		return msg, false
	}
	session := t.find(r)
	if session == nil {
		t.refuseSession(w, r, msg)
		return msg, false
	}
	if msg.modern {
		refuseModern(w, r, msg)
		return msg, false
	}
	if msg.method == methodInitialize && len(body) > maxInitialize {
		refuseInitialize(w, r, msg)
		return msg, false
	}
	room, ok := s.admit(r, sessionQuery(r), false, msg, len(body))
	switch {
	case !ok: // it has ended just now
		t.refuseSession(w, r, msg)
		return msg, false
	case room == nil:
		refuseQueue(w, r, msg)
		return msg, false
	}
	p, err := t.newPosted(r, msg, body)
	if err != nil { // the gate refuses all that the SDK cannot read
		room.done()
		x.refuse(reasonMessage)
		writeRPCError(w, http.StatusBadRequest, msg.id, faultParse.code, faultParse.text, nil)
		return msg, false
	}
	p.session, p.room = session, room
	p.ended = t.underWay(p)
	switch session.queue(p) {
	case inQueue:
		return msg, true
	case sessionEnded:
		t.refuseSession(w, r, msg)
	case idInUse:
		x.refuse(reasonMessage)
		writeRPCError(w, http.StatusBadRequest, msg.id, jsonrpc.CodeInvalidRequest, textIDInUse, nil)
	case queueFull:
		refuseQueue(w, r, msg)
	}
	p.ended()
	return msg, false
}

// underWay returns what gives back the share of a message. A stop waits for a call, too,
// until its answer has been handed to the stream.
func (t *legacySSE) underWay(p *posted) (ended func()) {
	leave := func() {}
	if p.isCall() {
		t.server.calls.enter()
		leave = t.server.calls.leave
	}
	return sync.OnceFunc(func() {
		p.room.done()
		leave()
	})
}

// newPosted is a message with all that travels with it: this POST's caller and headers.
func (t *legacySSE) newPosted(r *http.Request, msg message, body []byte) (*posted, error) {
	decoded, err := jsonrpc.DecodeMessage(body) // what the SDK's other transports do
	if err != nil {
		return nil, err
	}
	p := &posted{message: decoded}
	request, isRequest := decoded.(*jsonrpc.Request)
	if !isRequest {
		return p, nil
	}
	s, x := t.server, exchangeOf(r)
	info := s.tokenInfo(x, msg)
	info.Extra[postedKey] = p
	request.Extra = &mcp.RequestExtra{TokenInfo: info, Header: cleanHeader(r.Header)}
	p.id = request.ID
	record, line := x.record, x.line()
	p.unheard = func(result string) {
		if record.conclude() {
			line.Result = result
			s.write(record, line)
		}
	}
	return p, nil
}

// refuseModern refuses what MCP 2026-07-28 has no binding to this transport for. To a
// client that probes with server/discover it is the answer of an older server, upon
// which it falls back to initialize; a status that is an error would end its session.
func refuseModern(w http.ResponseWriter, r *http.Request, msg message) {
	exchangeOf(r).refuse(reasonProtocol)
	msg.modern = false
	writeRPCError(w, refusalStatus(msg, 0), msg.id, jsonrpc.CodeMethodNotFound, "this transport has the protocol versions before "+modernVersion+" alone", nil)
}

// refuseSession answers a message without a session, one for a session that there is
// not, and one for somebody else's: the last two alike.
func (t *legacySSE) refuseSession(w http.ResponseWriter, r *http.Request, msg message) {
	if sessionQuery(r) != "" {
		refuseSession(w, r, msg)
		return
	}
	exchangeOf(r).refuse(reasonSession)
	writeRPCError(w, http.StatusBadRequest, msg.id, jsonrpc.CodeInvalidRequest, "the request needs a session: GET "+pathSSE+" says where to send it", nil)
}

// find returns the session that a POST names, nil where there is none or where it is
// not the caller's.
func (t *legacySSE) find(r *http.Request) *sseSession {
	id := sessionQuery(r)
	if !t.server.sessions.owns(id, exchangeOf(r).principal.Identity()) {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sessions[id]
}

// sessionQuery is the session that a POST names, "" where it names none or two.
func sessionQuery(r *http.Request) string {
	if ids := r.URL.Query()[messagesQuery]; len(ids) == 1 {
		return ids[0]
	}
	return ""
}

func (t *legacySSE) add(id string, session *sseSession) (remove func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions[id] = session
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.sessions, id)
	}
}

// receive runs in front of the authority: what a session was sent and did not begin
// before its end is not begun.
func (t *legacySSE) receive(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
			if p, ok := extra.TokenInfo.Extra[postedKey].(*posted); ok && !p.session.begin(p) {
				return nil, internalError()
			}
		}
		return next(ctx, method, req)
	}
}

// keptAnswer keeps the body of an answer.
type keptAnswer struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (w *keptAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *keptAnswer) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

// postedKey is where a message's posted stands in TokenInfo.Extra.
const postedKey = "mcp-resource-server/posted"

// posted is a message on its way from a POST to the SDK.
type posted struct {
	session *sseSession
	message jsonrpc.Message
	room    *share
	id      jsonrpc.ID // of a call
	order   uint64
	ended   func()              // it is under way no more
	unheard func(result string) // of a request: writes its audit line, if it was not begun
}

func (p *posted) isCall() bool { return p.id.IsValid() }

// letGo empties a request that the SDK has read: it keeps the last one of each session
// (see lastrequest.go), and here that is ours. Of a call that is not answered it needs
// the id still.
func (p *posted) letGo(answered bool) {
	request, ok := p.message.(*jsonrpc.Request)
	switch {
	case ok && answered:
		*request = jsonrpc.Request{Method: request.Method}
	case ok:
		request.Params, request.Extra = nil, nil
	}
}

// queueing is what came of it to queue a message.
type queueing int

const (
	inQueue queueing = iota
	sessionEnded
	idInUse
	queueFull
)

var errSSEEnded = errors.New("the stream has ended")

// sseSession is the SDK's transport and connection of one session. Messages come in by
// POSTs, and go out by the one goroutine that serves the stream.
type sseSession struct {
	in   chan *posted
	out  chan []byte
	told chan []byte   // refusals, which nobody waits for to be sent
	done chan struct{} // closed when the session has ended

	mu      sync.Mutex
	ended   bool
	calls   map[jsonrpc.ID]*posted // those that await their answer
	queued  uint64                 // the order of the last request
	waiting []*posted              // the notifications that have not had their turn, in their order
}

func newSSESession() *sseSession {
	return &sseSession{
		in:    make(chan *posted, 2*maxUnderWay), // whatever is in it has a share
		out:   make(chan []byte),
		told:  make(chan []byte, maxTold),
		done:  make(chan struct{}),
		calls: map[jsonrpc.ID]*posted{},
	}
}

// Connect returns the connection.
func (c *sseSession) Connect(context.Context) (mcp.Connection, error) { return c, nil }

// SupportsProtocolVersion says which versions a client may choose.
func (c *sseSession) SupportsProtocolVersion(version string) bool { return version < modernVersion }

// SessionID is empty: what there is to know of the session is not kept by the SDK's id.
func (c *sseSession) SessionID() string { return "" }

// Close ends the session.
func (c *sseSession) Close() error {
	c.end()
	return nil
}

// Read gives the SDK the next message.
func (c *sseSession) Read(context.Context) (jsonrpc.Message, error) {
	select {
	case p := <-c.in:
		if _, isRequest := p.message.(*jsonrpc.Request); !isRequest {
			p.ended() // a response, which the SDK has no use for
		}
		return p.message, nil
	case <-c.done:
		return nil, io.EOF
	}
}

// Write hands a message of the SDK to the stream. It waits for a slow client, which
// loses its session when one write takes too long.
func (c *sseSession) Write(ctx context.Context, msg jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	if response, ok := msg.(*jsonrpc.Response); ok {
		defer c.answered(response.ID, len(data))()
	}
	return c.send(ctx, data)
}

// send hands one message to the stream.
func (c *sseSession) send(ctx context.Context, data []byte) error {
	select {
	case c.out <- data:
		return nil
	case <-c.done:
		return errSSEEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tell hands the answer to a POST that was refused to the stream, without waiting for
// it: neither the POST nor a stop does. Where as many wait as there may be, nobody reads
// the stream, and the session ends.
func (c *sseSession) tell(answer []byte) {
	select {
	case c.told <- answer:
	default:
		c.end()
	}
}

// stream writes the events of the session until it or ctx ends.
func (c *sseSession) stream(ctx context.Context, w http.ResponseWriter, endpoint string) {
	control := http.NewResponseController(w)
	defer c.hurry(ctx, control)()
	// One Write for each event: nothing comes between its lines.
	event := func(name string, data []byte) bool {
		_, err := w.Write(slices.Concat([]byte("event: "+name+"\ndata: "), data, []byte("\n\n")))
		return err == nil && control.Flush() == nil
	}
	for ok := event("endpoint", []byte(endpoint)); ok && ctx.Err() == nil; {
		select {
		case data := <-c.out:
			ok = event("message", data)
		case data := <-c.told:
			ok = event("message", data)
		case <-c.done:
			return
		case <-ctx.Done():
		}
	}
}

// hurry shortens the deadline of a write that is under way when the session or ctx ends,
// until calm is called: a client that does not read would hold up the end, and a stop.
func (c *sseSession) hurry(ctx context.Context, control *http.ResponseController) (calm func()) {
	var wg sync.WaitGroup
	left := make(chan struct{})
	wg.Go(func() {
		select {
		case <-left:
			return
		case <-c.done:
		case <-ctx.Done():
		}
		_ = control.SetWriteDeadline(time.Now().Add(unreadTimeout))
	})
	return func() {
		close(left)
		wg.Wait()
	}
}

// queue queues a message for the SDK, or says why not. It never waits.
func (c *sseSession) queue(p *posted) queueing {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, isRequest := p.message.(*jsonrpc.Request)
	switch {
	case c.ended:
		return sessionEnded
	case p.isCall() && c.calls[p.id] != nil:
		return idInUse
	}
	p.order = c.queued + 1
	select {
	case c.in <- p:
	default:
		return queueFull
	}
	if isRequest {
		c.queued++
	}
	switch {
	case p.isCall():
		c.calls[p.id] = p
	case isRequest:
		c.waiting = append(c.waiting, p)
	}
	return inQueue
}

// begin notes that the SDK begins with a request, which it does in their order, and has
// all of it in a form of its own. It reports false where the session has ended.
func (c *sseSession) begin(p *posted) bool {
	p.letGo(false)
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) > 0 && c.waiting[0].order <= p.order {
		c.waiting[0].ended() // or the SDK has passed over it
		c.waiting[0] = nil
		c.waiting = c.waiting[1:]
	}
	return !c.ended
}

// answered notes the answer to a call, which takes the place of its message among what
// is under way. ended is for when it has been sent.
func (c *sseSession) answered(id jsonrpc.ID, bytes int) (ended func()) {
	c.mu.Lock()
	p := c.calls[id]
	delete(c.calls, id) // before it is sent: the client may use the id again then
	c.mu.Unlock()
	if p == nil {
		return func() {}
	}
	p.unheard(resultError) // if there is an answer before it was begun, the SDK refused it
	p.letGo(true)
	p.room.resize(bytes)
	return p.ended
}

// awaits reports whether the client awaits the answer to a call with the id, which is
// as it was written.
func (c *sseSession) awaits(written []byte) bool {
	var value any
	if json.Unmarshal(written, &value) != nil {
		return false
	}
	id, err := jsonrpc.MakeID(value)
	c.mu.Lock()
	defer c.mu.Unlock()
	return err == nil && c.calls[id] != nil
}

// end ends the session, with the calls that it has: those under way are cancelled by the
// SDK when its Read ends, the others do not begin.
func (c *sseSession) end() {
	c.mu.Lock()
	calls := c.calls
	c.calls = nil
	if !c.ended {
		c.ended = true
		close(c.done)
	}
	c.mu.Unlock()
	for _, p := range calls {
		p.unheard(resultCancelled)
		p.ended()
	}
}
