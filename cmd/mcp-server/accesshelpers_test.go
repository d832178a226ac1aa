package main

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// notes is a program whose tools do not change with ours.
func notes() (all tools.Inventory) {
	type nothing struct{}
	tool := func(name, title string, scopes ...string) tools.Tool {
		return tools.Define(name, tools.Options{Title: title, Description: title + ".", Scopes: scopes},
			func(context.Context, tools.Caller, nothing) (nothing, error) { return nothing{}, nil })
	}
	all.Tools = []tools.Tool{
		tool("purge_notes", "Purge"), tool("read_notes", "Read notes"), tool("search_notes", "Search notes"),
		tool("write_notes", "Write notes", "notes:write", "notes:read"),
	}
	all.Prompts = []tools.Prompt{tools.NewPrompt("daily", tools.PromptOptions{Title: "Daily notes", Description: "The notes of a day."}, nil)}
	for _, uri := range []string{"notes://all", "notes://secret"} {
		all.Resources = append(all.Resources, tools.NewResource(uri, tools.ResourceOptions{
			Name: uri[8:], Title: "The notes", Description: "Notes.", MIMEType: "text/plain",
		}, nil))
	}
	return all
}

// notesTable is the table of notes under a configuration that change makes of the
// default, and that the server would take.
func notesTable(t testing.TB, change func(*config.Config)) *accessTable {
	t.Helper()
	cfg := config.Default()
	if change != nil {
		change(&cfg)
	}
	table := accessTableOf(cfg, notes())
	if err := cfg.Access.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	if err := config.CheckAccess(cfg, table.all.Protected()).Err(); err != nil {
		t.Fatal(err)
	}
	return table
}

// hierarchy is a configuration in which everything that a table can say is said.
func hierarchy(c *config.Config) {
	c.Auth.RequiredScopes = []string{"notes"}
	c.Auth.Audience = "https://mcp.example.com/mcp"
	c.Access.Rules = []auth.AccessRule{
		{Tools: []string{"purge_*"}, Resources: []string{"notes://secret"}, AllOf: []string{"notes:purge"}, Conceal: true},
		{Tools: []string{"read_notes"}, AnyOf: []string{"notes:read", "notes:guest"}},
		{Tools: []string{"write_notes"}, AllOf: []string{"notes:write"}, AnyOf: []string{"desk:a", "desk:b"}},
		{Methods: []string{"completion/complete", "tools/list"}, AllOf: []string{"notes:list"}},
		{Prompts: []string{"*"}, Authenticated: true},
	}
	c.Access.Implies = []auth.ScopeGrant{
		{Scope: "notes:admin", Grants: []string{"notes:write", "notes:purge"}},
		{Scope: "notes:write", Grants: []string{"notes:read"}},
	}
}

// ruleDefault is how a decision names access.default.
const ruleDefault = "access.default"

var accessTime = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// called is the line of a call of a tool that was allowed to a caller who held these
// scopes, by a table that asked for another name of one of them.
func called(tool string, held ...string) audit.Entry {
	var needs []string
	if len(held) > 0 {
		needs = []string{"then:" + held[0]}
	}
	return audit.Entry{
		Time: accessTime, RequestID: "R", Decision: audit.Allowed, Rule: ruleDefault, Result: "ok",
		Issuer: "https://tenant.example/", ClientID: "agent", Era: audit.EraModern, Method: "tools/call", Tool: tool,
		Needs: needs, Held: append([]string{}, held...),
	}
}

// but is e, changed.
func but(e audit.Entry, change func(*audit.Entry)) audit.Entry {
	change(&e)
	return e
}

// denied is e, refused for a reason.
func denied(e audit.Entry, reason string) audit.Entry {
	e.Decision, e.Reason, e.Result = audit.Refused, reason, "refused"
	return e
}

// auditLines are the lines that the server writes of entries.
func auditLines(t testing.TB, entries ...audit.Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	log, err := audit.Open(audit.Config{Enabled: true, Subject: audit.SubjectPlain}, &b, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		log.Write(e)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replayed is the report of lines under a table.
func replayed(t testing.TB, table *accessTable, lines []byte) accessReport {
	t.Helper()
	r := newReplay(table)
	if err := readAudit(t.Context(), bytes.NewReader(lines), "-", r); err != nil {
		t.Fatal(err)
	}
	return r.report()
}
