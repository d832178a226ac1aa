package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/audit"
)

func (p *program) configCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "config",
		Short: "Look at the configuration",
		Args:  cobra.NoArgs, // a mistyped subcommand must not pass for a good check
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	check := &cobra.Command{
		Use:   "check",
		Short: "Say whether serve would start with this configuration, and every fault if not",
		Long: "Reads the configuration and the files that it names, and says whether serve would start: every\n" +
			"fault if not, else whose tokens are accepted. An empty variable counts as not set: what it was\n" +
			"to restrict shows here as \"any\".",
		Args: cobra.NoArgs,
	}
	load := p.configFlags(check)
	check.RunE = func(*cobra.Command, []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		trust, err := checkFiles(cfg)
		if err != nil {
			return err
		}
		_, err = io.WriteString(p.stdout, summary(cfg, trust))
		return err
	}
	group.AddCommand(check)
	return group
}

// checkFiles reads the files that the configuration names, and makes none: what
// another user than the one whom serve runs as has made, serve could not use.
func checkFiles(cfg config.Config) (*auth.Trust, error) {
	if _, err := cfg.HTTP.TLS.Load(); err != nil {
		return nil, err
	}
	if err := cfg.Auth.JWKS.CheckCacheDir(); err != nil {
		return nil, err
	}
	if err := audit.Check(cfg.Audit); err != nil {
		return nil, err
	}
	cfg.Auth.JWKS.CacheDir = ""
	return newTrust(cfg.Auth, slog.New(slog.DiscardHandler))
}

// summary says what the server makes of a good configuration.
func summary(cfg config.Config, trust *auth.Trust) string {
	var b strings.Builder
	fmt.Fprintf(&b, "the configuration is valid\npublic_url: %s\n", cfg.HTTP.PublicURL)
	for _, issuer := range cfg.Auth.IssuerList() {
		fmt.Fprintf(&b, "issuer: %s (audiences: %q)\n", safe(issuer.Issuer), issuer.Audiences)
		for _, kid := range trust.StaticKeyIDs(issuer.Issuer) {
			fmt.Fprintf(&b, "  static key: kid %s\n", safe(kid))
		}
		writeSettings(&b, "  ", issuerSettings(issuer))
	}
	writeSettings(&b, "", globalSettings(cfg, trust))
	return b.String()
}
