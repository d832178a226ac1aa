package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// agreement is a server with a table, and callers of it.
type agreement struct {
	name   string
	change func(*config.Config)
	rows   []agreementRow
}

// agreementRow is one call: with these claims, or with a static token where there are
// none.
type agreementRow struct {
	name, tool string
	claims     jsonFields
	want       string // the reason in the log, "" where the tool is reached
}

// agreements are tables with rules of every kind, beside each way to grant.
func agreements() []agreement {
	granted := func(name string, value any) jsonFields {
		return withField(withField(explainClaims(), "scope", nil), name, value)
	}
	scope := func(s string) jsonFields { return granted("scope", s) }
	rules := func(c *config.Config) {
		c.Auth.RequiredScopes = []string{"base"}
		c.Access.Rules = []auth.AccessRule{
			{Tools: []string{"get_w*"}, AllOf: []string{"weather:read"}, Conceal: true},
			{Tools: []string{"greet"}, AllOf: []string{"tool:greet"}, AnyOf: []string{"level:two", "level:one"}},
			{Tools: []string{"whoami"}, Authenticated: true},
			{Methods: []string{"tools/list"}, AllOf: []string{"list"}},
		}
		c.Access.Implies = []auth.ScopeGrant{{Scope: "level:three", Grants: []string{"level:two"}}, {Scope: "admin", Grants: []string{"base", "level:three", "tool:greet"}}}
	}
	granting := func(mode string, names ...string) func(*config.Config) {
		return func(c *config.Config) {
			rules(c)
			c.Auth.Issuers[0].ScopeClaims, c.Auth.Issuers[0].ScopeClaimsMode = names, mode
		}
	}
	const reasonScope, reasonFinal = "scope", "permission"
	return []agreement{
		{"no rules", nil, []agreementRow{
			{"its scope", "greet", scope("tool:greet"), ""},
			{"another scope", "greet", scope("tool:whoami"), reasonScope},
			{"no scope", "greet", granted("scope", nil), reasonScope},
			{"an unknown tool", "nonesuch", scope("tool:greet"), verdictUnknown},
			{"another case of a tool", "Greet", scope("tool:greet"), verdictUnknown},
			{"an expired token", "greet", withField(explainClaims(), "exp", explainSeconds(-time.Hour)), "expired"},
			{"an expired token, and an unknown tool", "nonesuch", withField(explainClaims(), "exp", explainSeconds(-time.Hour)), "expired"},
		}},
		{"any token", func(c *config.Config) { c.Access.Default = auth.AccessAuthenticated }, []agreementRow{
			{"no scope", "greet", granted("scope", nil), ""},
			{"an unknown tool", "nonesuch", granted("scope", nil), verdictUnknown},
		}},
		{"switched off", func(c *config.Config) { c.Tools.Enabled = []string{"greet"} }, []agreementRow{
			{"a tool that is off", "whoami", scope("tool:whoami"), verdictUnknown},
			{"a tool that is on", "greet", scope("tool:greet"), ""},
		}},
		{"rules", rules, []agreementRow{
			{"all and one of two", "greet", scope("base tool:greet level:one"), ""},
			{"all and none of two", "greet", scope("base tool:greet"), reasonScope},
			{"one of two and not all", "greet", scope("base level:two"), reasonScope},
			{"one of two through another", "greet", scope("base tool:greet level:three"), ""},
			{"everything through another", "greet", scope("admin"), ""},
			{"only a part through another", "greet", scope("base level:three"), reasonScope},
			{"what every request needs is missing", "greet", scope("tool:greet level:one"), reasonScope},
			{"what every request needs is missing for any token, too", "whoami", scope("tool:greet"), reasonScope},
			{"any token", "whoami", scope("base"), ""},
			{"a rule about the list", "whoami", scope("base list"), ""},
			{"concealed", "get_weather", scope("base tool:get_weather"), verdictConcealed},
			{"concealed, and nothing is held", "get_weather", scope("x"), verdictConcealed},
			{"unknown, and nothing is held", "nonesuch", scope("x"), reasonScope},
			{"by default", "get_time", scope("base tool:get_time"), ""},
			{"by default, and missing", "get_time", scope("base"), reasonScope},
		}},
		{"permissions", granting("", "permissions"), []agreementRow{
			{"assigned", "greet", granted("permissions", []string{"base", "tool:greet", "level:one"}), ""},
			{"assigned through another", "greet", granted("permissions", []string{"admin"}), ""},
			{"not assigned", "greet", granted("permissions", []string{"base", "level:one"}), reasonFinal},
			{"none of two", "greet", granted("permissions", []string{"base", "tool:greet"}), reasonFinal},
			{"asked for alone", "greet", scope("base tool:greet level:one"), reasonFinal},
			{"what every request needs", "whoami", granted("permissions", []string{"tool:whoami"}), reasonFinal},
			{"concealed", "get_weather", granted("permissions", []string{"base"}), verdictConcealed},
			{"concealed, and nothing is assigned", "get_weather", granted("permissions", nil), verdictConcealed},
			{"unknown, and nothing is assigned", "nonesuch", granted("permissions", nil), reasonFinal},
			{"unknown", "nonesuch", granted("permissions", []string{"base"}), verdictUnknown},
			{"nobody's", "greet", withField(granted("permissions", []string{"base"}), "client_id", nil), reasonFinal},
		}},
		{"roles", granting("", "realm_access.roles"), []agreementRow{
			{"has them", "greet", granted("realm_access", jsonFields{"roles": []string{"base", "tool:greet", "level:one"}}), ""},
			{"lacks one", "greet", granted("realm_access", jsonFields{"roles": []string{"base", "level:one"}}), reasonFinal},
		}},
		{"either", granting("", "scope", "permissions"), []agreementRow{
			{"together", "greet", withField(scope("base level:one"), "permissions", []string{"tool:greet"}), ""},
			{"not together", "greet", withField(scope("base"), "permissions", []string{"level:one"}), reasonScope},
		}},
		{"both", granting(auth.ScopeClaimsIntersection, "scope", "permissions"), []agreementRow{
			{"in both", "greet", withField(scope("admin"), "permissions", []string{"admin"}), ""},
			{"assigned and not asked for", "greet", withField(scope("base level:two"), "permissions", []string{"base", "tool:greet", "level:two"}), reasonScope},
			{"asked for and not assigned", "greet", withField(scope("base tool:greet level:two"), "permissions", []string{"base", "level:two"}), reasonFinal},
		}},
		{"a static token", rules, []agreementRow{
			{"may", "whoami", nil, ""},
			{"may not", "greet", nil, reasonFinal},
			{"concealed", "get_weather", nil, verdictConcealed},
			{"unknown", "nonesuch", nil, verdictUnknown},
		}},
	}
}

// What explain says of a call is what a server with the same configuration does: the
// status, the reason in its log, the challenge, and what a program reads of a refusal.
func TestExplainAgreesWithTheServer(t *testing.T) {
	at, err := time.Parse(time.RFC3339, explainAt)
	if err != nil {
		t.Fatal(err)
	}
	static, entry, err := auth.NewStaticToken("ci", []string{"base"}, at.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	tokensFile := explainFile(t, entry)
	for _, a := range agreements() {
		t.Run(a.name, func(t *testing.T) {
			var cfg config.Config
			s := startServer(t, listen(t, "127.0.0.1:0"), "", &clock{start: at}, func(c *config.Config) {
				c.Auth.Audience, c.Auth.StaticTokensFile = "", tokensFile
				c.Auth.Issuers = []auth.IssuerConfig{{
					Issuer: explainIssuer, Audiences: []string{explainAudience}, PublicKey: publicPEM(explainKey().Public()), KeyID: explainKID,
				}}
				if a.change != nil {
					a.change(c)
				}
				if err := c.Validate().Err(); err != nil {
					t.Fatal(err)
				}
				cfg = *c
			})
			r := refusalRig{stack: s}
			for _, row := range a.rows {
				t.Run(row.name, func(t *testing.T) {
					token := static
					if row.claims != nil {
						token = explainToken(t, explainHeader(), row.claims)
					}
					e, err := newExplainer(cfg, explainOptions{tool: row.tool, at: explainAt}, io.Discard)
					if err != nil {
						t.Fatal(err)
					}
					report := e.report(t.Context(), token)
					got := r.calls(t, row.tool, token)
					got.agrees(t, report)
					if report.Answer.Reason != row.want {
						t.Errorf("the reason is %q, want %q: %+v", report.Answer.Reason, row.want, report.Tool)
					}
				})
			}
		})
	}
}

// calls calls the tool by MCP 2026-07-28.
func (r *refusalRig) calls(t *testing.T, tool, token string) sent {
	t.Helper()
	body, header := callBody(modernEra, tool, "{}") // a tool that wants more says so itself
	from := r.logs.len()
	got := sent{answer: r.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token))}
	r.awaitLine(from, got.header.Get("X-Request-Id"), &got.line)
	return got
}

// agrees holds the server's answer to a call to what explain says of it.
func (s sent) agrees(t *testing.T, r explainReport) {
	t.Helper()
	if s.status != r.Answer.Status || s.line.Reason != r.Answer.Reason {
		t.Errorf("the server answers %d for %q, and explain says %+v\n%s", s.status, s.line.Reason, r.Answer, s.body)
	}
	var body struct {
		Result *json.RawMessage
		Error  json.RawMessage // an object, or a text where the token is refused
	}
	_, message, _ := strings.Cut(s.body, "{") // what a tool answers comes as an event
	if err := json.Unmarshal([]byte("{"+message), &body); err != nil {
		t.Fatalf("%v: %s", err, s.body)
	}
	var fault struct {
		Code int
		Data struct {
			Final   bool
			Missing []string
		}
	}
	_ = json.Unmarshal(body.Error, &fault) // of the text nothing is wanted
	if reached := body.Result != nil; reached != r.Accepted || reached != (r.Tool.Verdict == verdictAllowed) {
		t.Errorf("the tool was reached: %t, and explain says %q\n%s", reached, r.Tool.Verdict, s.body)
	}
	if want := fmt.Sprintf("JSON-RPC error %d", fault.Code); strings.HasPrefix(r.Answer.Error, "JSON-RPC") && r.Answer.Error != want {
		t.Errorf("the server answers with %s, and explain says %s", want, r.Answer.Error)
	}
	if fault.Data.Final != r.Answer.Final || (fault.Data.Final && r.Tool.Verdict == verdictDenied && !slices.Equal(fault.Data.Missing, r.Tool.Missing)) {
		t.Errorf("the server's data is %+v, and explain says final %t and %q", fault.Data, r.Answer.Final, r.Tool.Missing)
	}
	challenge := s.header.Get("WWW-Authenticate")
	if challenged := strings.Contains(challenge, `error="`+r.Answer.Error+`"`); challenge != "" && !challenged {
		t.Errorf("the challenge is %s, and explain says %q", challenge, r.Answer.Error)
	}
	named := regexp.MustCompile(` scope="([^"]*)"`).FindStringSubmatch(challenge + ` scope=""`)[1]
	if strings.Contains(challenge, "insufficient_scope") != (r.Answer.Scope != "") || (r.Answer.Scope != "" && named != r.Answer.Scope) {
		t.Errorf("the challenge names %q, and explain says %q", named, r.Answer.Scope)
	}
}
