package main

import (
	"slices"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// install replaces the generation by one that has the named tools alone.
func (s *stack) install(number uint64, names ...string) {
	s.t.Helper()
	cfg := config.Default()
	cfg.Auth.Issuer, cfg.Auth.Audience = s.issuer.Issuer(), s.mcpURL
	var list []tools.Tool
	for _, t := range append(s.ownTools(cfg), s.probeTool()) {
		if slices.Contains(names, t.Name()) {
			list = append(list, t)
		}
	}
	set := tools.NewSet(tools.Inventory{Tools: list}, tools.Config{})
	s.app.server.Install(server.NewGeneration(number, auth.NewVerifier(cfg.Auth, s.app.trust, s.clock.now), cfg.Access, nil, set))
}
