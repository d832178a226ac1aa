package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/oauthclient"
)

func TestCall(t *testing.T) {
	file := writeFile(t, `{"text": "from a file", "count": 1.0}`)
	tests := []struct {
		name     string
		args     []string
		in       string
		terminal bool
		want     string
	}{
		{
			"pairs",
			[]string{"echo", "text=7", "count=9007199254740993", "list=1", "list=2"},
			"", false,
			`{"text":"7","count":9007199254740993,"list":[1,2]}` + "\n",
		},
		{"JSON", []string{"echo", "--json", `{"text": "a", "count": 9007199254740993}`}, "", false, `{"text":"a","count":9007199254740993}` + "\n"},
		{"JSON from stdin", []string{"echo", "--json", "-"}, `{"text":"in"}`, false, `{"text":"in"}` + "\n"},
		{"stdin", []string{"echo", "-"}, `{"text":"in"}`, false, `{"text":"in"}` + "\n"},
		{"stdin, as a file", []string{"echo", "@-"}, `{"text":"in"}`, false, `{"text":"in"}` + "\n"},
		{"a file", []string{"echo", "@" + file}, "", false, `{"text":"from a file","count":1.0}` + "\n"},
		{"JSON is not judged here", []string{"echo", "--json", `{"nope":1}`}, "", false, `{"nope":1}` + "\n"},
		{"only structured content, told twice", []string{"structured"}, "", false, `{"n":12345678901234567890,"s":"a"}` + "\n"},
		{"the same on a terminal", []string{"structured"}, "", true, "{\n  \"n\": 12345678901234567890,\n  \"s\": \"a\"\n}\n"},
		{"words, their JSON, and a picture", []string{"both"}, "", false, "in words\x1b[31m\n[image/png, 1234 bytes]\n"},
		{"the same on a terminal", []string{"both"}, "", true, "in words\n[image/png, 1234 bytes]\n"},
		{
			"the whole result",
			[]string{"structured", "-o=json"},
			"", false,
			`"content":[{"type":"text","text":"{\"n\":12345678901234567890,\"s\":\"a\"}"}],"structuredContent":{"s":"a","n":12345678901234567890}`,
		},
		{"a control character, escaped", []string{"both", "-o=json"}, "", false, `in words\u001b[31m`},
		{"a step up", []string{"admin", "x=1", "y=z"}, "", false, `{"x":1,"y":"z"}` + "\n"},
	}
	for _, kind := range []carrierKind{statelessServer, sessionServer, sseServer} {
		w := newWorld(t, kind)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				user := w.user()
				user.in, user.terminal = tt.in, tt.terminal
				got := w.mustRun(t, user, append([]string{"call"}, tt.args...)...)
				if slices.Contains(tt.args, "-o=json") {
					if !strings.Contains(got.out, tt.want) || !json.Valid([]byte(got.out)) || strings.Count(got.out, "\n") != 1 {
						t.Errorf("stdout %q, want %q in it", got.out, tt.want)
					}
				} else if got.out != tt.want || got.err != "" {
					t.Errorf("stdout %q, stderr %q, want %q", got.out, got.err, tt.want)
				}
			})
		}
	}
}

// Input that cannot be used is told before anything is connected.
func TestInputRefused(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, maxInput+1), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, want string
		args       []string
		in         string
	}{
		{"pairs and JSON", "one of them", []string{"a=1", "--json", "{}"}, ""},
		{"pairs and a file", "one of them", []string{"@f", "a=1"}, ""},
		{"a file after a pair", `"@f" is no argument`, []string{"a=1", "@f"}, ""},
		{"no such file", "/no/such: no such file", []string{"@/no/such"}, ""},
		{"a large file", "has more than 8388608 bytes", []string{"@" + large}, ""},
		{"an array", "not a JSON object", []string{"--json", "[]"}, ""},
		{"a name twice", "not one valid JSON value", []string{"--json", `{"a":1,"\u0061":2}`}, ""},
		{"something after it", "not one valid JSON value", []string{"--json", `{} {}`}, ""},
		{"deep", "nested too deeply", []string{"--json", strings.Repeat(`{"a":`, maxDepth) + "{}" + strings.Repeat("}", maxDepth)}, ""},
		{"nothing on stdin", "stdin: not one valid JSON value", []string{"-"}, ""},
		{"no pair", `"x" is no argument`, []string{"x"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			user := cli{environ: []string{"MCP_URL=http://" + closedPort(t)}, in: tt.in}
			got := user.run(t.Context(), append([]string{"call", "tool"}, tt.args...)...)
			if text := oneLine(t, got); got.code != exitUsage || !strings.Contains(text, tt.want) {
				t.Errorf("status %d, %q, want %q", got.code, text, tt.want)
			}
		})
	}
}

// A hundred calls cost one token: in one process, and in a hundred that share the
// file cache.
func TestHundredCallsOneToken(t *testing.T) {
	w := newWorld(t, statelessServer)
	got := w.mustRun(t, w.user(), "call", "echo", "text=a", "--repeat=100", "-o=json", "-v")
	if n := strings.Count(got.out, "\n"); n != 100 || w.issued() != 1 {
		t.Errorf("%d lines, %d tokens", n, w.issued())
	}
	if n := strings.Count(got.err, "Connected to "); n != 1 || strings.Count(got.err, "token: a new one from "+w.issuer.URL+" (scopes "+baseScope+")") != 1 {
		t.Errorf("stderr %q", got.err)
	}
	w = newWorld(t, statelessServer)
	user := w.user()
	user.cache = t.TempDir()
	for range 100 {
		w.mustRun(t, user, "call", "echo", "--json", `{"text":"a"}`, "--token-cache")
	}
	if w.issued() != 1 {
		t.Errorf("%d tokens with the cache", w.issued())
	}
	if got := w.mustRun(t, user.with("MCP_TOKEN_CACHE=1"), "list", "-v"); !strings.Contains(got.err, "token: from the cache, of "+w.issuer.URL) {
		t.Errorf("stderr %q", got.err)
	}
	w.mustRun(t, user, "list")
	if w.issued() != 2 {
		t.Errorf("%d tokens, want another one without the cache", w.issued())
	}
	err := filepath.WalkDir(user.cache, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The first failure ends a series.
func TestRepeatStops(t *testing.T) {
	w := newWorld(t, statelessServer)
	got := w.run(t, w.user(), "call", "fail", "--repeat=5")
	calls := 0
	for _, asked := range w.asked() {
		if asked == "POST tools/call" {
			calls++
		}
	}
	if got.code != exitTool || calls != 1 {
		t.Errorf("status %d, %d calls", got.code, calls)
	}
}

// A step-up costs one token more, and a refused one is told of with what the issuer
// said.
func TestStepUp(t *testing.T) {
	for _, kind := range []carrierKind{statelessServer, sessionServer, sseServer} {
		w := newWorld(t, kind)
		got := w.mustRun(t, w.user(), "call", "admin", "-v", "--repeat=3")
		if w.issued() != 2 || !strings.Contains(got.err, "token: the server wants more scopes, trying once more with scopes ") || !strings.Contains(got.err, "tool:admin") {
			t.Errorf("%d tokens, stderr %q", w.issued(), got.err)
		}
		got = w.run(t, w.user(), "call", "forbidden", "-v")
		if got.code != exitAuth || !strings.Contains(got.err, "token: step-up refused") {
			t.Errorf("status %d, stderr %q", got.code, got.err)
		}
		if n := strings.Count(strings.Join(w.asked(), ","), "tools/call"); n != 3+1+1 {
			t.Errorf("%d requests for calls: %q", n, w.asked())
		}
	}
}

// A server that wants no token gets none.
func TestOpenServer(t *testing.T) {
	w := newWorld(t, statelessServer)
	w.open = true
	for _, user := range []cli{{environ: []string{"MCP_URL=" + w.url}}, w.user()} {
		w.mustRun(t, user, "call", "echo", "text=a")
	}
	for _, header := range w.headers {
		if header.Get("Authorization") != "" {
			t.Error("it got a token")
		}
	}
	if w.issued() != 0 {
		t.Errorf("%d tokens", w.issued())
	}
}

// A ready-made token is used as it is: no issuer is asked.
func TestStaticToken(t *testing.T) {
	w := newWorld(t, statelessServer)
	w.tokens["ready-made"] = []string{baseScope}
	user := cli{environ: []string{"MCP_URL=" + w.url, "MCP_TOKEN=ready-made"}}
	w.issuer.Close()
	if got := w.mustRun(t, user, "call", "echo", "text=a"); got.out != `{"text":"a"}`+"\n" {
		t.Errorf("stdout %q", got.out)
	}
	got := w.run(t, user, "call", "admin")
	if got.code != exitAuth || oneLine(t, got) != w.url+" refused: insufficient scope (needs mcp:use tool:admin)" {
		t.Errorf("status %d, stderr %q", got.code, got.err)
	}
}

// How the issuer is asked, as the flags say.
func TestTokenRequest(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want map[string]string
	}{
		{"as it comes", nil, map[string]string{"auth": "basic", "grant_type": "client_credentials", "scope": baseScope}},
		{"post", []string{"--auth-method=post"}, map[string]string{"client_id": testClient, "client_secret": testSecret, "auth": ""}},
		{"JSON", []string{"--token-request=json"}, map[string]string{"body": "json", "client_id": testClient, "auth": ""}},
		{"an audience", []string{"--audience=api"}, map[string]string{"audience": "api"}},
		{"scopes", []string{"--scope=tool:admin mcp:use"}, map[string]string{"scope": "tool:admin mcp:use"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, statelessServer)
			w.mustRun(t, w.user(), append([]string{"list"}, tt.args...)...)
			for name, want := range tt.want {
				if got := w.forms[0][name]; got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestToken(t *testing.T) {
	w := newWorld(t, statelessServer)
	got := w.mustRun(t, w.user(), "token", "-v")
	if got.out != "tok-1\n" || !strings.Contains(got.err, "token: a new one from "+w.issuer.URL+" (scopes mcp:use)") {
		t.Errorf("stdout %q, stderr %q", got.out, got.err)
	}
	if asked := w.asked(); !slices.Equal(asked, []string{"GET"}) {
		t.Errorf("asked %q", asked)
	}
	got = w.mustRun(t, w.user(), "token", "-o=json")
	var token struct {
		AccessToken string    `json:"access_token"`
		TokenType   string    `json:"token_type"`
		ExpiresAt   time.Time `json:"expires_at"`
		Scope       string    `json:"scope"`
		Issuer      string    `json:"issuer"`
	}
	if err := json.Unmarshal([]byte(got.out), &token); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(token.ExpiresAt); left < 59*time.Minute || left > time.Hour {
		t.Errorf("it expires at %v", token.ExpiresAt)
	}
	if token.AccessToken != "tok-2" || token.TokenType != "Bearer" || token.Scope != baseScope || token.Issuer != w.issuer.URL {
		t.Errorf("token %+v", token)
	}
	got = w.mustRun(t, cli{environ: []string{"MCP_URL=" + w.url, "MCP_TOKEN=ready"}}, "token", "-v")
	if got.out != "ready\n" || got.err != "token: the one of MCP_TOKEN\n" {
		t.Errorf("stdout %q, stderr %q", got.out, got.err)
	}
	got = w.mustRun(t, cli{environ: []string{"MCP_URL=" + w.url, "MCP_TOKEN=ready"}}, "token", "-o=json")
	if got.out != `{"access_token":"ready","token_type":"Bearer"}`+"\n" {
		t.Errorf("stdout %q", got.out)
	}
}

// Trouble with the issuer is trouble with authorization, not with the network.
func TestIssuerTrouble(t *testing.T) {
	w := newWorld(t, statelessServer)
	good := w.user()
	w.mustRun(t, good, "list")
	w.refuseToken = func(rw http.ResponseWriter) {
		rw.Header().Set("Retry-After", "30")
		w.write(rw, http.StatusTooManyRequests, map[string]string{})
	}
	if got := w.run(t, good, "list"); got.code != exitAuth || oneLine(t, got) != w.issuer.URL+" refused to give a token: status 429 (try again in 30s)" {
		t.Errorf("throttled: status %d, stderr %q", got.code, got.err)
	}
	w.refuseToken = func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusBadGateway) }
	if got := w.run(t, good, "list"); got.code != exitAuth || !strings.HasPrefix(oneLine(t, got), "getting an access token: ") {
		t.Errorf("down: status %d, stderr %q", got.code, got.err)
	}
	w.issuer.Close()
	if got := w.run(t, good, "list"); got.code != exitAuth || !strings.HasPrefix(oneLine(t, got), "getting an access token: ") {
		t.Errorf("gone: status %d, stderr %q", got.code, got.err)
	}
}

// Whose fault it is that nothing comes in time: the issuer's is one of authorization.
func TestSlowIssuer(t *testing.T) {
	w := newWorld(t, statelessServer)
	stop := make(chan struct{})
	w.refuseToken = func(http.ResponseWriter) { <-stop }
	for _, command := range []string{"list", "token"} {
		got := w.run(t, w.user(), command, "--timeout=300ms")
		if text := oneLine(t, got); got.code != exitAuth || text != w.issuer.URL+" gave no token within 300ms (--timeout)" {
			t.Errorf("%s: status %d, stderr %q", command, got.code, text)
		}
	}
	close(stop)
	w = newWorld(t, statelessServer)
	w.mustRun(t, w.user(), "list", "--timeout=20s")
}

// A cache that cannot be used costs money: that is told, once.
func TestCacheTrouble(t *testing.T) {
	w := newWorld(t, statelessServer)
	file := writeFile(t, "in its place")
	got := w.mustRun(t, w.user(), "call", "echo", "text=a", "--repeat=3", "--token-cache-dir", file)
	if n := strings.Count(got.err, "token: cache failed: "); n != 1 || strings.Count(got.err, "\n") != 1 {
		t.Errorf("told %d times: %q", n, got.err)
	}
	stderr := &buffer{}
	p := newProgram(nil, stdio{err: stderr})
	c, err := p.newClient(settings{endpoint: w.url})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.tokenEvent(oauthclient.Event{Kind: oauthclient.CacheFailed, Err: errors.New("no room")})
	}
	if stderr.String() != "token: cache failed: no room\n" {
		t.Errorf("told %q", stderr.String())
	}
	if got := w.mustRun(t, w.user(), "list", "--token-cache-dir", t.TempDir()+"/new"); got.err != "" {
		t.Errorf("of a good one: %q", got.err)
	}
}

func TestList(t *testing.T) {
	w := newWorld(t, statelessServer)
	got := w.mustRun(t, w.user(), "list")
	lines := strings.Split(got.out, "\n")
	if len(lines) != 12 || lines[0] != "NAME        TITLE       DESCRIPTION" || lines[4] != "echo        ECHO        Does echo." {
		t.Errorf("stdout\n%s", got.out)
	}
	user := w.user()
	user.terminal, user.width = true, 40
	got = w.mustRun(t, user, "list")
	if lines = strings.Split(got.out, "\n"); lines[0] != bold+"NAME        TITLE       DESCRIPTION"+reset {
		t.Errorf("on a terminal: %q", lines[0])
	}
	for _, plain := range []cli{user.with("NO_COLOR=1"), user.with("TERM=dumb")} {
		if got = w.mustRun(t, plain, "list"); strings.ContainsRune(got.out, '\x1b') {
			t.Errorf("with %q: %q", plain.environ, got.out)
		}
	}
	if got = w.mustRun(t, user, "list", "--no-color"); strings.ContainsRune(got.out, '\x1b') {
		t.Errorf("with --no-color: %q", got.out)
	}
	got = w.mustRun(t, w.user(), "list", "-o=json")
	var tools []map[string]any
	if err := json.Unmarshal([]byte(got.out), &tools); err != nil {
		t.Fatal(err)
	}
	if len(tools) != 10 || tools[3]["name"] != "echo" || tools[3]["inputSchema"] == nil || tools[3]["title"] != "ECHO" {
		t.Errorf("tools %v", tools)
	}
}

func TestVersion(t *testing.T) {
	if got := (cli{}).run(t.Context(), "version"); got.code != exitOK || !strings.HasPrefix(got.out, "mcpctl ") {
		t.Errorf("status %d, stdout %q", got.code, got.out)
	}
}

// What a list takes of memory is bounded, pages together. So is how many they are.
func TestAllPages(t *testing.T) {
	tests := []struct {
		name  string
		pages int
		page  toolPage
		want  error
	}{
		{"large ones", 4, toolPage{size: maxToolBytes / 3}, nil},
		{"one large one too many", 5, toolPage{size: maxToolBytes / 3}, errEndless},
		{"all pages", maxPages, toolPage{}, nil},
		{"a page too many", maxPages + 1, toolPage{}, errEndless},
		{"all tools", 3, toolPage{tools: make([]tool, maxTools/2)}, nil},
		{"too many tools", 4, toolPage{tools: make([]tool, maxTools/2)}, errEndless},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			all, err := allPages(func(cursor string) (toolPage, error) {
				page := tt.page
				if asked++; asked < tt.pages {
					page.next = cursor + "x"
				}
				return page, nil
			})
			if !errors.Is(err, tt.want) || err == nil && len(all) != tt.pages*len(tt.page.tools) {
				t.Errorf("%d tools, %v, want %v", len(all), err, tt.want)
			}
		})
	}
	raw := jsontext.Value(`{"tools":[null,{"name":"a"}],"_meta":{"it":"counts"}}`)
	page, err := newToolPage(&mcp.ListToolsResult{Tools: []*mcp.Tool{nil, {Name: "a"}}}, raw)
	if err != nil || page.size != len(raw) || len(page.tools) != 1 || page.tools[0].name != "a" {
		t.Errorf("%+v, %v", page, err)
	}
}

// listServer answers server/discover and tools/list, and nothing else.
func listServer(t *testing.T, page func(cursor string) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct{ Cursor string }
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		result := `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}`
		if m.Method == "tools/list" {
			result = page(m.Params.Cursor)
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + result + `}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestOddLists(t *testing.T) {
	const two = `{"name":"a","inputSchema":{"type":"object","title":"2"}}`
	const one = `{"name":"a","inputSchema":{"type":"object","maximum":12345678901234567890}}`
	tests := []struct {
		name string
		page func(cursor string) string
		code int
		out  string // with -o json
		err  string
	}{
		{"numbers and order are the server's", func(string) string { return `{"tools":[` + one + `]}` }, exitOK, "[" + one + "]\n", ""},
		{"two tools of a name", func(string) string { return `{"tools":[` + one + `,` + two + `]}` }, exitOK, "[" + one + "," + two + "]\n", ""},
		{"null for a tool", func(string) string { return `{"tools":[null,` + one + `]}` }, exitOK, "[" + one + "]\n", ""},
		{"none", func(string) string { return `{"tools":[]}` }, exitOK, "[]\n", ""},
		{"the same page for ever", func(string) string { return `{"tools":[],"nextCursor":"x"}` }, exitNetwork, "", "does not end"},
		{"always another page", func(cursor string) string { return `{"tools":[],"nextCursor":"` + cursor + `x"}` }, exitNetwork, "", "does not end"},
		{"no list", func(string) string { return `7` }, exitNetwork, "", "does not answer as an MCP server does"},
		{"a name twice", func(string) string { return `{"tools":[{"name":"a","name":"a","inputSchema":{}}]}` }, exitOK, `[{"inputSchema":{},"name":"a"}]` + "\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := cli{}.run(t.Context(), "list", "-o=json", "--url", listServer(t, tt.page))
			if got.code != tt.code || got.out != tt.out || !strings.Contains(got.err, tt.err) {
				t.Errorf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
			}
		})
	}
	url := listServer(t, func(string) string { return `{"tools":[]}` })
	if got := (cli{}).run(t.Context(), "list", "--url", url); got.code != exitOK || got.out != "" || got.err != url+" lists no tools for this token\n" {
		t.Errorf("none, as text: status %d, stdout %q, stderr %q", got.code, got.out, got.err)
	}
}

// A server that forgets the session.
func TestSessionLost(t *testing.T) {
	w := newWorld(t, sessionServer)
	user := w.user()
	user.base = roundTripper(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(bodyOf(r), `"tools/list"`) {
			return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Request: r}, nil
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	if got := w.run(t, user, "list"); got.code != exitNetwork || oneLine(t, got) != w.url+" has ended the session" {
		t.Errorf("status %d, stderr %q", got.code, got.err)
	}
	w.mustRun(t, w.user(), "list")
}
