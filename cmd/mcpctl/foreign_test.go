package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

const echoedToken = "opaque-token-0123456789"

// holder has a ready-made token, which the servers here repeat.
func holder(environ ...string) cli {
	return cli{environ: append([]string{"MCP_TOKEN=" + echoedToken}, environ...)}
}

// rpcServer answers each method with what stands after "id" in a response, or with any
// answer at all, if write does not return "".
func rpcServer(t *testing.T, write func(rw http.ResponseWriter, method, sent string) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		var m message
		_ = json.Unmarshal(content, &m)
		sent := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		members := `"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}`
		if m.Method != "server/discover" {
			if members = write(rw, m.Method, sent); members == "" {
				return
			}
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,` + members + `}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Whatever a server says, and in whatever way it repeats the token: stderr does not have
// it, nor a piece of it.
func TestTokenIsStruck(t *testing.T) {
	rpcError := func(text string) string {
		quoted, _ := json.Marshal(text)
		return `"error":{"code":1,"message":` + string(quoted) + `}`
	}
	tests := []struct {
		name  string
		write func(rw http.ResponseWriter, method, sent string) string
		want  string // on stderr
	}{
		{"an error", func(_ http.ResponseWriter, _, sent string) string { return rpcError("you sent " + sent) }, "answered with an error: you sent *** (code 1)"},
		{"with a colour in the token", func(_ http.ResponseWriter, _, sent string) string {
			return rpcError(sent[:5] + "\x1b[31m" + sent[5:])
		}, "answered with an error: *** (code 1)"},
		{"where the text is cut", func(_ http.ResponseWriter, _, sent string) string {
			return rpcError(strings.Repeat("x", maxLine-10) + sent)
		}, "xxx***"},
		{"a 401", func(rw http.ResponseWriter, _, sent string) string {
			rw.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="not `+sent+`"`)
			rw.WriteHeader(http.StatusUnauthorized)
			return ""
		}, "refused the token of MCP_TOKEN: invalid_token: not ***"},
		{"a 403", func(rw http.ResponseWriter, _, sent string) string {
			rw.WriteHeader(http.StatusForbidden)
			_, _ = rw.Write([]byte(`{"error":{"message":"not ` + sent + `","data":{"missing":["` + sent + `"]}}}`))
			return ""
		}, "refused: not ***"},
		{"a redirect", func(rw http.ResponseWriter, _, sent string) string {
			rw.Header().Set("Location", "https://elsewhere.example/"+sent)
			rw.WriteHeader(http.StatusFound)
			return ""
		}, "sends on to https://elsewhere.example/***"},
		{"the text of a failed tool", func(_ http.ResponseWriter, method, sent string) string {
			if method == "tools/call" {
				return `"result":{"isError":true,"content":[{"type":"text","text":"first\nthen ` + sent + `"}]}`
			}
			return `"result":{"tools":[{"name":"a","inputSchema":{"type":"object"}}]}`
		}, "a failed: first\n  then ***"},
		{"a name in a schema", func(_ http.ResponseWriter, _, sent string) string {
			return `"result":{"tools":[{"name":"a","inputSchema":{"required":["` + strings.Repeat("x", maxLine-30) + sent + `"]}}]}`
		}, "a needs xxx"},
		{"a name of a tool", func(_ http.ResponseWriter, method, sent string) string {
			if method == "tools/call" {
				return rpcError("no such tool")
			}
			return `"result":{"tools":[{"name":"b` + sent + `","inputSchema":{"type":"object"}}]}`
		}, "no such tool (code 1); the server lists b***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := holder().run(t.Context(), "call", "a", "--url", rpcServer(t, tt.write), "-v")
			if got.code == exitOK || !strings.Contains(got.err, tt.want) {
				t.Errorf("status %d, stderr %q, want %q", got.code, got.err, tt.want)
			}
			if strings.Contains(got.out+got.err, echoedToken[:6]) {
				t.Errorf("a piece of the token shows: %q, %q", got.out, got.err)
			}
		})
	}
	t.Run("the output is as it was sent", func(t *testing.T) {
		url := rpcServer(t, func(_ http.ResponseWriter, _, sent string) string {
			return `"result":{"content":[{"type":"text","text":"` + sent + `"}]}`
		})
		if got := holder().run(t.Context(), "call", "a", "--json={}", "--url", url); got.out != echoedToken+"\n" || got.code != exitOK {
			t.Errorf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
		}
	})
}

// The token does not go to who runs the model either, in no form that Printable or JSON
// would make one of.
func TestTokenIsStruckForTheModel(t *testing.T) {
	url := rpcServer(t, func(_ http.ResponseWriter, method, sent string) string {
		if method == "tools/call" {
			return `"result":{"content":[{"type":"text","text":"it is \u001b[1m` + sent + `"}],"structuredContent":{"x":"` + sent + `"}}`
		}
		escaped := fmt.Sprintf(`\u%04x`, sent[0]) + sent[1:]
		return `"result":{"tools":[
			{"name":"a","title":"` + sent + `","description":"say ` + sent + `","inputSchema":{"type":"object","title":"` + escaped + `"}},
			{"name":"b","title":"b ` + sent + `","inputSchema":{"type":"object","title":"as it is"}},
			{"name":"c` + sent + `","inputSchema":{"type":"object"}}]}`
	})
	m := newModel(t, calls("a", `{}`), says("Done."))
	user := holder("OPENAI_BASE_URL="+m.server.URL+"/v1", "OPENAI_API_KEY=hidden-key")
	got := user.run(t.Context(), "ask", "Why?", "-v", "--url", url)
	if got.code != exitOK || got.out != "Done.\n" || !strings.Contains(got.err, "a tool whose name holds the token") {
		t.Fatalf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
	}
	all := strings.Join(append(m.tools, m.asked...), "\n")
	if strings.Contains(all, echoedToken[1:]) {
		t.Errorf("the model's provider got %s", all)
	}
	for _, want := range []string{"say ***", "b ***", "it is ***", `{\"x\":\"***\"}`, "as it is"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
}

// net/http quotes what is no HTTP. That, too, is the server's.
func TestMalformedAnswers(t *testing.T) {
	const fine = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\nX: %s\r\n\r\n"
	tests := []struct{ name, answer, want string }{
		{"a status", "HTTP/1.1 %s\r\n\r\n", "the answer is not HTTP"},
		{"a header", "HTTP/1.1 200 OK\r\n%s\r\n\r\n", "the answer is not HTTP"},
		{"a protocol", "%s 200 OK\r\n\r\n", "the answer is not HTTP"},
		{"a length", "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", "the connection failed"},
		{"nothing", "%.0s", "the connection was closed without an answer"},
		{"the twin", fine, "answered 404 Not Found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // what is not read would reset the connection
				conn, _, err := http.NewResponseController(rw).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				_, _ = fmt.Fprintf(conn, tt.answer, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			}))
			defer server.Close()
			got := holder().run(t.Context(), "list", "--url", server.URL, "--transport=streamable")
			if text := oneLine(t, got); got.code != exitNetwork || !strings.Contains(text, tt.want) || strings.Contains(text, echoedToken[:6]) {
				t.Errorf("status %d, %q, want %q", got.code, text, tt.want)
			}
		})
	}
}
