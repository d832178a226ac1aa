package main

import (
	"cmp"
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/oauthclient"
)

// A server that runs may know what explain cannot: the files and the key sets that it
// read while they were good.

// runningHints tell where the answer of such a server may be another.
func (e *explainer) runningHints(explained auth.Explanation) []string {
	var hints []string
	for _, file := range e.broken {
		hints = append(hints, file+"; a server that runs goes on with what it read before, which nobody can see from here, and one that starts now refuses to")
	}
	refusal := cmp.Or(explained.Bare, explained.Refusal)
	if refusal == nil || refusal.Reason != auth.ReasonKeysUnavailable || explained.Keys.Origin != auth.KeysFetched {
		return hints
	}
	hint := "503 is the answer unless the running server still holds the issuer's keys: see /readyz?verbose"
	if e.kept.has(refusal.Issuer) {
		hint += "; one that is restarted now begins with those that it kept in auth.jwks.cache_dir"
	}
	return append(hints, hint)
}

// keptKeys looks for key sets in auth.jwks.cache_dir.
type keptKeys struct {
	config auth.Config
	client oauthclient.Doer
}

// has reports whether a server that starts would find usable keys of the issuer there.
// It makes nothing, and asks nobody.
func (k keptKeys) has(issuer string) bool {
	if _, err := os.Stat(k.config.JWKS.CacheDir); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	for _, ic := range k.config.IssuerList() {
		if ic.Issuer != issuer {
			continue
		}
		alone := auth.Config{Issuers: []auth.IssuerConfig{ic}, JWKS: k.config.JWKS}
		trust, err := auth.NewTrust(alone, k.client, slog.New(slog.DiscardHandler))
		if err != nil {
			return false
		}
		_, all := trust.Ready()
		return all[0].Cached && all[0].Usable
	}
	return false
}
