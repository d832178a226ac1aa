package server

import (
	"slices"
	"testing"

	"mcp-resource-server/internal/faults"
)

func TestCheckVersions(t *testing.T) {
	for _, tt := range []struct {
		name string
		list []string
		want string
	}{
		{"none, which is all", nil, ""},
		{"one", []string{"2025-11-25"}, ""},
		{"all", knownVersions, ""},
		{"an unknown one", []string{"2025-11-25", "2099-01-01"}, `"2099-01-01" is no version of MCP that this program speaks (2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05)`},
		{"an empty one", []string{""}, `"" is no version of MCP that this program speaks (2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05)`},
		{"one twice", []string{"2026-07-28", "2025-11-25", "2026-07-28"}, `"2026-07-28" stands there twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l faults.List
			checkVersions(&l, "protocol_versions", tt.list)
			switch {
			case tt.want == "" && len(l) > 0:
				t.Errorf("%v", l)
			case tt.want != "" && (len(l) != 1 || l[0].Message != tt.want || l[0].Path != "protocol_versions"):
				t.Errorf("%v, want %s", l, tt.want)
			}
		})
	}
}

// TestVersionsAsConfigured: the order in which they are configured says nothing, and what
// is configured stays as it is.
func TestVersionsAsConfigured(t *testing.T) {
	configured := []string{"2025-06-18", "2026-07-28", "2025-11-25"}
	v := MCPConfig{ProtocolVersions: configured}.versions()
	if got := v.sorted(); !slices.Equal(got, versions{"2026-07-28", "2025-11-25", "2025-06-18"}) {
		t.Errorf("sorted: %q", got)
	}
	if got := v.selfContained(); !slices.Equal(got, versions{"2026-07-28"}) {
		t.Errorf("those that stand alone: %q", got)
	}
	if configured[0] != "2025-06-18" || !v.legacy() || !v.has("2025-11-25") || v.has("2024-11-05") || v.has("") {
		t.Errorf("%q", configured)
	}
}
