package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// wire is the client's end of a stream: the messages on it.
type wire struct {
	t        testing.TB
	messages chan wireMessage
	hangUp   context.CancelFunc
}

type wireMessage struct {
	Method string
	ID     any
	Params map[string]any
	Result map[string]any
	Error  *struct {
		Code    int64
		Message string
	}
}

// listening serves r over HTTP, and returns what opens streams there.
func (r *rig) listening() (open func(*http.Request) *wire) {
	r.t.Helper()
	s := httptest.NewServer(r.server.Handler())
	r.t.Cleanup(s.Close)
	at, err := url.Parse(s.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	return func(req *http.Request) *wire {
		r.t.Helper()
		ctx, cancel := context.WithCancel(context.Background())
		r.t.Cleanup(cancel)
		req = req.Clone(ctx)
		req.URL.Scheme, req.URL.Host, req.RequestURI = "http", at.Host, ""
		resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // by the goroutine that reads it
		if err != nil {
			r.t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			r.t.Fatalf("%s", resp.Status)
		}
		w := &wire{t: r.t, messages: make(chan wireMessage, 1000), hangUp: cancel}
		go func() {
			defer resp.Body.Close()
			defer close(w.messages)
			for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
				var m wireMessage
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && json.Unmarshal([]byte(data), &m) == nil {
					w.messages <- m
				}
			}
		}()
		return w
	}
}

// next is the next message of the stream.
func (w *wire) next(what string) wireMessage {
	w.t.Helper()
	return within(w.t, what, w.messages)
}

// wantNext wants the next message to be a notification, about a resource if uri says so.
func (w *wire) wantNext(method, uri string) wireMessage {
	w.t.Helper()
	m := w.next(method + " " + uri)
	if got, _ := m.Params["uri"].(string); m.Method != method || got != uri {
		w.t.Errorf("%q about %q, want %q about %q", m.Method, got, method, uri)
	}
	return m
}

// listenFor is a subscriptions/listen with these notifications.
func (r *rig) listenFor(token, notifications string) *http.Request {
	return r.request(true, token, body(true, methodListen, `"notifications":`+notifications), methodListen, "")
}

// sessionStream is a GET for the stream of a session.
func (r *rig) sessionStream(token, session string) *http.Request {
	return r.inSession(http.MethodGet, token, session, "")
}

// inLegacy sends a request in a session.
func (r *rig) inLegacy(token, session, method, params string) answer {
	r.t.Helper()
	return answerOf(r.t, r.serve(r.inSession(http.MethodPost, token, session, body(false, method, params))))
}

// agreed is what an acknowledgement says.
func agreed(m wireMessage) string {
	text, _ := json.Marshal(m.Params["notifications"])
	return string(text)
}

// TestListenAcknowledges: what a listen is acknowledged with is what it will get: of what
// there is none, is concealed, is not permitted or is not watched, there is no word.
func TestListenAcknowledges(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{
		{Resources: []string{"x://secret"}, AllOf: []string{"admin"}, Conceal: true},
		{Resources: []string{"x://paid"}, AllOf: []string{"paid"}},
		{Methods: []string{"resources/subscribe"}, AllOf: []string{"subscribe"}},
	}
	watched := []tools.Resource{r.aWatched("x://open", nil), r.aWatched("x://secret", nil), r.aWatched("x://paid", nil), r.aResource("x://plain")}
	with := r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, watched).WithTemplates([]tools.Template{r.aTemplate("x://t/{id}")})
	open := r.listening()
	all := `{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["x://open","x://open","x://secret","x://paid","x://plain","x://nobody","x://t/1","x://t/{id}","X://open"]}`
	for _, tt := range []struct {
		name   string
		set    tools.Set
		wanted string
		scopes []string
		want   string
	}{
		{"whoever lacks all", with, all, []string{"other"}, `{"promptsListChanged":true,"resourcesListChanged":true,"toolsListChanged":true}`},
		{"who may subscribe", with, all, []string{"subscribe"}, `{"promptsListChanged":true,"resourceSubscriptions":["x://open"],"resourcesListChanged":true,"toolsListChanged":true}`},
		{"who may read more", with, all, []string{"subscribe", "admin", "paid"}, `{"promptsListChanged":true,"resourceSubscriptions":["x://open","x://secret","x://paid"],"resourcesListChanged":true,"toolsListChanged":true}`},
		{"a server of tools", r.named("alpha"), all, []string{"subscribe"}, `{"toolsListChanged":true}`},
		{"nothing was wanted", with, `{}`, []string{"subscribe"}, `{}`},
		{"one kind", with, `{"promptsListChanged":true}`, []string{"subscribe"}, `{"promptsListChanged":true}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.install(access, tt.set)
			stream := open(r.listenFor(r.token(tt.scopes...), tt.wanted))
			m := stream.wantNext(noticeAcknowledged, "")
			if got := agreed(m); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			stream.hangUp()
		})
	}
	if a := answerOf(t, r.serve(r.request(true, r.token("other"), body(true, methodListen, ""), methodListen, ""))); a.Error == nil || a.Error.Code != -32602 {
		t.Errorf("without a filter: %+v", a)
	}
}

// TestSubscribe: what resources/subscribe answers in a session.
func TestSubscribe(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{
		{Resources: []string{"x://secret"}, AllOf: []string{"admin"}, Conceal: true},
		{Methods: []string{"resources/read"}, AllOf: []string{"read"}},
		{Resources: []string{"x://paid"}, AllOf: []string{"paid"}},
	}
	r.install(access, r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://open", nil), r.aWatched("x://secret", nil), r.aWatched("x://paid", nil), r.aResource("x://plain")}).
		WithTemplates([]tools.Template{r.aTemplate("x://t/{id}")}))
	for _, tt := range []struct {
		name, uri string
		scopes    []string
		code      int64
		text      string
	}{
		{"good", "x://open", []string{"read"}, 0, ""},
		{"not read", "x://open", []string{"other"}, -32602, "the resource cannot be subscribed to"},
		{"read and not subscribed to", "x://paid", []string{"read"}, codeForbidden, "insufficient scope: this operation needs paid; request these scopes, or have an administrator grant them to the client"},
		{"both", "x://paid", []string{"read", "paid"}, 0, ""},
		{"not watched", "x://plain", []string{"read"}, -32602, "the resource cannot be subscribed to"},
		{"a document of a template", "x://t/1", []string{"read"}, -32602, "the resource cannot be subscribed to"},
		{"the text of a template", "x://t/{id}", []string{"read"}, -32602, "unknown resource"},
		{"unknown", "x://nobody", []string{"read"}, -32602, "unknown resource"},
		{"concealed", "x://secret", []string{"read"}, -32602, "unknown resource"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token := r.token(tt.scopes...)
			a := r.inLegacy(token, r.legacySession(token), methodSubscribe, `"uri":"`+tt.uri+`"`)
			if (a.Error == nil) != (tt.code == 0) || a.Error != nil && (a.Error.Code != tt.code || a.Error.Message != tt.text) {
				t.Errorf("%+v, want %d %q", a.Error, tt.code, tt.text)
			}
		})
	}
}

// TestUpdates: who has subscribed hears of a change, once, and nobody else does, in every
// transport.
func TestUpdates(t *testing.T) {
	r := newSSERig(t)
	one, two := make(chan struct{}), make(chan struct{})
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://1", one), r.aWatched("x://2", two)}))
	token := r.token("other")
	open := r.listening()
	first, second := r.legacySession(token), r.legacySession(token)
	streams := []*wire{open(r.sessionStream(token, first)), open(r.sessionStream(token, second))}
	for session, uri := range map[string]string{first: "x://1", second: "x://2"} {
		if a := r.inLegacy(token, session, methodSubscribe, `"uri":"`+uri+`"`); a.Error != nil {
			t.Fatalf("%+v", a.Error)
		}
	}
	for _, uri := range []string{"x://1", "x://2"} {
		w := open(r.listenFor(token, `{"resourceSubscriptions":["`+uri+`"]}`))
		w.wantNext(noticeAcknowledged, "")
		streams = append(streams, w)
	}
	sse := r.sseSession(token)
	if w := r.send(sse.endpoint, token, body(false, methodSubscribe, `"uri":"x://1"`)); w.Code != http.StatusAccepted {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := sse.next(); !strings.Contains(got, `"result"`) {
		t.Fatal(got)
	}
	for range 2 {
		one <- struct{}{}
		two <- struct{}{}
		for i, w := range streams {
			m := w.wantNext(noticeUpdated, []string{"x://1", "x://2"}[i%2])
			meta, _ := m.Params["_meta"].(map[string]any)
			if got := meta[mcp.MetaKeySubscriptionID]; (got == 7.0) != (i >= 2) {
				t.Errorf("stream %d: the subscription is %v", i, got)
			}
		}
		if got := sse.next(); !strings.Contains(got, `"uri":"x://1"`) || !strings.Contains(got, noticeUpdated) {
			t.Error(got)
		}
	}
	// No more after the end of the subscription; the last word of each is the same, so
	// that nothing came between.
	if a := r.inLegacy(token, first, methodUnsubscribe, `"uri":"x://1"`); a.Error != nil {
		t.Fatalf("%+v", a.Error)
	}
	one <- struct{}{}
	streams[2].wantNext(noticeUpdated, "x://1")
	r.install(auth.DefaultAccessConfig(), r.named("alpha", "beta"))
	for _, w := range streams[:2] {
		for _, m := range []wireMessage{w.next("a list"), w.next("the other list")} {
			if !strings.HasSuffix(m.Method, "/list_changed") {
				t.Errorf("%+v", m)
			}
		}
	}
}

// nextUpdate is the URI of the next resource that the stream says has changed. Lists may
// have changed before.
func (w *wire) nextUpdate() string {
	w.t.Helper()
	for {
		switch m := w.next("an update"); m.Method {
		case noticeUpdated:
			uri, _ := m.Params["uri"].(string)
			return uri
		case "":
			w.t.Fatal("the stream has ended")
		}
	}
}

// TestUpdatesAreJudgedAnew: a rule that came later decides on what is told.
func TestUpdatesAreJudgedAnew(t *testing.T) {
	r := newRig(t)
	one, two := make(chan struct{}), make(chan struct{})
	set := r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://1", one), r.aWatched("x://2", two)})
	r.install(auth.DefaultAccessConfig(), set)
	stricter := auth.DefaultAccessConfig()
	stricter.Rules = []auth.AccessRule{{Resources: []string{"x://1"}, AllOf: []string{"read"}}}
	open := r.listening()
	var streams []*wire // of who may read it, and of who may not any more
	for _, scope := range []string{"read", "other"} {
		token := r.token(scope)
		session := r.legacySession(token)
		r.subscribed(token, session, "x://1", "x://2")
		listen := open(r.listenFor(token, `{"resourceSubscriptions":["x://1","x://2"]}`))
		listen.wantNext(noticeAcknowledged, "")
		streams = append(streams, open(r.sessionStream(token, session)), listen)
	}
	r.install(stricter, set)
	one <- struct{}{}
	for _, w := range streams[:2] {
		if got := w.nextUpdate(); got != "x://1" {
			t.Errorf("told of %s", got)
		}
	}
	two <- struct{}{}
	for i, w := range streams {
		if got := w.nextUpdate(); got != "x://2" {
			t.Errorf("stream %d: told of %s", i, got)
		}
	}
}

// subscribed subscribes a session to the resources.
func (r *rig) subscribed(token, session string, uris ...string) {
	r.t.Helper()
	for _, uri := range uris {
		if a := r.inLegacy(token, session, methodSubscribe, `"uri":"`+uri+`"`); a.Error != nil {
			r.t.Fatalf("%s: %+v", uri, a.Error)
		}
	}
}

// TestUpdatesAreJudgedByTheStream: what a session is told is what the token may know that
// its stream was opened with, whoever subscribed. What came while there was no stream is
// told on the next.
func TestUpdatesAreJudgedByTheStream(t *testing.T) {
	r := newRig(t)
	one, two := make(chan struct{}), make(chan struct{})
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{{Resources: []string{"x://secret"}, AllOf: []string{"admin"}, Conceal: true}}
	r.install(access, r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://secret", one), r.aWatched("x://2", two)}))
	admin, weak := r.token("admin"), r.token("other")
	session := r.legacySession(weak)
	r.subscribed(admin, session, "x://secret", "x://2")
	open := r.listening()
	l := r.server.listeners.byID[session]
	state := func() (isOpen bool, waiting int) {
		r.server.listeners.mu.Lock()
		defer r.server.listeners.mu.Unlock()
		return l.stream != nil, len(l.waiting)
	}
	for i, tt := range []struct {
		token string
		want  []string
	}{
		{weak, []string{"x://2"}},
		{admin, []string{"x://secret", "x://2"}},
		{weak, []string{"x://2"}},
	} {
		one <- struct{}{} // between two streams
		until(t, "it waits", func() bool { _, n := state(); return n > 0 })
		w := open(r.sessionStream(tt.token, session))
		if i == 1 {
			if got := w.nextUpdate(); got != "x://secret" {
				t.Errorf("stream %d: told of %s", i, got)
			}
		}
		until(t, "it was judged", func() bool { _, n := state(); return n == 0 })
		one <- struct{}{}
		time.Sleep(2 * updateInterval) // so that the one comes before the other
		two <- struct{}{}
		for _, want := range tt.want {
			if got := w.nextUpdate(); got != want {
				t.Errorf("stream %d: told of %s, want %s", i, got, want)
			}
		}
		w.hangUp()
		until(t, "the stream has ended", func() bool { isOpen, _ := state(); return !isOpen })
	}
}

// TestRulesThatChange: rules alone make other lists, of which clients are told; the same
// rules and things do not.
func TestRulesThatChange(t *testing.T) {
	r := newRig(t)
	set := r.named("alpha").With(nil, []tools.Resource{r.aResource("x://1")})
	r.install(auth.DefaultAccessConfig(), set)
	w := r.listening()(r.listenFor(r.token("other"), `{"toolsListChanged":true,"resourcesListChanged":true}`))
	w.wantNext(noticeAcknowledged, "")
	time.Sleep(100 * time.Millisecond) // what was installed before is told of within 10 ms
	for len(w.messages) > 0 {
		w.next("what was told before")
	}
	r.install(auth.DefaultAccessConfig(), set)
	time.Sleep(100 * time.Millisecond)
	if len(w.messages) > 0 {
		t.Errorf("told of nothing: %+v", w.next(""))
	}
	stricter := auth.DefaultAccessConfig()
	stricter.Rules = []auth.AccessRule{{Resources: []string{"x://1"}, AllOf: []string{"read"}}}
	r.install(stricter, set)
	got := []string{w.next("a list").Method, w.next("the other list").Method}
	slices.Sort(got)
	if !slices.Equal(got, []string{"notifications/resources/list_changed", "notifications/tools/list_changed"}) {
		t.Errorf("told %q", got)
	}
}

// TestSubscriptionsLeaveNothing: neither the SDK nor we keep what ended sessions, and
// listens, had subscribed to.
func TestSubscriptionsLeaveNothing(t *testing.T) {
	r := newRig(t)
	changes := make(chan struct{})
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With(nil, []tools.Resource{r.aWatched("x://1", changes)}))
	token := r.token("other")
	open := r.listening()
	sdk := reflect.ValueOf(r.server.mcp).Elem()
	locked := (*sync.Mutex)(sdk.FieldByName("mu").Addr().UnsafePointer())
	subscribers := func() (n int) {
		locked.Lock()
		defer locked.Unlock()
		for _, sessions := range sdk.FieldByName("resourceSubscriptions").Seq2() {
			n += sessions.Len()
		}
		return n
	}
	var streams []*wire
	var sessions []string
	for range 10 {
		session := r.legacySession(token)
		r.inLegacy(token, session, methodSubscribe, `"uri":"x://1"`)
		w := open(r.listenFor(token, `{"resourceSubscriptions":["x://1"]}`))
		w.wantNext(noticeAcknowledged, "")
		streams, sessions = append(streams, w), append(sessions, session)
	}
	if n := subscribers(); n != 20 {
		t.Errorf("%d subscribers, want 20", n)
	}
	for _, w := range streams {
		w.hangUp()
	}
	until(t, "the listens leave nothing", func() bool { return subscribers() == 10 })
	for _, session := range sessions {
		r.serve(r.inSession(http.MethodDelete, token, session, ""))
	}
	until(t, "the sessions leave nothing", func() bool { return subscribers() == 0 })
	until(t, "nor is anything kept for them here", func() bool {
		all := r.server.listeners
		all.mu.Lock()
		defer all.mu.Unlock()
		return len(all.all) == 0 && len(all.byID) == 0
	})
}

// until waits for what other goroutines bring about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 30 s: %s", what)
		}
	}
}

// TestListChanged: the SDK's own client hears of each list that changed, once, in both
// eras.
func TestListChanged(t *testing.T) {
	for _, version := range []string{"2025-11-25", modernVersion} {
		t.Run(version, func(t *testing.T) {
			r := newRig(t)
			base := func() tools.Set {
				return r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://1")}).WithTemplates([]tools.Template{r.aTemplate("x://t/{id}")})
			}
			s := httptest.NewServer(r.server.Handler())
			t.Cleanup(s.Close)
			token := r.token("tool:alpha")
			r.install(auth.DefaultAccessConfig(), base())
			heard := make(chan string, 100)
			streaming := make(chan struct{}, 10)
			client := mcp.NewClient(&mcp.Implementation{Name: "x", Version: "1"}, &mcp.ClientOptions{
				ToolListChangedHandler:     func(context.Context, *mcp.ToolListChangedRequest) { heard <- "tools" },
				PromptListChangedHandler:   func(context.Context, *mcp.PromptListChangedRequest) { heard <- "prompts" },
				ResourceListChangedHandler: func(context.Context, *mcp.ResourceListChangedRequest) { heard <- "resources" },
				ResourceUpdatedHandler: func(_ context.Context, req *mcp.ResourceUpdatedNotificationRequest) {
					heard <- req.Params.URI
				},
			})
			transport := &mcp.StreamableClientTransport{Endpoint: s.URL + "/mcp", HTTPClient: &http.Client{Transport: asCaller{token, streaming}}}
			session, err := client.Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			if got := session.InitializeResult().ProtocolVersion; version == modernVersion && got != "" && got != version {
				t.Fatalf("speaks %s", got)
			}
			within(t, "the client has a stream", streaming)
			changes := make(chan struct{})
			for i, tt := range []struct {
				set  tools.Set
				want string
			}{
				{r.named("alpha", "beta").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://1")}).WithTemplates([]tools.Template{r.aTemplate("x://t/{id}")}), "tools"},
				{base(), "tools"},
				{base().With([]tools.Prompt{r.aPrompt("about"), r.aPrompt("more")}, []tools.Resource{r.aResource("x://1")}), "prompts"},
				{base().With([]tools.Prompt{r.aPrompt("about"), r.aPrompt("more")}, []tools.Resource{r.aWatched("x://1", changes), r.aResource("x://2")}), "resources"},
				{base().With([]tools.Prompt{r.aPrompt("about"), r.aPrompt("more")}, []tools.Resource{r.aWatched("x://1", changes), r.aResource("x://2")}).WithTemplates([]tools.Template{r.aTemplate("x://u/{id}")}), "resources"},
			} {
				r.install(auth.DefaultAccessConfig(), tt.set)
				if got := within(t, "change "+fmt.Sprint(i), heard); got != tt.want {
					t.Errorf("change %d: %s, want %s", i, got, tt.want)
				}
			}
			if err := session.Subscribe(t.Context(), &mcp.SubscribeParams{URI: "x://1"}); err != nil {
				t.Fatal(err)
			}
			if version == modernVersion {
				within(t, "the second stream", streaming)
			}
			changes <- struct{}{}
			if got := within(t, "the update", heard); got != "x://1" {
				t.Errorf("heard of %s", got)
			}
			if len(heard) > 0 {
				t.Errorf("heard of %s, too", <-heard)
			}
		})
	}
}

// asCaller sends requests with a token, to the server's own name. It says when a stream
// has begun.
type asCaller struct {
	token     string
	streaming chan<- struct{}
}

func (c asCaller) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Host = "mcp.example.com"
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultTransport.RoundTrip(req)
	stream := req.Method == http.MethodGet || slices.Contains(req.Header["Mcp-Method"], methodListen)
	if err == nil && stream && resp.StatusCode == http.StatusOK {
		c.streaming <- struct{}{}
	}
	return resp, err
}
