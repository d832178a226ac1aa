package server

import (
	"encoding/json"
	"testing"
)

// TestIdentity: a server tells people who it is, in both eras, if it was told.
func TestIdentity(t *testing.T) {
	const picture = "data:image/svg+xml;base64,PHN2Zy8+"
	for _, tt := range []struct{ name, site, icon, want string }{
		{"all of it", "https://example.com/about", picture, `{"icons":[{"src":"` + picture + `"}],"name":"n","title":"t","version":"v","websiteUrl":"https://example.com/about"}`},
		{"nothing", "", "", `{"name":"n","title":"t","version":"v"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				o.MCP.Name, o.MCP.Title, o.Version = "n", "t", "v"
				o.MCP.WebsiteURL, o.MCP.IconURL = tt.site, tt.icon
			})
			token := r.token("tool:alpha")
			discovered := answerOf(t, r.ask(true, token, "server/discover", "", "")).Result["_meta"].(map[string]any)
			for era, told := range map[string]any{
				"legacy": answerOf(t, r.serve(with(token, initialize))).Result["serverInfo"],
				"modern": discovered["io.modelcontextprotocol/serverInfo"],
			} {
				if got, _ := json.Marshal(told); string(got) != tt.want {
					t.Errorf("%s: %s, want %s", era, got, tt.want)
				}
			}
		})
	}
}
