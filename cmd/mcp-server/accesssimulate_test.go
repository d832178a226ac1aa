package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/audit"
)

// ruled gives the table one rule, and what it includes.
func ruled(r auth.AccessRule, implies ...auth.ScopeGrant) func(*config.Config) {
	return func(c *config.Config) { c.Access.Rules, c.Access.Implies = []auth.AccessRule{r}, implies }
}

// loss is what the report says of called(tool), changed.
func loss(change func(*accessChange)) accessReport {
	c := accessChange{
		Issuer: "https://tenant.example/", ClientID: "agent", Kind: "tool", Name: "read_notes", Method: "tools/call",
		Count: 1, Last: "2026-11-20T10:00:00Z", Rule: "access.rules[0]", Why: whyScopes, Missing: []string{"data"},
	}
	if change != nil {
		change(&c)
	}
	return accessReport{Losses: []accessChange{c}}
}

func gain(change func(*accessChange)) accessReport {
	r := loss(func(c *accessChange) { c.Why, c.Missing = "", nil; change(c) })
	return accessReport{Gains: r.Losses}
}

// Each row has a table and one recorded decision; its twin is the row before or after
// it, in which one thing differs.
func TestAccessSimulate(t *testing.T) {
	reads := auth.AccessRule{Tools: []string{"read_notes"}, AllOf: []string{"data"}}
	concealed := auth.AccessRule{Tools: []string{"read_notes"}, AllOf: []string{"data"}, Conceal: true}
	oneOf := auth.AccessRule{Tools: []string{"read_notes"}, AllOf: []string{"data"}, AnyOf: []string{"a", "b"}}
	admin := auth.ScopeGrant{Scope: "admin", Grants: []string{"data"}}
	everybody := auth.AccessRule{Tools: []string{"*"}, Authenticated: true}
	call := called("read_notes", "tool:read_notes")
	refused := denied(called("read_notes", "other"), "scope")
	ping := audit.Entry{
		Time: accessTime, RequestID: "R", Decision: audit.Allowed, Rule: ruleDefault, Result: "ok",
		Issuer: "https://tenant.example/", ClientID: "agent", Era: audit.EraLegacy, Method: "ping", Held: []string{},
	}
	for _, tt := range []struct {
		name   string
		change func(*config.Config)
		entry  audit.Entry
		want   accessReport
	}{
		{"the same table", nil, call, accessReport{}},
		{"a rule asks for more", ruled(reads), call, loss(nil)},
		{"the caller holds it", ruled(reads), called("read_notes", "data"), accessReport{}},
		{"it is included", ruled(reads, admin), called("read_notes", "admin"), accessReport{}},
		{"it is not", ruled(reads), called("read_notes", "admin"), loss(nil)},
		{"one of several", ruled(oneOf), called("read_notes", "data"), loss(func(c *accessChange) { c.Missing, c.AnyOf = nil, []string{"a", "b"} })},
		{"and all of others", ruled(oneOf), call, loss(func(c *accessChange) { c.AnyOf = []string{"a", "b"} })},
		{"one of them is held", ruled(oneOf), called("read_notes", "data", "b"), accessReport{}},
		{"what is concealed says what is missing, too", ruled(concealed), call, loss(func(c *accessChange) { c.Concealed = true })},
		{"and is not concealed from who holds it", ruled(concealed), called("read_notes", "data"), accessReport{}},
		{"every request needs more", func(c *config.Config) { c.Auth.RequiredScopes = []string{"base"} }, call, loss(func(c *accessChange) { c.Rule, c.Missing = ruleDefault, []string{"base"} })},
		{"also of a method that names nothing", func(c *config.Config) { c.Auth.RequiredScopes = []string{"base"} }, ping, loss(func(c *accessChange) {
			c.Kind, c.Name, c.Method, c.Rule, c.Missing = kindMethod, "ping", "ping", ruleDefault, []string{"base"}
		})},
		{"a method that needs nothing", nil, ping, accessReport{}},
		{"a caller without scopes keeps what is for everybody", ruled(everybody), called("read_notes"), accessReport{}},
		{"and loses what is not", nil, called("read_notes"), loss(func(c *accessChange) { c.Rule, c.Missing = ruleDefault, []string{"tool:read_notes"} })},
		{"a tool is switched off", func(c *config.Config) { c.Tools.Enabled = []string{"write_notes"} }, call, loss(func(c *accessChange) { c.Rule, c.Missing, c.Why = "", nil, whySwitchedOff })},
		{"another is", func(c *config.Config) { c.Tools.Enabled = []string{"read_notes"} }, call, accessReport{}},
		{"a method that there is no more", nil, but(ping, func(e *audit.Entry) { e.Era = audit.EraModern }), loss(func(c *accessChange) {
			c.Kind, c.Name, c.Method, c.Rule, c.Missing, c.Why = kindMethod, "ping", "ping", "", nil, whyNoRule
		})},

		{"refused, and still", nil, refused, accessReport{}},
		{"refused, and concealed now", ruled(concealed), refused, accessReport{}},
		{"refused, and allowed now", ruled(everybody), refused, gain(func(*accessChange) {})},
		{"refused for good, and allowed now", ruled(everybody), denied(refused, "permission"), gain(func(*accessChange) {})},
		{"concealed, and allowed now", ruled(everybody), denied(refused, "concealed"), gain(func(*accessChange) {})},
		{"included now", ruled(reads, admin), denied(called("read_notes", "admin"), "scope"), gain(func(*accessChange) {})},
		{"a prompt", ruled(auth.AccessRule{Prompts: []string{"daily"}, Authenticated: true}), but(refused, func(e *audit.Entry) {
			e.Method, e.Tool, e.Prompt = "prompts/get", "", "daily"
		}), gain(func(c *accessChange) { c.Kind, c.Name, c.Method = "prompt", "daily", "prompts/get" })},
		{"a resource", ruled(auth.AccessRule{Resources: []string{"notes://*"}, AllOf: []string{"data"}}), but(call, func(e *audit.Entry) {
			e.Method, e.Tool, e.Resource = "resources/read", "", "notes://all"
		}), loss(func(c *accessChange) { c.Kind, c.Name, c.Method = "resource", "notes://all", "resources/read" })},
		{"with a subject", ruled(reads), but(call, func(e *audit.Entry) { e.Subject = "somebody" }), loss(func(c *accessChange) { c.Subject = "somebody" })},
		{"without a client", ruled(reads), but(call, func(e *audit.Entry) { e.ClientID = "" }), loss(func(c *accessChange) { c.ClientID = "" })},
		{"foreign text", ruled(reads), but(call, func(e *audit.Entry) { e.ClientID, e.Subject = "a\x1b[31mb", "\u202eeve" }), loss(func(c *accessChange) {
			c.ClientID, c.Subject = `a\x1b[31mb`, `\u202eeve`
		})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := replayed(t, notesTable(t, tt.change), auditLines(t, tt.entry))
			want := tt.want
			want.Totals = replayTotals{
				Lines: 1, Replayed: 1, Unchanged: 1 - len(want.Losses) - len(want.Gains), Lost: len(want.Losses), Gained: len(want.Gains),
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A line that says nothing about this table is counted under its cause. Under this
// table every call would be a gain or a loss, so that none is replayed by accident.
func TestAccessSimulateNotReplayable(t *testing.T) {
	reversed := func(c *config.Config) {
		c.Access.Rules = []auth.AccessRule{{Tools: []string{"read_notes"}, AllOf: []string{"new"}}, {Tools: []string{"*"}, Authenticated: true}}
	}
	call, open := called("read_notes", "tool:read_notes"), denied(called("search_notes", "x"), "scope")
	for _, tt := range []struct {
		name  string
		entry audit.Entry
		twin  audit.Entry
		count func(*notReplayable)
	}{
		{"a refused token", denied(audit.Entry{Time: accessTime, RequestID: "R", Issuer: "https://tenant.example/"}, "expired"), call, func(n *notReplayable) { n.Refused["expired"] = 1 }},
		{"a refused token with a reason of a similar name", denied(audit.Entry{Time: accessTime, RequestID: "R"}, "unknown_kid"), call, func(n *notReplayable) { n.Refused["unknown_kid"] = 1 }},
		{"a refused request", denied(open, "protocol"), open, func(n *notReplayable) { n.Refused["protocol"] = 1 }},
		{"a reason of nobody's", denied(open, "\x1b[2J"), open, func(n *notReplayable) { n.Refused[`\x1b[2J`] = 1 }},
		{"no caller", but(call, func(e *audit.Entry) { e.Issuer = "" }), call, func(n *notReplayable) { n.NoCaller = 1 }},
		{"no method", but(open, func(e *audit.Entry) { e.Method = "" }), open, func(n *notReplayable) { n.NoOperation = 1 }},
		{"no era", but(call, func(e *audit.Entry) { e.Era = "stone" }), but(call, func(e *audit.Entry) { e.Era = audit.EraLegacy }), func(n *notReplayable) { n.NoOperation = 1 }},
		{"an unknown tool", denied(but(open, func(e *audit.Entry) { e.Tool = "" }), "unknown_tool"), open, func(n *notReplayable) { n.UnknownTarget = 1 }},
		{"an unknown tool of one who may do nothing", but(open, func(e *audit.Entry) { e.Tool = "" }), open, func(n *notReplayable) { n.UnknownTarget = 1 }},
		{"a tool of another program", but(call, func(e *audit.Entry) { e.Tool = "other" }), call, func(n *notReplayable) { n.NotOfThisProgram["tool other"] = 1 }},
		{"a tool's name for a prompt", but(call, func(e *audit.Entry) { e.Tool, e.Prompt = "", "read_notes" }), call, func(n *notReplayable) { n.NotOfThisProgram["prompt read_notes"] = 1 }},
		{"not what was held", but(call, func(e *audit.Entry) { e.Held = nil }), but(call, func(e *audit.Entry) { e.Held = []string{} }), func(n *notReplayable) { n.NoScopes = 1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := replayed(t, notesTable(t, reversed), auditLines(t, tt.entry))
			want := notReplayable{Refused: map[string]int{}, NotOfThisProgram: map[string]int{}}
			tt.count(&want)
			if diff := cmp.Diff(replayTotals{Lines: 1, NotReplayable: want}, got.Totals); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.Totals.NotReplayable.total() != 1 || len(got.Losses)+len(got.Gains) > 0 {
				t.Errorf("%+v", got)
			}
			if twin := replayed(t, notesTable(t, reversed), auditLines(t, tt.twin)); len(twin.Losses)+len(twin.Gains) != 1 {
				t.Errorf("the twin: %+v", twin)
			}
		})
	}
}

// The reasons that are told apart are those that the server gives.
func TestAccessSimulateReasons(t *testing.T) {
	reasons := append(reasonsIn(t, "../../auth/reason.go"), reasonsIn(t, "../../server/reasons.go")...)
	var decided, unknown []string
	for _, reason := range reasons {
		if decidedByPolicy(reason) {
			decided = append(decided, reason)
		}
		if strings.HasPrefix(reason, recordedUnknown) {
			unknown = append(unknown, reason)
		}
	}
	slices.Sort(decided)
	slices.Sort(unknown)
	if want := []string{"concealed", "permission", "scope"}; !slices.Equal(decided, want) {
		t.Errorf("decided by the policy: %q", decided)
	}
	if want := []string{"unknown_kid", "unknown_prompt", "unknown_resource", "unknown_token", "unknown_tool"}; !slices.Equal(unknown, want) {
		t.Errorf("unknown: %q", unknown)
	}
}

// Lines of one caller and one operation are one change, of which the last time is told.
func TestAccessSimulateAddsUp(t *testing.T) {
	at := func(e audit.Entry, minutes int) audit.Entry {
		return but(e, func(e *audit.Entry) { e.Time = e.Time.Add(time.Duration(minutes) * time.Minute) })
	}
	call := called("read_notes", "tool:read_notes")
	other := but(call, func(e *audit.Entry) { e.ClientID = "another" })
	lines := auditLines(t, at(call, 5), at(call, 9), at(other, 1), at(call, 7), at(called("read_notes", "data"), 30), denied(called("purge_notes", "x"), "scope"))
	lines = append(lines, "time=2026-11-20 level=INFO msg=\"no audit line\"\n{}\n"...)
	table := notesTable(t, func(c *config.Config) {
		c.Access.Rules = []auth.AccessRule{
			{Tools: []string{"read_notes"}, AllOf: []string{"data"}, AnyOf: []string{"a", "b"}, Conceal: true},
			{Tools: []string{"purge_notes"}, Authenticated: true},
		}
	})
	const want = `2 callers would lose what was allowed:

  client agent of https://tenant.example/
    tool read_notes  1 time, last 2026-11-20T10:30:00Z: access.rules[0], missing one of a, b (concealed)
    tool read_notes  3 times, last 2026-11-20T10:09:00Z: access.rules[0], missing data, and one of a, b (concealed)

  client another of https://tenant.example/
    tool read_notes  1 time, last 2026-11-20T10:01:00Z: access.rules[0], missing data, and one of a, b (concealed)

1 caller would gain what was refused:

  client agent of https://tenant.example/
    tool purge_notes  1 time, last 2026-11-20T10:00:00Z: access.rules[1]

8 lines read: 6 replayed, 0 not replayable, 2 skipped (no audit lines)
replayed: 0 as before, 5 would be refused, 1 would be allowed
`
	if diff := cmp.Diff(want, replayed(t, table, lines).text()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Nobody, nothing, and what could not be replayed are said, too.
func TestAccessSimulateSaysWhatItDidNot(t *testing.T) {
	lines := auditLines(t,
		denied(audit.Entry{Time: accessTime, RequestID: "R"}, "missing"), denied(audit.Entry{Time: accessTime, RequestID: "R"}, "missing"),
		denied(audit.Entry{Time: accessTime, RequestID: "R"}, "expired"), called("other", "x"),
	)
	const want = `Nobody would lose what was allowed.

Nobody would gain what was refused.

4 lines read: 0 replayed, 4 not replayable, 0 skipped (no audit lines)
replayed: 0 as before, 0 would be refused, 0 would be allowed
not replayable: 3 refused before access was decided: missing 2, expired 1
not replayable: 1 about what this program does not have: tool other 1
Nothing was replayed, and so nothing is shown.
`
	if diff := cmp.Diff(want, replayed(t, notesTable(t, nil), lines).text()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The lines are those that the server writes, in between those of its log.
func TestAccessSimulateReadsTheServersLines(t *testing.T) {
	s := start(t)
	call := func(token, tool, arguments string) {
		body, header := callBody(modernEra, tool, arguments)
		s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token))
	}
	one, none := s.token(url.Values{"scope": {"tool:greet"}}), s.token(url.Values{"client_id": {poorClient}})
	call(one, "greet", `{"name":"Ada"}`) // allowed
	call(one, "whoami", `{}`)            // lacks a scope
	call(none, "whoami", `{}`)           // has none
	call(one, "no_such_tool", `{}`)
	call("no token", "greet", `{}`)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Access.Rules = []auth.AccessRule{{Tools: []string{"greet"}, AllOf: []string{"people"}}, {Tools: []string{"whoami"}, Authenticated: true}}
	got := replayed(t, newAccessTable(cfg), []byte(s.logs.String()+s.audit.String()))
	var changes []string
	for _, c := range append(got.Losses, got.Gains...) {
		changes = append(changes, fmt.Sprintf("%s %s %d %s %q", c.ClientID, c.Name, c.Count, c.Rule, c.Missing))
	}
	want := []string{`agent greet 1 access.rules[0] ["people"]`, `agent whoami 1 access.rules[1] []`, `poor whoami 1 access.rules[1] []`}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("-want +got:\n%s\n%s", diff, s.audit.String())
	}
	if n := got.Totals; n.Replayed != 3 || n.NotReplayable.UnknownTarget != 1 || n.NotReplayable.Refused["malformed"] != 1 || n.NotReplayable.total() != 2 {
		t.Errorf("%+v", n)
	}
}

// A file in which nobody comes twice takes no more memory than one in which all do.
func TestAccessSimulateIsBounded(t *testing.T) {
	r := newReplay(notesTable(t, ruled(auth.AccessRule{Tools: []string{"read_notes"}, AllOf: []string{"data"}})))
	const lines = maxChanges + 7
	for i := range lines {
		r.line(but(called("read_notes", "x"), func(e *audit.Entry) { e.Subject = fmt.Sprint(i) }))
		r.line(denied(called("read_notes", "x"), fmt.Sprint("reason", i)))
		r.line(called(fmt.Sprint("tool", i), "x"))
	}
	report := r.report()
	if len(report.Losses) != maxChanges || report.Totals.Unlisted != 7 || report.Totals.Lost != lines {
		t.Errorf("%d losses, %+v", len(report.Losses), report.Totals.Unlisted)
	}
	not := report.Totals.NotReplayable
	if len(not.Refused) != maxNamed+1 || len(not.NotOfThisProgram) != maxNamed+1 || not.total() != 2*lines || not.Refused["others"] != lines-maxNamed {
		t.Errorf("%d reasons, %d names, %d lines", len(not.Refused), len(not.NotOfThisProgram), not.total())
	}
	if !strings.Contains(report.text(), "not told one by one: 7 lines of further changes\n") {
		t.Error("what is left out is not said")
	}
}

// What is told of a long text is all that is kept of it.
func TestAccessSimulateKeepsNothingLong(t *testing.T) {
	r := newReplay(notesTable(t, ruled(auth.AccessRule{Tools: []string{"read_notes"}, AllOf: []string{"data"}})))
	const lines, size = 40, 900_000
	before := heap()
	for i := range lines {
		long := func(c string) string { return strings.Repeat(c, size) + fmt.Sprint(i) }
		r.line(but(called("read_notes", "x"), func(e *audit.Entry) { e.ClientID, e.Issuer, e.Subject = long("a"), long("b"), long("\u202e") }))
		r.line(but(called("", "x"), func(e *audit.Entry) { e.Method = long("m") }))
		r.line(denied(called("read_notes", "x"), long("r")))
		r.line(called(long("t"), "x"))
	}
	if grown := heap() - before; grown > size {
		t.Errorf("%d bytes are kept", grown)
	}
	callers, methods := map[string]bool{}, map[string]bool{}
	for _, c := range r.report().Losses {
		callers[c.caller()], methods[c.operation()] = true, true
	}
	if len(callers) != lines+1 || len(methods) != lines+1 {
		t.Errorf("%d callers and %d methods are told, of %d each", len(callers), len(methods), lines+1)
	}
}

// heap is how many bytes are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestAccessTold(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "auth0|it's <a> user", "auth0|it's <a> user"},
		{"escaped", "a\x1b\"\\\xff\u202e", `a\x1b\"\\\xff\u202e`},
		{"like an escape", `a\x1b`, `a\\x1b`},
		{"that ends in dots", "a...", "a..."},
		{"as long as may be", strings.Repeat("a", 200), strings.Repeat("a", 200)},
		{"longer", strings.Repeat("a", 201), strings.Repeat("a", 200) + "... (sha256 a92efd82109373e5)"},
		{"longer, and another", strings.Repeat("a", 202), strings.Repeat("a", 200) + "... (sha256 0e0912295336c795)"},
		{"longer once it is escaped", strings.Repeat("\u202e", 34), strings.Repeat(`\u202e`, 33) + "... (sha256 7fc966cffc58f83b)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(tt.in); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestAccessSimulateCommand(t *testing.T) {
	call := called("greet", "tool:greet")
	lines := string(auditLines(t, call))
	file := explainFile(t, lines)
	for _, tt := range []struct {
		name   string
		args   []string
		input  string
		status int
		stdout string // a part of it
		stderr string // all of it
	}{
		{"nobody loses", []string{"--audit", file, "--fail-on-loss"}, "", 0, "1 lines? read: 1 replayed", ""},
		{"somebody loses", []string{"--audit", file, "--tools.enabled", "whoami"}, "", 0, "tools.enabled leaves it out", ""},
		{"which fails", []string{"--audit", file, "--tools.enabled", "whoami", "--fail-on-loss"}, "", 1, "tools.enabled leaves it out", "mcp-server: somebody would lose what was allowed (--fail-on-loss)\n"},
		{"as JSON", []string{"--audit", file, "--json"}, "", 0, `"losses": \[\],`, ""},
		{"from standard input", []string{"--audit", "-"}, lines, 0, "1 replayed", ""},
		{"nothing there", []string{"--audit", "-"}, "", 0, "Nothing was replayed", ""},
		{"no file named", nil, "", 1, "^$", "mcp-server: --audit: is needed: a file of audit lines, or - for standard input\n"},
		{"a variable that is not set", []string{"--audit="}, "", 1, "^$", "mcp-server: --audit: is needed: a file of audit lines, or - for standard input\n"},
		{"a file that is not there", []string{"--audit", "nowhere.log"}, "", 1, "^$", "mcp-server: --audit: open nowhere.log: no such file or directory\n"},
		{"a token in its place", []string{"--audit", "eyJhbGciOiJSUzI1NiJ9.e30.x"}, "", 1, "^$", "mcp-server: --audit: the content stands where the file's name belongs\n"},
		{"a directory", []string{"--audit", "."}, "", 1, "^$", "mcp-server: reading the audit lines: read .: is a directory\n"},
		{"a table that the server would refuse", []string{"--audit", file, "--access.list", "some"}, "", 1, "^$", "mcp-server: configuration:\naccess.list: must be permitted or all\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, errs bytes.Buffer
			root := newRoot(&program{stdout: &out, stderr: &errs})
			root.SetArgs(append([]string{"access", "simulate"}, tt.args...))
			root.SetIn(strings.NewReader(tt.input))
			status := 0
			if err := root.ExecuteContext(t.Context()); err != nil {
				status = 1
				fmt.Fprintln(&errs, "mcp-server:", err)
			}
			if status != tt.status || !regexp.MustCompile(tt.stdout).MatchString(out.String()) || errs.String() != tt.stderr {
				t.Errorf("status %d\nstdout %s\nstderr %s", status, out.String(), errs.String())
			}
		})
	}
}

// docs/access.md names every field of the JSON.
func TestAccessJSONIsDocumented(t *testing.T) {
	docs, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(docs), "\n## As JSON\n")
	names := map[string]bool{}
	for _, name := range []string{"access.go", "accesslist.go", "accessauth0.go", "accessreport.go", "accesstotals.go"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`json:\"([a-z_]+)").FindAllStringSubmatch(string(source), -1) {
			names[m[1]] = true
		}
	}
	if len(names) < 30 {
		t.Fatalf("found %d fields", len(names))
	}
	for name := range names {
		if !strings.Contains(section, "`"+name+"`") && !strings.Contains(section, "."+name+"`") {
			t.Errorf("the field %s is not documented", name)
		}
	}
}

func BenchmarkAccessSimulate(b *testing.B) {
	lines := bytes.Repeat(auditLines(b, called("read_notes", "tool:read_notes"), called("write_notes", "notes:read", "notes:write")), 5000)
	table := notesTable(b, ruled(auth.AccessRule{Tools: []string{"read_notes"}, AllOf: []string{"data"}}))
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		if got := replayed(b, table, lines).Totals; got.Lost != 5000 || got.Unchanged != 5000 {
			b.Fatalf("%+v", got)
		}
	}
	runtime.KeepAlive(lines)
}

// Whatever stands in a line, what is printed is lines of printable ASCII, in which no
// caller makes a line of its own.
func FuzzAccessSimulate(f *testing.F) {
	for _, s := range []string{"agent", "", "\x1b[2J", "a\nb", "\u202e", "\xff", "others", strings.Repeat("ü", 300)} {
		f.Add(s, "greet", "scope", "tools/call", "tool:greet")
		f.Add("agent", s, s, s, s)
	}
	cfg := config.Default()
	cfg.Access.Rules = []auth.AccessRule{{Tools: []string{"greet"}, AllOf: []string{"new"}, Conceal: true}}
	table := newAccessTable(cfg)
	f.Fuzz(func(t *testing.T, caller, tool, reason, method, held string) {
		r := newReplay(table)
		for _, e := range []audit.Entry{called(tool, held), denied(called(tool, held), reason)} {
			e.ClientID, e.Subject, e.Issuer, e.Method = caller, caller, caller, method
			r.line(e)
		}
		report := r.report()
		text := report.text()
		asJSON, err := indentedJSON(report)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range text + asJSON {
			if c != '\n' && (c < ' ' || c > '~') {
				t.Fatalf("%q is printed", c)
			}
		}
		if n := report.Totals; n.Lines != n.Replayed+n.NotReplayable.total() || n.Replayed != n.Unchanged+n.Lost+n.Gained {
			t.Errorf("%+v does not add up", n)
		}
		if lines := strings.Count(text, "\n"); lines > 30 {
			t.Errorf("%d lines:\n%s", lines, text)
		}
	})
}
