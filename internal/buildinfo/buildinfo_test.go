package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestString(t *testing.T) {
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc123"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}}
	for _, tt := range []struct {
		name string
		in   debug.BuildInfo
		want string
	}{
		{"released", debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"}, Settings: vcs}, "v1.2.3 abc123 2026-01-02T03:04:05Z go1.26.8"},
		{"with changes", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: append(vcs, debug.BuildSetting{Key: "vcs.modified", Value: "true"})}, "devel abc123+dirty 2026-01-02T03:04:05Z"},
		{"outside a checkout", debug.BuildInfo{}, "devel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := from(&tt.in).String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
