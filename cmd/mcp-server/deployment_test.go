package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestWholeDeploymentInOneLine: a server for a team's own issuer, which has neither
// metadata nor a key set but one key, writes no kid, lists scopes in an array and
// numbers its clients. It is eight variables, as one `docker run -e …` has them, and
// nobody is ever asked for a key.
func TestWholeDeploymentInOneLine(t *testing.T) {
	issuer := startKeyServer(t) // it has nothing to give, and counts
	addr := freeAddr(t)
	mcpURL := "http://" + addr + "/mcp"
	public := publicPEM(ownRSA().Public()) // as $(cat key.pem) gives it
	environ := []string{
		"MCPRS_HTTP_ADDR=" + addr,
		"MCPRS_AUTH_ISSUER=" + issuer.url + "/",
		"MCPRS_AUTH_AUDIENCE=" + mcpURL,
		"MCPRS_AUTH_PUBLIC_KEY=" + strings.TrimSpace(public),
		"MCPRS_AUTH_ALLOWED_CLIENTS=1,2,3",
		"MCPRS_AUTH_SCOPE_CLAIMS=scopes",
		"MCPRS_AUTH_REQUIRED_SCOPES=client_super",
		"MCPRS_ACCESS_DEFAULT=authenticated",
	}
	_, log, stop := background(t, environ, "serve")
	eventually(t, "healthy", func() bool {
		status, _, _ := command(t, environ, "healthcheck")
		return status == 0
	})
	s := &stack{t: t, mcpURL: mcpURL, logs: log}
	t.Run("good", func(t *testing.T) { s.wholeDeploymentServes(t, issuer.url+"/") })
	t.Run("nearly good", func(t *testing.T) { s.wholeDeploymentRefuses(t, issuer.url+"/") })
	http.DefaultClient.CloseIdleConnections()
	if status := stop(); status != 0 {
		t.Errorf("exit status %d: %s", status, log)
	}
	if asked := issuer.counts(); len(asked) > 0 {
		t.Errorf("the issuer was asked: %v", asked)
	}
}

// teamDraft is a token as the team's issuer makes it.
func teamDraft(issuer, audience string) *draft {
	d := goodDraft(issuer)
	d.header = members{"alg": `"RS256"`, "typ": `"JWT"`}
	d.claims = members{
		"iss": strconv.Quote(issuer), "aud": strconv.Quote(audience), "sub": `"someone"`,
		"exp": strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10), "azp": `"1"`, "scopes": `["client_super"]`,
	}
	return d
}

func (s *stack) wholeDeploymentServes(t *testing.T, issuer string) {
	for name, good := range map[string]edit{
		"azp 1":                         func(*draft) {},
		"azp 3":                         claim("azp", `"3"`),
		"client_id 2":                   edits(claim("azp", ""), claim("client_id", `"2"`)),
		"azp and client_id":             claim("client_id", `"1"`),
		"more scopes than the one":      claim("scopes", `["other", "client_super"]`),
		"an audience among others":      claim("aud", `["https://elsewhere.example.com/", `+strconv.Quote(s.mcpURL)+`]`),
		"the thumbprint as the kid":     keyID(thumbprint(rsaJWK("", "", &ownRSA().PublicKey))),
		"a token that says who made it": claim("iat", strconv.FormatInt(time.Now().Unix(), 10)),
	} {
		d := teamDraft(issuer, s.mcpURL)
		good(d)
		raw := d.token()
		for _, era := range bothEras {
			t.Run(name+"/"+era, func(t *testing.T) {
				session := s.mustConnect(era, raw)
				list, err := session.ListTools(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if names := toolNames(list); !slices.Contains(names, "whoami") || len(names) != len(allTools())-1 { // no probe
					t.Errorf("tools: %q", names)
				}
				result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "calculate_bmi", Arguments: map[string]any{"weight_kg": 70, "height_m": 1.75}})
				if err != nil {
					t.Fatal(err)
				}
				if got := structured(t, result); got["bmi"] != 22.86 {
					t.Errorf("calculate_bmi: %v", got)
				}
			})
		}
	}
}

func toolNames(list *mcp.ListToolsResult) []string {
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	return names
}

func (s *stack) wholeDeploymentRefuses(t *testing.T, issuer string) {
	const invalid, lacking = "invalid_token", "insufficient_scope"
	for _, tt := range []struct {
		name   string
		fault  edit
		status int
		code   string
		reason string
	}{
		{"client 4", claim("azp", `"4"`), http.StatusUnauthorized, invalid, "client"},
		{"client 1 as a number", claim("azp", `1`), http.StatusUnauthorized, invalid, "claim"},
		{"no client", claim("azp", ""), http.StatusUnauthorized, invalid, "client"},
		{"two clients", claim("client_id", `"2"`), http.StatusUnauthorized, invalid, "client"},
		{"scopes without client_super", claim("scopes", `["client", "super"]`), http.StatusForbidden, lacking, "scope"},
		{"client_super in the scope claim, which is not read", edits(claim("scopes", ""), claim("scope", `"client_super"`)), http.StatusForbidden, lacking, "scope"},
		{"no scopes", claim("scopes", ""), http.StatusForbidden, lacking, "scope"},
		{"another key", signedBy("RS256", foreignRSA()), http.StatusUnauthorized, invalid, "signature"},
		{"the public key as a secret", edits(member("alg", `"HS256"`), signedBy("HS256", []byte(publicPEM(ownRSA().Public())))), http.StatusUnauthorized, invalid, "unsupported_alg"},
		{"another audience", claim("aud", `"https://elsewhere.example.com/"`), http.StatusUnauthorized, invalid, "audience"},
		{"another issuer", claim("iss", `"https://evil.example/"`), http.StatusUnauthorized, invalid, "issuer"},
		{"a kid that is none", keyID("1"), http.StatusUnauthorized, invalid, "unknown_kid"},
		{"no typ", member("typ", ""), http.StatusUnauthorized, invalid, "token_type"},
		{"expired", claim("exp", strconv.FormatInt(time.Now().Add(-time.Minute).Unix(), 10)), http.StatusUnauthorized, invalid, "expired"},
		{"without an end", claim("exp", ""), http.StatusUnauthorized, invalid, "lifetime"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			twin, d := teamDraft(issuer, s.mcpURL), teamDraft(issuer, s.mcpURL)
			tt.fault(d)
			body, header := callBody(modernEra, "whoami", "{}")
			got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+d.token()))
			challenge := got.header.Get("WWW-Authenticate")
			if got.status != tt.status || !strings.HasPrefix(challenge, `Bearer error="`+tt.code+`", `) || !strings.Contains(challenge, `, scope="client_super", resource_metadata="http://`) {
				t.Errorf("got %d %s", got.status, challenge)
			}
			if reason := s.loggedReason(t, got.header.Get("X-Request-Id")); reason != tt.reason {
				t.Errorf("reason %q, want %q", reason, tt.reason)
			}
			if got := s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+twin.token())); got.status != http.StatusOK {
				t.Errorf("the twin got %d %s", got.status, got.body)
			}
		})
	}
}

// loggedReason waits for the line of a request, and returns the reason in it.
func (s *stack) loggedReason(t *testing.T, id string) string {
	t.Helper()
	var found string
	eventually(t, "the request is in the log", func() bool {
		for line := range strings.Lines(s.logs.String()) {
			if strings.Contains(line, id) {
				found = line
			}
		}
		return found != ""
	})
	var line accessLine
	if err := json.Unmarshal([]byte(found), &line); err != nil {
		t.Fatalf("%v: %s", err, found)
	}
	return line.Reason
}
