package main

import (
	"strings"
	"testing"
)

// A Tab offers the tools where asking costs nothing that is metered, and says nothing
// where it cannot.
func TestCompletion(t *testing.T) {
	w := newWorld(t, statelessServer)
	w.tokens["ready"] = nil
	static := cli{environ: []string{"MCP_URL=" + w.url, "MCP_TOKEN=ready"}}
	cached := w.user().with("MCP_TOKEN_CACHE=1")
	cached.cache = t.TempDir()
	tests := []struct {
		name string
		user cli
		args []string
		want bool
	}{
		{"a ready-made token", static, []string{"call", ""}, true},
		{"a cached token", cached, []string{"call", "e"}, true},
		{"flags before it", static, []string{"--protocol=legacy", "call", "-v", ""}, true},
		{"a token for each Tab", w.user(), []string{"call", ""}, false},
		{"no settings", cli{}, []string{"call", ""}, false},
		{"a refused token", cli{environ: []string{"MCP_URL=" + w.url, "MCP_TOKEN=foreign"}}, []string{"call", ""}, false},
		{"nobody there", cli{environ: []string{"MCP_URL=http://" + closedPort(t), "MCP_TOKEN=x"}}, []string{"call", ""}, false},
		{"an argument", static, []string{"call", "echo", ""}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := w.issued()
			got := w.run(t, tt.user, append([]string{"__complete"}, tt.args...)...)
			if got.code != exitOK || strings.Contains(got.out, "echo\tDoes echo.\n") != tt.want {
				t.Errorf("status %d, stdout %q", got.code, got.out)
			}
			if !tt.want && strings.Count(got.out, "\n") != 1 {
				t.Errorf("stdout %q", got.out)
			}
			if strings.Contains(got.err, "mcpctl:") || strings.Contains(got.err, "Connected") {
				t.Errorf("stderr %q", got.err)
			}
			if tt.user.cache == "" && w.issued() != before {
				t.Error("it cost a token")
			}
		})
	}
	if got := (cli{}).run(t.Context(), "__complete", "list", "--transport", ""); !strings.Contains(got.out, "streamable\n") {
		t.Errorf("values of a flag: %q", got.out)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := (cli{}).run(t.Context(), "completion", shell); got.code != exitOK || !strings.Contains(got.out, "mcpctl") {
			t.Errorf("%s: status %d", shell, got.code)
		}
	}
}
