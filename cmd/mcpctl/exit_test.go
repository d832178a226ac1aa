package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

// Each exit status stands beside the same command line without the fault.
func TestExitStatus(t *testing.T) {
	w := newWorld(t, statelessServer)
	good := w.user()
	nowhere := cli{environ: []string{"MCP_URL=http://" + closedPort(t) + "/mcp", "MCP_CLIENT_ID=" + testClient, "MCP_CLIENT_SECRET=" + testSecret}}
	anonymous := cli{environ: []string{"MCP_URL=" + w.url}}
	stranger := cli{environ: []string{"MCP_URL=" + w.url, "MCP_CLIENT_ID=" + testClient, "MCP_CLIENT_SECRET=wrong"}}
	tests := []struct {
		name     string
		user     cli
		args     []string
		code     int
		text     string
		twin     []string // the command line without the fault; nil: the same one
		twinUser *cli
	}{
		{"an unknown flag", good, []string{"list", "--nope"}, exitUsage, "unknown flag: --nope", []string{"list"}, nil},
		{"an unknown command", good, []string{"lsit"}, exitUsage, `unknown command "lsit" for "mcpctl" Did you mean this? list`, []string{"list"}, nil},
		{"no tool", good, []string{"call"}, exitUsage, "requires at least 1 arg(s), only received 0", []string{"call", "both"}, nil},
		{"an argument too many", good, []string{"list", "x"}, exitUsage, `unknown command "x" for "mcpctl list"`, []string{"list"}, nil},
		{"an unknown property", good, []string{"call", "echo", "text=a", "txt=a"}, exitUsage, "there is no property txt: known are count, list, text", []string{"call", "echo", "text=a"}, nil},
		{"a missing property", good, []string{"call", "echo"}, exitUsage, "echo needs text=STRING", []string{"call", "echo", "text=a"}, nil},
		{"a wrong type", good, []string{"call", "echo", "text=a", "count=0123"}, exitUsage, `count is "0123": it must be integer`, []string{"call", "echo", "text=a", "count=123"}, nil},
		{"malformed JSON", good, []string{"call", "echo", "--json", `{"text":"a"`}, exitUsage, "--json: not one valid JSON value", []string{"call", "echo", "--json", `{"text":"a"}`}, nil},
		{"a repeat of nothing", good, []string{"call", "both", "--repeat", "0"}, exitUsage, "--repeat is 0: it must be at least 1", []string{"call", "both", "--repeat", "1"}, nil},

		{"help with what is not there", good, []string{"help", "nosuch"}, exitUsage, `unknown command "nosuch" for "mcpctl"`, []string{"help", "call"}, nil},
		{"help with an argument", good, []string{"help", "call", "x"}, exitUsage, `there is no command "x" to help with`, []string{"help", "completion", "zsh"}, nil},
		{"completion for no shell", good, []string{"completion", "zzz"}, exitUsage, `unknown command "zzz" for "mcpctl completion"`, []string{"completion", "zsh"}, nil},

		{"no credentials", anonymous, []string{"list"}, exitAuth, w.url + " wants an access token: set MCP_CLIENT_ID and MCP_CLIENT_SECRET, or MCP_TOKEN", nil, &good},
		{"no credentials for a token", anonymous, []string{"token"}, exitAuth, "there are no client credentials: set MCP_CLIENT_ID and MCP_CLIENT_SECRET", nil, &good},
		{"refused credentials", stranger, []string{"list"}, exitAuth, w.issuer.URL + " refused to give a token: invalid_client: who are you? (check MCP_CLIENT_ID and MCP_CLIENT_SECRET)", nil, &good},
		{"a scope that is not granted", good, []string{"list", "--scope", "tool:nope"}, exitAuth, w.issuer.URL + " refused to give a token: invalid_scope: not for you: tool:nope (ask for other scopes with --scope, or have them granted to this client)", []string{"list", "--scope", "tool:admin"}, nil},
		{"a token of another issuer", cli{environ: []string{"MCP_URL=" + w.url, "MCP_TOKEN=foreign"}}, []string{"list"}, exitAuth, w.url + " refused the token of MCP_TOKEN: invalid_token: the token is not one of ours", nil, &good},
		{"another issuer than the server's", good, []string{"list", "--issuer", "http://127.0.0.1:1"}, exitAuth, "getting an access token: the server does not list this issuer", []string{"list", "--issuer", w.issuer.URL}, nil},
		{"a step-up that is refused", good, []string{"call", "forbidden"}, exitAuth, w.url + " refused: insufficient scope (needs " + baseScope + " tool:forbidden); " + w.issuer.URL + " refused a token with it: invalid_scope: not for you: tool:forbidden", []string{"call", "admin"}, nil},
		{"a final 403", good, []string{"call", "doomed"}, exitAuth, w.url + " refused: not granted to this client (needs role:chief); asking for another token will not help: have it granted to this client", []string{"call", "admin"}, nil},

		{"an unknown tool", good, []string{"call", "ecko", "text=a"}, exitTool, `the server answered with an error: unknown tool "ecko" (code -32602); the server lists admin, both, doomed, echo, fail, forbidden, sleep, step, structured, wants`, []string{"call", "echo", "text=a"}, nil},

		{"a tool that asks back", good, []string{"call", "wants"}, exitTool, "wants asks for input during the call, which mcpctl does not give", []string{"call", "both"}, nil},
		{"ways to send a secret that exclude each other", good, []string{"list", "--auth-method=basic", "--token-request=json"}, exitUsage, "authorization: client: the JSON body holds the credentials", []string{"list", "--auth-method=post", "--token-request=json"}, nil},

		{"nobody there", nowhere, []string{"list"}, exitNetwork, "cannot reach " + strings.TrimPrefix(nowhere.environ[0], "MCP_URL=") + ": ", nil, &good},
		{"nobody there, for a token", nowhere, []string{"token"}, exitNetwork, "cannot reach ", nil, &good},
		{"too slow", good, []string{"call", "sleep", "--timeout", "300ms"}, exitNetwork, w.url + " gave no answer within 300ms (--timeout)", []string{"call", "both", "--timeout", "30s"}, nil},
		{"not an MCP server", cli{environ: []string{"MCP_URL=" + w.issuer.URL + "/elsewhere"}}, []string{"list"}, exitNetwork, w.issuer.URL + "/elsewhere answered 404 Not Found: is it the address of an MCP server?", nil, &good},

		{"no key for the model", good, []string{"ask", "why?"}, exitUsage, "no key for the model's API: set OPENAI_API_KEY (and OPENAI_BASE_URL for Ollama, vLLM and others", []string{"list"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := w.run(t, tt.user, tt.args...)
			if got.code != tt.code {
				t.Fatalf("status %d, want %d: %q", got.code, tt.code, got.err)
			}
			if text := oneLine(t, got); !strings.HasPrefix(text, tt.text) || got.out != "" {
				t.Errorf("stdout %q, stderr\n%q, want\n%q", got.out, text, tt.text)
			}
			twin, user := tt.args, tt.user
			if tt.twin != nil {
				twin = tt.twin
			}
			if tt.twinUser != nil {
				user = *tt.twinUser
			}
			w.mustRun(t, user, twin...)
		})
	}
}

// closedPort is an address that nobody listens at.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// What the tool says goes to stderr as it is, without what would move a cursor.
func TestToolError(t *testing.T) {
	w := newWorld(t, statelessServer)
	got := w.run(t, w.user(), "call", "fail")
	if got.code != exitTool || got.err != "mcpctl: fail failed: the disk is full\n  free some\n" || got.out != "" {
		t.Errorf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
	}
	got = w.run(t, w.user(), "call", "fail", "-o", "json")
	if got.code != exitTool || !strings.Contains(got.out, `"isError":true`) {
		t.Errorf("as JSON: status %d, stdout %q", got.code, got.out)
	}
}

// What a tool says of its failure is bounded, and none of its lines looks like ours.
func TestBlock(t *testing.T) {
	c := newConsole(stdio{}, false)
	for _, tt := range []struct{ name, text, want string }{
		{"a line", " a\n", "a"},
		{"a forged line", "no\nmcpctl: done\r\n\x1b[31mred", "no\n  mcpctl: done\n  red"},
		{"long", strings.Repeat("x", maxBlock+1), strings.Repeat("x", maxBlock) + " …"},
		{"not too long", strings.Repeat("x", maxBlock), strings.Repeat("x", maxBlock)},
	} {
		if got := c.block(tt.text); got != tt.want {
			t.Errorf("%s: %.50q, want %.50q", tt.name, got, tt.want)
		}
	}
}

// Whoever forgets to strike a text has it struck all the same.
func TestConsoleStrikes(t *testing.T) {
	out := &buffer{}
	c := newConsole(stdio{err: out}, false)
	c.set(true, false)
	c.warn("a %s", testSecret) // nothing is known of it yet
	c.guard(func(text string) string { return strings.ReplaceAll(text, testSecret, "***") })
	c.note("b %s", testSecret)
	c.warn("c %s", testSecret)
	c.fail(failf(exitOther, "d %s", testSecret))
	c.bar("e " + testSecret)
	if want := "a " + testSecret + "\nb ***\nc ***\nmcpctl: d ***\ne ***"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// Ctrl-C ends the program also while it reads what does not come. The twin is TestCall,
// where it comes.
func TestInterruptedWhileReading(t *testing.T) {
	for _, args := range [][]string{{"call", "tool", "-"}, {"call", "tool", "--json", "-"}, {"call", "tool", "@-"}} {
		ctx, interrupt := context.WithCancel(t.Context())
		in, out := io.Pipe()
		defer out.Close()
		stderr := &buffer{}
		p := newProgram([]string{"MCP_URL=http://127.0.0.1:1"}, stdio{in: readerFunc(func(b []byte) (int, error) {
			interrupt()
			return in.Read(b)
		}), out: &buffer{}, err: stderr, width: func() int { return 0 }})
		if code := p.run(ctx, args); code != exitInterrupted || stderr.String() != "mcpctl: interrupted\n" {
			t.Errorf("%q: status %d, stderr %q", args, code, stderr.String())
		}
	}
}

// So it does while a setting waits for a named pipe, of which --dev's file may be one. The
// twin is TestDev.
func TestInterruptedWhileSettling(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	stderr := &buffer{}
	p := newProgram(nil, stdio{out: &buffer{}, err: stderr, width: func() int { return 0 }})
	p.devState = func() (string, error) {
		interrupt()
		select {} // nobody ever writes there
	}
	if code := p.run(ctx, []string{"--dev", "list"}); code != exitInterrupted || stderr.String() != "mcpctl: interrupted\n" {
		t.Errorf("status %d, stderr %q", code, stderr.String())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// A fault of the program is told in its own words, and more of it only with -v.
func TestCrash(t *testing.T) {
	user := cli{
		environ: []string{"MCP_URL=http://127.0.0.1:1", "MCP_CLIENT_ID=a", "MCP_CLIENT_SECRET=" + testSecret},
		base:    roundTripper(func(*http.Request) (*http.Response, error) { panic("index of " + testSecret) }),
	}
	const text = "mcpctl: internal error: please report it, with what -v says\n"
	got := user.run(t.Context(), "token")
	if got.code != exitOther || got.err != text || got.out != "" {
		t.Errorf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
	}
	got = user.run(t.Context(), "token", "-v")
	if got.code != exitOther || !strings.Contains(got.err, "index of ***\n") || !strings.Contains(got.err, ".go:") || strings.Contains(got.err, testSecret) {
		t.Errorf("with -v: status %d, stderr %q", got.code, got.err)
	}
}

func TestInterrupted(t *testing.T) {
	w := newWorld(t, statelessServer)
	for _, args := range [][]string{{"call", "sleep"}, {"call", "sleep", "--protocol", "legacy"}} {
		ctx, interrupt := context.WithCancel(t.Context())
		called := make(chan struct{})
		user := w.user()
		user.base = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") != "" && strings.Contains(bodyOf(r), `"sleep"`) {
				close(called)
			}
			return http.DefaultTransport.RoundTrip(r)
		})
		go func() {
			<-called
			interrupt()
		}()
		got := user.run(ctx, args...)
		if got.code != exitInterrupted || got.err != "mcpctl: interrupted\n" {
			t.Errorf("%q: status %d, stderr %q", args, got.code, got.err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// bodyOf reads a request's body and leaves it there.
func bodyOf(r *http.Request) string {
	if r.GetBody == nil {
		return ""
	}
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	content, err := readAll(body, "body", maxInput)
	if err != nil {
		return ""
	}
	return string(content)
}

// A server's odd answers are trouble with the network, in a line that says what to do.
func TestOddServers(t *testing.T) {
	huge := strings.Repeat(" ", maxAnswer+1)
	tests := []struct {
		name   string
		handle http.HandlerFunc
		want   string
	}{
		{"a redirect", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://elsewhere.example/mcp?key=hidden", http.StatusPermanentRedirect)
		}, "sends on to https://elsewhere.example/mcp: redirects are not followed, set MCP_URL to where it is"},
		{
			"down", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) },
			"answered 502 Bad Gateway: try again later",
		},
		{"a web page", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = rw.Write([]byte("<html>\x1b[2J"))
		}, `does not answer as an MCP server does: `},
		{
			"another status for everything", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusTeapot) },
			"answered 418 I'm a teapot: is it the address of an MCP server?",
		},
		{"an answer without end", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "application/json")
			_, _ = rw.Write([]byte(huge))
		}, "does not answer as an MCP server does: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.handle)
			defer server.Close()
			got := cli{}.run(t.Context(), "list", "--url", server.URL+"/mcp?key=hidden", "--timeout", "20s")
			text := oneLine(t, got)
			if got.code != exitNetwork || !strings.HasPrefix(text, server.URL+"/mcp "+tt.want) || strings.Contains(text, "hidden") {
				t.Errorf("status %d, stderr\n%q, want\n%q", got.code, text, tt.want)
			}
		})
	}
	t.Run("a certificate that nobody knows", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		server.StartTLS()
		defer server.Close()
		got := cli{}.run(t.Context(), "list", "--url", server.URL)
		if text := oneLine(t, got); got.code != exitNetwork || !strings.Contains(text, "certificate") {
			t.Errorf("status %d, stderr %q", got.code, text)
		}
	})
	t.Run("silence", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that the client goes
			<-r.Context().Done()
		}))
		defer server.Close()
		start := time.Now()
		got := cli{}.run(t.Context(), "list", "--url", server.URL, "--timeout", "100ms")
		if text := oneLine(t, got); got.code != exitNetwork || !strings.Contains(text, "gave no answer within 100ms") {
			t.Errorf("status %d, stderr %q", got.code, text)
		}
		if time.Since(start) > 5*time.Second {
			t.Error("it took longer than the timeout")
		}
	})
}

// A result that cannot be written is an error, not a silent success.
func TestFullDisk(t *testing.T) {
	w := newWorld(t, statelessServer)
	p := newProgram(w.user().environ, stdio{out: fullDisk{}, err: &buffer{}, width: func() int { return 0 }})
	if code := p.run(t.Context(), []string{"list"}); code != exitOther {
		t.Errorf("status %d, want %d", code, exitOther)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "a b", "a b"},
		{"lines", "a\n\n b\tc\r\n", "a b c"},
		{"escape sequences", "a\x1b[31mb\x1b]0;title\x07c\u202ed", "abcd"},
		{"long", strings.Repeat("ä", maxLine), strings.Repeat("ä", maxLine/2) + " …"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := line(tt.text); got != tt.want {
				t.Errorf("line(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// What else a 403 may look like. The twins are in TestExitStatus.
func TestForbidden(t *testing.T) {
	tests := []struct {
		name, challenge, body string
		want                  string
	}{
		{"nothing", "", "", "refused: 403 Forbidden"},
		{"a description", `Bearer error="insufficient_scope", error_description="not on Sundays"`, "", "refused: not on Sundays"},
		{"a challenge", `Bearer error="insufficient_scope", scope="a b"`, "", "refused: 403 Forbidden (needs a b)"},
		{"a body of another kind", "", `{"detail":"no"}`, "refused: 403 Forbidden"},
		{"scopes that the text names", "", `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"needs a and b","data":{"missing":["a","b"]}}}`, "refused: needs a and b"},
		{"a long story", "", `{"error":{"message":"` + strings.Repeat("no ", 1000) + `"}}`, "refused: " + strings.Repeat("no ", 10)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				if tt.challenge != "" {
					rw.Header().Set("WWW-Authenticate", tt.challenge)
				}
				rw.WriteHeader(http.StatusForbidden)
				_, _ = rw.Write([]byte(tt.body))
			}))
			defer server.Close()
			got := cli{environ: []string{"MCP_TOKEN=abc"}}.run(t.Context(), "list", "--url", server.URL)
			if text := oneLine(t, got); got.code != exitAuth || !strings.HasPrefix(text, server.URL+" "+tt.want) || len(text) > 2*maxLine {
				t.Errorf("status %d, %q, want %q", got.code, text, tt.want)
			}
		})
	}
}

func TestRefusalHint(t *testing.T) {
	tests := []struct {
		err  oauthclient.TokenError
		want string
	}{
		{oauthclient.TokenError{Status: 401, Code: "invalid_client"}, "invalid_client (check MCP_CLIENT_ID and MCP_CLIENT_SECRET)"},
		{oauthclient.TokenError{Status: 403, Code: "access_denied", Description: "Service not found"}, "access_denied: Service not found (this client must be allowed to use the API with client credentials)"},
		{oauthclient.TokenError{Status: 400, Code: "unauthorized_client"}, "unauthorized_client (this client must be allowed to use the API with client credentials)"},
		{oauthclient.TokenError{Status: 400, Code: "invalid_target"}, "invalid_target (check MCP_AUDIENCE)"},
		{oauthclient.TokenError{Status: 429, RetryAfter: time.Minute}, "status 429 (try again in 1m0s)"},
		{oauthclient.TokenError{Status: 400, Code: "invalid_request"}, "invalid_request"},
	}
	for _, tt := range tests {
		if got := refusalText(&tt.err) + refusalHint(&tt.err); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestErrorColour(t *testing.T) {
	for _, tt := range []struct {
		name string
		user cli
		want string
	}{
		{"a terminal", cli{terminal: true}, red + "mcpctl:" + reset + " "},
		{"NO_COLOR", cli{terminal: true, environ: []string{"NO_COLOR=1"}}, "mcpctl: "},
		{"no terminal", cli{}, "mcpctl: "},
	} {
		if got := tt.user.run(t.Context(), "list"); !strings.HasPrefix(got.err, tt.want) {
			t.Errorf("%s: %q", tt.name, got.err)
		}
	}
}
