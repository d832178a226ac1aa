package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
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
		Args:  cobra.NoArgs,
	}
	load := p.configFlags(check)
	check.RunE = func(*cobra.Command, []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		if _, err := cfg.HTTP.TLS.Load(); err != nil {
			return err
		}
		trust, err := newTrust(cfg.Auth, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		var text strings.Builder
		fmt.Fprintf(&text, "the configuration is valid\npublic_url: %s\n", cfg.HTTP.PublicURL)
		for _, issuer := range cfg.Auth.IssuerList() {
			fmt.Fprintf(&text, "issuer: %s (audiences: %q)\n", issuer.Issuer, issuer.Audiences)
			for _, kid := range trust.StaticKeyIDs(issuer.Issuer) {
				fmt.Fprintf(&text, "  static key: kid %s\n", kid)
			}
		}
		_, err = io.WriteString(p.stdout, text.String())
		return err
	}
	group.AddCommand(check)
	return group
}
