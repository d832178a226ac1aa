package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/config"
)

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

// TestChallengeWithoutABaseline: where no scope is needed by everything, none is named
// to a caller without a good token; it goes by scopes_supported.
func TestChallengeWithoutABaseline(t *testing.T) {
	s := start(t)
	metadata := `resource_metadata="` + strings.TrimSuffix(s.mcpURL, "/mcp") + `/.well-known/oauth-protected-resource/mcp"`
	body, header := callBody(modernEra, "probe", "{}")
	for _, tt := range []struct {
		name, authorization, want string
		status                    int
	}{
		{"no token", "", "Bearer " + metadata, http.StatusUnauthorized},
		{"junk", "Bearer junk", `Bearer error="invalid_token", error_description="the access token is not valid here: it is malformed, expired, or not issued for this resource", ` + metadata, http.StatusUnauthorized},
		{"a good token", "Bearer " + s.token(nil), "", http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sent := header
			if tt.authorization != "" {
				sent = with(header, "Authorization", tt.authorization)
			}
			if got := s.send(http.MethodPost, body, sent); got.status != tt.status || got.header.Get("WWW-Authenticate") != tt.want {
				t.Errorf("got %d %q\nwant %d %q", got.status, got.header.Get("WWW-Authenticate"), tt.status, tt.want)
			}
		})
	}
}
