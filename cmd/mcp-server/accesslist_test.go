package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// The formats are read by people and by other programs: a change of them is seen in a
// diff, or it does not happen.
func TestGoldenAccessList(t *testing.T) {
	suffixes := map[string]string{formatText: "txt", formatJSON: "json", formatAuth0: "auth0.json", formatTerraform: "tf"}
	for name, change := range map[string]func(*config.Config){
		"default":   nil,
		"hierarchy": hierarchy,
	} {
		for format, suffix := range suffixes {
			t.Run(name+" "+format, func(t *testing.T) {
				got, err := notesTable(t, change).format(format)
				if err != nil {
					t.Fatal(err)
				}
				compareGolden(t, filepath.Join("testdata", "access", name+"."+suffix), got)
			})
		}
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run make generate, and read what it writes", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date (make generate); -file +code:\n%s", file, diff)
	}
}

// What the table says is what the policy decides, for every line of it.
func TestAccessListIsThePolicy(t *testing.T) {
	table := notesTable(t, hierarchy)
	rows := table.rows()
	for _, r := range rows {
		op := auth.Operation{Method: r.Method, Modern: true}
		if r.Kind != kindMethod {
			op.Target = auth.Target{Kind: auth.Kind(r.Kind), Name: r.Name}
		}
		enough := auth.Principal{Scopes: append(slices.Clone(r.AllOf), r.AnyOf[:min(1, len(r.AnyOf))]...)}
		if d := table.policy.Check(op, enough); d.Verdict != auth.Allowed || d.Rule != r.Rule {
			t.Errorf("%s %s: with %q the verdict is %d by %s", r.Kind, r.label(), enough.Scopes, d.Verdict, d.Rule)
		}
		d := table.policy.Check(op, auth.Principal{Scopes: enough.Scopes[:len(enough.Scopes)-1]})
		if d.Verdict == auth.Allowed {
			t.Errorf("%s %s: is allowed without %q", r.Kind, r.label(), enough.Scopes[len(enough.Scopes)-1])
		}
		if len(r.AllOf)+len(r.AnyOf) > 1 && d.Concealed != r.Concealed {
			t.Errorf("%s %s: concealed %t", r.Kind, r.label(), d.Concealed)
		}
	}
	if len(rows) != 10 {
		t.Errorf("%d rows", len(rows))
	}
}

// The command takes what can be read of a configuration, and refuses a table that the
// server would refuse.
func TestAccessListCommand(t *testing.T) {
	file := func(content string) string { return explainFile(t, content) }
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		status  int
		stdout  string // a part of it
		stderr  string // a part of it
	}{
		{"nothing is configured", nil, nil, 0, "tool greet access.default no tool:greet", ""},
		{"faults elsewhere", nil, []string{"--config", file("auth: {issuer: nonsense}\nlog: nonsense")}, 0, "tool:greet", ""},
		{"a fault in the table", nil, []string{"--config", file("access: {rules: [{tools: [gret], authenticated: true}]}")}, 1, "", `configuration:` + "\n" + `access.rules[0].tools[0]: "gret" is nothing that this server has`},
		{"an unknown key in it", nil, []string{"--config", file("access: {lists: all}")}, 1, "", "access.lists: is not a known key"},
		{"a file that is not there", nil, []string{"--config", "nowhere.yaml"}, 1, "", "nowhere.yaml"},
		{"the environment", []string{"MCPRS_ACCESS_DEFAULT=authenticated", "MCPRS_TOOLS_ENABLED=greet"}, nil, 0, "tool greet access.default no none: a valid token is enough", ""},
		{"an env file", nil, []string{"--env-file", file("MCPRS_ACCESS_DEFAULT=authenticated\n")}, 0, "none: a valid token is enough", ""},
		{"flags", nil, []string{"--access.default", "authenticated", "--tools.enabled=greet"}, 0, "tool greet access.default no none: a valid token is enough", ""},
		{"what every request needs", []string{"MCPRS_AUTH_REQUIRED_SCOPES=base"}, nil, 0, "every request needs base (auth.required_scopes)", ""},
		{"a format", []string{"MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"}, []string{"--format", "terraform"}, 0, `resource_server_identifier = "https://mcp.example.com/mcp"`, ""},
		{"another", nil, []string{"--format", "yaml"}, 1, "", "--format: must be text, json, auth0 or terraform"},
		{"nothing to create", nil, []string{"--format", "auth0", "--config", file("access: {rules: [{tools: ['*'], prompts: ['*'], resources: ['*'], authenticated: true}]}")}, 1, "", errNoPermission.Error()},
		{"an argument", nil, []string{"greet"}, 1, "", "an argument too many"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := command(t, tt.environ, append([]string{"access", "list"}, tt.args...)...)
			words := strings.Join(strings.Fields(stdout), " ") // how wide a column is depends on what a team adds
			if status != tt.status || !strings.Contains(words, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("status %d\nstdout %s\nstderr %s", status, stdout, stderr)
			}
			if (tt.status == 0) != (stderr == "") || tt.status != 0 && stdout != "" {
				t.Errorf("status %d\nstdout %s\nstderr %s", status, stdout, stderr)
			}
		})
	}
}
