package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// sseRig is a rig that serves the older transport.
type sseRig struct {
	*rig
	lines   *syncBuffer // of the audit
	began   chan string // the ids of the calls of the tool "slow" that have begun
	release chan struct{}
}

func newSSERig(t testing.TB, change ...func(*Options)) *sseRig {
	t.Helper()
	r := &sseRig{lines: &syncBuffer{}, began: make(chan string, 1000), release: make(chan struct{})}
	record, err := audit.Open(audit.DefaultConfig(), r.lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.rig = newRig(t, append([]func(*Options){func(o *Options) { o.Audit, o.MCP.LegacySSE = record, true }}, change...)...)
	slow := tools.Define("slow", tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:slow"}},
		func(ctx context.Context, c tools.Caller, _ emptyInput) (emptyOutput, error) {
			r.began <- c.RequestID
			select {
			case <-r.release:
				return emptyOutput{}, nil
			case <-ctx.Done():
				return emptyOutput{}, ctx.Err()
			}
		})
	r.server.Install(r.generationOf(2, append(r.server.generation.Load().Tools.Sorted(), slow)...))
	return r
}

// tokenFor is a good token of any subject and client.
func (r *sseRig) tokenFor(subject, client string, scopes ...string) string {
	r.t.Helper()
	claims := r.issuer.Claims(client, []string{publicURL}, scopes)
	claims["sub"] = subject
	raw, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		r.t.Fatal(err)
	}
	return raw
}

// sseStream is the client's end of a stream.
type sseStream struct {
	t        testing.TB
	answer   *pipedAnswer
	endpoint string
	events   chan string        // the data of its messages; closed when it has ended
	hangUp   context.CancelFunc // by the client
}

// pipedAnswer is an answer that is read while it is written.
type pipedAnswer struct {
	header http.Header
	status chan int
	sent   bool
	flush  func() // may be nil
	*io.PipeWriter
}

func (a *pipedAnswer) Header() http.Header { return a.header }
func (a *pipedAnswer) Flush() {
	if a.flush != nil {
		a.flush()
	}
}

func (a *pipedAnswer) WriteHeader(status int) {
	if !a.sent {
		a.sent = true
		a.status <- status
	}
}

func (a *pipedAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.PipeWriter.Write(b)
}

// hasBegun waits until one more call of the tool "slow" has begun.
func (r *sseRig) hasBegun() {
	r.t.Helper()
	within(r.t, "a slow call begins", r.began)
}

// get is a GET for a stream.
func (r *sseRig) get(token string) *http.Request {
	req := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/team/sse", nil)
	req.Host = "mcp.example.com"
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req
}

// begin opens a stream, of which nothing is read yet.
func (r *sseRig) begin(req *http.Request) (stream *sseStream, body io.Reader) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(req.Context())
	reader, writer := io.Pipe()
	s := &sseStream{
		t: r.t, events: make(chan string, 1000), hangUp: cancel,
		answer: &pipedAnswer{header: http.Header{}, status: make(chan int, 1), PipeWriter: writer},
	}
	go func() {
		defer writer.Close()
		defer s.answer.WriteHeader(0) // where there was no answer at all
		r.server.Handler().ServeHTTP(s.answer, req.WithContext(ctx))
	}()
	r.t.Cleanup(cancel)
	if status := within(r.t, "the status of the stream", s.answer.status); status != http.StatusOK {
		text, _ := io.ReadAll(reader)
		r.t.Fatalf("GET: %d %s", status, text)
	}
	return s, reader
}

// open opens a stream and reads it.
func (r *sseRig) open(req *http.Request) *sseStream {
	r.t.Helper()
	s, body := r.begin(req)
	lines := bufio.NewScanner(body)
	event := func() (name, data string, ok bool) {
		for lines.Scan() {
			switch line := lines.Text(); {
			case line == "" && name != "":
				return name, data, true
			case strings.HasPrefix(line, "event: "):
				name = line[len("event: "):]
			case strings.HasPrefix(line, "data: "):
				data = line[len("data: "):]
			}
		}
		return "", "", false
	}
	name, endpoint, _ := event()
	if name != "endpoint" {
		r.t.Fatalf("the first event is %q", name)
	}
	s.endpoint = endpoint
	go func() {
		defer close(s.events)
		for {
			name, data, ok := event()
			if !ok {
				return
			}
			if name != "message" {
				r.t.Errorf("an event %q", name)
			}
			s.events <- data
		}
	}()
	return s
}

// next returns the next message of the stream.
func (s *sseStream) next() string {
	s.t.Helper()
	select {
	case data, ok := <-s.events:
		if !ok {
			s.t.Fatal("the stream has ended")
		}
		return data
	case <-time.After(10 * time.Second):
		s.t.Fatal("no message within 10 s")
	}
	return ""
}

// wantEnd waits for the end of the stream, and returns what came before it.
func (s *sseStream) wantEnd() (rest []string) {
	s.t.Helper()
	for {
		select {
		case data, ok := <-s.events:
			if !ok {
				return rest
			}
			rest = append(rest, data)
		case <-time.After(10 * time.Second):
			s.t.Fatal("the stream has not ended within 10 s")
		}
	}
}

// send posts a message to an endpoint.
func (r *sseRig) send(endpoint, token, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, endpoint, strings.NewReader(body))
	req.Host = "mcp.example.com"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	for _, c := range change {
		c(req)
	}
	return r.serve(req)
}

const sseInitialize = `{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`

// session opens a stream and says hello.
func (r *sseRig) sseSession(token string) *sseStream {
	r.t.Helper()
	s := r.open(r.get(token))
	if w := r.send(s.endpoint, token, sseInitialize); w.Code != http.StatusAccepted {
		r.t.Fatalf("initialize: %d %s", w.Code, w.Body)
	}
	if got := s.next(); !strings.Contains(got, `"protocolVersion":"2024-11-05"`) {
		r.t.Fatalf("initialize: %s", got)
	}
	if w := r.send(s.endpoint, token, `{"jsonrpc":"2.0","method":"notifications/initialized"}`); w.Code != http.StatusAccepted {
		r.t.Fatalf("initialized: %d %s", w.Code, w.Body)
	}
	return s
}

func sseCall(id, tool string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q}}`, id, tool)
}

// until waits for what other goroutines bring about.
func (r *sseRig) until(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("not after 10 s: %s", what)
		}
	}
}

// audited returns the audit lines of one request.
func (r *sseRig) audited(requestID string) (entries []audit.Entry) {
	r.t.Helper()
	for line := range strings.Lines(r.lines.String()) {
		var e audit.Entry
		if _, err := audit.Read(strings.NewReader(line), func(read audit.Entry) { e = read }); err != nil {
			r.t.Fatal(err)
		}
		if e.RequestID == requestID {
			entries = append(entries, e)
		}
	}
	return entries
}

// TestSSE: the transport in the words of MCP 2024-11-05, under both of its paths.
func TestSSE(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:alpha")
	for _, path := range []string{"/sse", "/team/sse"} {
		req := r.get(token)
		req.URL.Path = path
		req.Header.Set("Accept", "application/xml") // clients differ in what they say here
		s := r.open(req)
		if !regexp.MustCompile(`^/team/messages/\?session_id=[A-Z2-7]{26}$`).MatchString(s.endpoint) {
			t.Errorf("%s: the endpoint is %q", path, s.endpoint)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Referrer-Policy": "", "Mcp-Session-Id": "",
		} {
			if got := s.answer.header.Get(name); got != want {
				t.Errorf("%s: %s %q", path, name, got)
			}
		}
		// The path without the prefix is the same place.
		endpoint := strings.TrimPrefix(s.endpoint, "/team")
		w := r.send(endpoint, token, sseInitialize)
		if w.Code != http.StatusAccepted || w.Body.Len() > 0 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if got := s.next(); !strings.Contains(got, `"id":"init"`) || !strings.Contains(got, `"protocolVersion":"2024-11-05"`) {
			t.Errorf("initialize: %s", got)
		}
		before := len(*r.ran)
		w = r.send(s.endpoint, token, sseCall("7", "alpha"))
		if got := s.next(); w.Code != http.StatusAccepted || !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":7,"result":{`) || len(*r.ran) != before+1 {
			t.Errorf("call: %d, %s", w.Code, got)
		}
		r.until("the call is in the audit", func() bool { return len(r.audited(w.Header().Get("X-Request-Id"))) == 1 })
		if e := r.audited(w.Header().Get("X-Request-Id"))[0]; e.Result != "ok" || e.Tool != "alpha" || e.Decision != audit.Allowed {
			t.Errorf("audit: %+v", e)
		}
		stream := r.audited(s.answer.header.Get("X-Request-Id"))
		if len(stream) != 1 || stream[0].Result != "stream" || stream[0].Method != auth.OperationSSE {
			t.Errorf("audit of the stream: %+v", stream)
		}
		s.hangUp()
		s.wantEnd()
	}
}

// TestSSEVersions: a client gets the version that it asks for, as far as the transport
// has it.
func TestSSEVersions(t *testing.T) {
	r := newSSERig(t)
	token := r.token()
	for asked, want := range map[string]string{
		"2024-11-05": "2024-11-05", "2025-03-26": "2025-03-26", "2025-06-18": "2025-06-18", "2025-11-25": "2025-11-25",
		"2026-07-28": "2025-11-25", "x": "2025-11-25",
	} {
		s := r.open(r.get(token))
		r.send(s.endpoint, token, strings.ReplaceAll(sseInitialize, "2024-11-05", asked))
		if got := s.next(); !strings.Contains(got, `"protocolVersion":"`+want+`"`) {
			t.Errorf("%s: %s", asked, got)
		}
		s.hangUp()
	}
}

// TestSSEOff: where it is not switched on, its paths are any other's.
func TestSSEOff(t *testing.T) {
	shape := func(r *rig, method, path string) string {
		req := r.post(sseInitialize)
		req.Method, req.URL.Path = method, path
		w := r.serve(req)
		w.Header().Del("X-Request-Id")
		return fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	off, on := newRig(t), newSSERig(t)
	for _, path := range []string{"/sse", "/messages/", "/team/sse", "/team/messages/"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "DELETE", "BREW"} {
			want := shape(off, method, "/nonesuch")
			if got := shape(off, method, path); got != want {
				t.Errorf("%s %s: %s\nand elsewhere %s", method, path, got, want)
			}
			if method == "GET" && strings.HasSuffix(path, "sse") {
				continue // would stay open
			}
			if got := shape(on.rig, method, path); got == want {
				t.Errorf("%s %s is not served", method, path)
			}
		}
	}
	for _, path := range []string{"/messages", "/sse/", "/team/messages", "/other/sse", "/team/team/sse"} {
		if got, want := shape(on.rig, "POST", path), shape(on.rig, "POST", "/nonesuch"); got != want {
			t.Errorf("%s is served", path)
		}
	}
}

func TestCheckLegacySSE(t *testing.T) {
	const fault = "http.public_url: must not have the path of /sse or below /messages/ while mcp.legacy_sse is on: the older transport is served there"
	for path, want := range map[string]string{
		"/mcp": "", "/team/mcp": "", "/team/mcp/": "", "/ssex": "", "/messagesx": "", "/team/messages": "", "/sse/mcp": "",
		"/sse": fault, "/team/sse": fault, "/messages": fault, "/messages/": fault, "/messages/mcp": fault,
	} {
		h, m := HTTPConfig{PublicURL: "https://h" + path}, MCPConfig{LegacySSE: true}
		got := ""
		if err := CheckLegacySSE(h, m).Err(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q", path, got)
		}
		if path == "/mcp" {
			m.ProtocolVersions = []string{modernVersion}
			if err := CheckLegacySSE(h, m).Err(); err == nil || err.Error() != "mcp.legacy_sse: needs a version in mcp.protocol_versions that is older than 2026-07-28" {
				t.Errorf("modern versions alone: %v", err)
			}
		}
		m.LegacySSE = false
		if l := CheckLegacySSE(h, m); len(l) > 0 {
			t.Errorf("%s, switched off: %v", path, l)
		}
	}
}

// TestSSESees: a tool sees the caller, the request and the headers of the POST that
// brought its call, not those of the GET, and never a token.
func TestSSESees(t *testing.T) {
	r := newSSERig(t)
	type output struct {
		Scopes  []string `json:"scopes"`
		ID      string   `json:"id"`
		Headers string   `json:"headers"`
	}
	r.server.Install(r.generationOf(3, tools.Define("look", tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:look"}},
		func(_ context.Context, c tools.Caller, _ emptyInput) (output, error) {
			return output{c.Principal.Scopes, c.RequestID, fmt.Sprint(c.Header)}, nil
		})))
	s := r.sseSession(r.token())
	post := r.token("tool:look", "more")
	w := r.send(s.endpoint, post, sseCall(`"a"`, "look"), func(req *http.Request) {
		req.Header.Set("X-Mine", "here")
		req.Header.Set("Cookie", "session=secret")
	})
	var got struct {
		Result struct{ StructuredContent output }
	}
	if err := json.Unmarshal([]byte(s.next()), &got); err != nil {
		t.Fatal(err)
	}
	o := got.Result.StructuredContent
	if strings.Join(o.Scopes, " ") != "tool:look more" || o.ID != w.Header().Get("X-Request-Id") {
		t.Errorf("%+v", o)
	}
	if !strings.Contains(o.Headers, "here") || strings.Contains(o.Headers, "Bearer") || strings.Contains(o.Headers, "secret") || strings.Contains(o.Headers, post[:20]) {
		t.Errorf("headers %s", o.Headers)
	}
}

// TestSSELeavesNothing: when a stream has ended, for whatever reason, its session, its
// place and its goroutines go.
func TestSSELeavesNothing(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:slow")
	before := runtime.NumGoroutine()
	var streams []*sseStream
	for range 20 {
		s := r.sseSession(token)
		r.send(s.endpoint, token, sseCall("1", "slow"))
		r.hasBegun()
		streams = append(streams, s)
	}
	for _, s := range streams {
		s.hangUp()
		s.wantEnd()
	}
	r.until("the SDK has no session", func() bool {
		for range r.server.mcp.Sessions() {
			return false
		}
		return true
	})
	r.until("the table is empty", func() bool {
		r.server.sessions.mu.Lock()
		defer r.server.sessions.mu.Unlock()
		return r.server.sessions.places == 0
	})
	r.until("no goroutine is left", func() bool { return runtime.NumGoroutine() <= before+2 })
	select {
	case <-r.server.calls.wait():
	case <-time.After(10 * time.Second):
		t.Error("a stop would wait for a call")
	}
	if w := r.send(streams[0].endpoint, token, sseCall("2", "slow")); w.Code != http.StatusNotFound {
		t.Errorf("a message after the end: %d %s", w.Code, w.Body)
	}
}
