package main

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
)

// route is one way into the endpoint.
type route struct {
	name   string
	method string
	body   string
	header map[string]string
	good   int // the status with a good token
}

func routes(session string) []route {
	modernBody, modernHeader := callBody(modernEra, "probe", "{}")
	legacyBody, legacyHeader := callBody(legacyEra, "probe", "{}")
	legacyHeader = with(legacyHeader, "Mcp-Session-Id", session)
	return []route{
		{"modern POST", http.MethodPost, modernBody, modernHeader, http.StatusOK},
		{"legacy POST", http.MethodPost, legacyBody, legacyHeader, http.StatusOK},
		{"GET", http.MethodGet, "", map[string]string{"Accept": "text/event-stream"}, http.StatusBadRequest},
		{"DELETE", http.MethodDelete, "", nil, http.StatusBadRequest},
		{"PUT", http.MethodPut, "{}", nil, http.StatusMethodNotAllowed},
		{"HEAD", http.MethodHead, "", nil, http.StatusMethodNotAllowed},
		{"an unknown method", "FROBNICATE", "", nil, http.StatusMethodNotAllowed},
	}
}

// TestBadTokens: whatever is wrong with a token, on whatever way in, the answer
// is the same challenge, no tool runs, and the log says why without saying what.
// Each route's twin is the good token of the last row.
func TestBadTokens(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Auth.RequiredScopes = []string{"tool:whoami"} })
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(keyID string) string {
		raw, err := s.issuer.Mint(devauth.MintSpec{Claims: s.issuer.Claims(clientID, []string{s.mcpURL}, allScopes()), Key: foreign, KeyID: keyID})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good := s.mint(nil)
	session := s.openSession(good)
	metadata := `resource_metadata="` + strings.TrimSuffix(s.mcpURL, "/mcp") + `/.well-known/oauth-protected-resource/mcp"`
	const invalid = `Bearer error="invalid_token", error_description="the access token is not valid here: it is malformed, expired, or not issued for this resource", scope="tool:whoami", `

	for _, tt := range []struct {
		name, authorization string
		status              int
		challenge           string
		reason              string
	}{
		{"no token", "", 401, `Bearer scope="tool:whoami", ` + metadata, "missing"},
		{"another scheme", "Basic YWdlbnQ6c2VjcmV0", 401, `Bearer scope="tool:whoami", ` + metadata, "missing"},
		{"junk", "Bearer junk", 401, invalid + metadata, "malformed"},
		{"wrong audience", "Bearer " + s.mint(func(c map[string]any) { c["aud"] = s.mcpURL + "/other" }), 401, invalid + metadata, "audience"},
		{"wrong issuer", "Bearer " + s.mint(func(c map[string]any) { c["iss"] = "https://evil.example/" }), 401, invalid + metadata, "issuer"},
		{"issuer without its slash", "Bearer " + s.mint(func(c map[string]any) { c["iss"] = strings.TrimSuffix(s.issuer.Issuer(), "/") }), 401, invalid + metadata, "issuer"},
		{"expired", "Bearer " + s.mint(func(c map[string]any) { c["exp"] = s.clock.now().Add(-time.Minute).Unix() }), 401, invalid + metadata, "expired"},
		{"foreign key under a good key id", "Bearer " + forge(s.issuer.KeyID()), 401, invalid + metadata, "signature"},
		{"foreign key under its own key id", "Bearer " + forge(""), 401, invalid + metadata, "unknown_kid"},
		{"good", "Bearer " + good, 0, "", ""},
	} {
		for _, r := range routes(session) {
			t.Run(tt.name+"/"+r.name, func(t *testing.T) {
				before := s.probed.Load()
				header := r.header
				if tt.authorization != "" {
					header = with(header, "Authorization", tt.authorization)
				}
				got := s.send(r.method, r.body, header)
				if tt.status == 0 { // the twin
					if got.status != r.good || got.header.Get("WWW-Authenticate") != "" {
						t.Fatalf("the good token got %d %s", got.status, got.body)
					}
					return
				}
				// Only the first unknown key ids are looked up; then it cannot be said.
				if tt.reason == "unknown_kid" && got.status == http.StatusServiceUnavailable {
					t.Fatalf("a key id that was shown to be absent got 503")
				}
				if got.status != tt.status || got.header.Get("WWW-Authenticate") != tt.challenge {
					t.Errorf("got %d %q\nwant %d %q", got.status, got.header.Get("WWW-Authenticate"), tt.status, tt.challenge)
				}
				if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Request-Id") == "" {
					t.Errorf("header: %v", got.header)
				}
				if s.probed.Load() != before {
					t.Error("the tool ran")
				}
				eventually(t, "the request is logged", func() bool { return strings.Contains(s.logs.String(), got.header.Get("X-Request-Id")) })
				if line := logLine(s.logs.String(), got.header.Get("X-Request-Id")); !strings.Contains(line, `"reason":"`+tt.reason+`"`) {
					t.Errorf("logged: %s", line)
				}
				assertSecret(t, tt.authorization, got, s.logs.String())
			})
		}
	}
	if s.probed.Load() != 2 {
		t.Errorf("the tool ran %d times, want twice: for the good token, once in each era", s.probed.Load())
	}
}

// logLine returns the line that holds the request id.
func logLine(logs, id string) string {
	for line := range strings.Lines(logs) {
		if strings.Contains(line, id) {
			return line
		}
	}
	return ""
}

// assertSecret checks that no part of a credential stands in an answer or the log.
func assertSecret(t *testing.T, authorization string, a answer, logs string) {
	t.Helper()
	_, token, _ := strings.Cut(authorization, " ")
	for part := range strings.SplitSeq(token, ".") {
		if len(part) < 12 {
			continue
		}
		var all strings.Builder
		_ = a.header.Write(&all)
		if strings.Contains(a.body+all.String()+logs, part) {
			t.Errorf("a part of the credential is in the answer or the log")
		}
	}
}

// TestInsufficientScope: 403 names all scopes of the operation at once, with the
// request's own id, in both eras; the twin has the scopes.
func TestInsufficientScope(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Auth.RequiredScopes = []string{"tool:whoami"} })
	metadata := `resource_metadata="` + strings.TrimSuffix(s.mcpURL, "/mcp") + `/.well-known/oauth-protected-resource/mcp"`
	const describe = `Bearer error="insufficient_scope", error_description="the access token lacks a scope that this operation needs", `
	session := s.openSession(s.token(nil))
	for _, era := range bothEras {
		for _, tt := range []struct {
			name, tool string
			scope      url.Values
			want       string // the scopes in the challenge, "" for the twin
		}{
			{"nothing held", "probe", url.Values{"scope": {"tool:calculate_bmi"}}, "tool:whoami tool:probe"},
			{"one of two held", "probe", url.Values{"scope": {"tool:whoami"}}, "tool:whoami tool:probe"},
			{"the baseline is missing for a list, too", "", url.Values{"scope": {"tool:probe"}}, "tool:whoami"},
			{"an unknown tool without the baseline", "nonesuch", url.Values{"scope": {"tool:probe"}}, "tool:whoami"},
			{"both held", "probe", url.Values{"scope": {"tool:whoami tool:probe"}}, ""},
		} {
			t.Run(era+"/"+tt.name, func(t *testing.T) {
				body, header := callBody(era, tt.tool, "{}")
				if tt.tool == "" {
					body = strings.Replace(body, `"method":"tools/call"`, `"method":"tools/list"`, 1)
				}
				if era == legacyEra {
					header = with(header, "Mcp-Session-Id", session)
				}
				before := s.probed.Load()
				got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+s.token(tt.scope)))
				if tt.want == "" {
					if got.status != http.StatusOK {
						t.Errorf("the twin got %d %s", got.status, got.body)
					}
					return
				}
				if got.status != http.StatusForbidden {
					t.Fatalf("got %d %s", got.status, got.body)
				}
				if want := describe + `scope="` + tt.want + `", ` + metadata; got.header.Get("WWW-Authenticate") != want {
					t.Errorf("challenge %q\nwant      %q", got.header.Get("WWW-Authenticate"), want)
				}
				want := `{"jsonrpc":"2.0","id":7,"error":{"code":-32003,"message":"insufficient scope: this operation needs ` + tt.want +
					`; request these scopes, or have an administrator grant them to the client","data":{"required_scopes":["` +
					strings.ReplaceAll(tt.want, " ", `","`) + "\"]}}}\n"
				if got.body != want {
					t.Errorf("body %s\nwant %s", got.body, want)
				}
				if s.probed.Load() != before {
					t.Error("the tool ran")
				}
			})
		}
	}
}

// TestClockSkew: a token lives 30 s longer than its exp, in both eras, and not a
// second more. The SDK would judge expiry again, by its own clock.
func TestClockSkew(t *testing.T) {
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			s := start(t)
			token := s.token(nil) // for an hour
			session := s.mustConnect(era, token)
			opened := s.openSession(token)
			s.clock.advance(time.Hour + 29*time.Second)
			if _, err := session.ListTools(t.Context(), nil); err != nil {
				t.Errorf("at exp+29 s: %v", err)
			}
			body, header := callBody(era, "probe", "{}")
			header = with(header, "Authorization", "Bearer "+token)
			if era == legacyEra {
				header = with(header, "Mcp-Session-Id", opened)
			}
			if got := s.send(http.MethodPost, body, header); got.status != http.StatusOK {
				t.Errorf("at exp+29 s: %d", got.status)
			}
			s.clock.advance(2 * time.Second)
			if got := s.send(http.MethodPost, body, header); got.status != http.StatusUnauthorized {
				t.Errorf("at exp+31 s: %d", got.status)
			}
			if _, err := session.ListTools(t.Context(), nil); err == nil {
				t.Error("at exp+31 s the session still answers")
			}
		})
	}
}

// TestForeignSession: another caller's session and one that does not exist get
// the same answer, byte for byte; the owner's own works.
func TestForeignSession(t *testing.T) {
	s := start(t)
	mine := s.mint(func(c map[string]any) { c["sub"] = "owner" })
	theirs := s.mint(func(c map[string]any) { c["sub"] = "thief" })
	session := s.mustConnect(legacyEra, mine)
	id := session.ID()

	list := `{"jsonrpc":"2.0","id":7,"method":"tools/list"}`
	header := map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": legacyEra}
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		t.Run(method, func(t *testing.T) {
			body := ""
			if method == http.MethodPost {
				body = list
			}
			send := func(token, id string) answer {
				return s.send(method, body, with(with(header, "Authorization", "Bearer "+token), "Mcp-Session-Id", id))
			}
			foreign, none := send(theirs, id), send(theirs, "NOSUCHSESSION")
			for _, a := range []answer{foreign, none} {
				a.header.Del("X-Request-Id")
				a.header.Del("Date")
			}
			var f, n strings.Builder
			_, _ = foreign.header.Write(&f), none.header.Write(&n)
			if foreign.status != http.StatusNotFound || foreign.body != none.body || f.String() != n.String() {
				t.Errorf("foreign: %d %s %s\nnone: %d %s %s", foreign.status, foreign.body, f.String(), none.status, none.body, n.String())
			}
		})
	}
	if got := s.send(http.MethodPost, list, with(with(header, "Authorization", "Bearer "+mine), "Mcp-Session-Id", id)); got.status != http.StatusOK {
		t.Errorf("the owner got %d %s", got.status, got.body)
	}
}
