package main

import (
	"fmt"

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
		_, err = fmt.Fprintf(p.stdout, "the configuration is valid\npublic_url: %s\n", cfg.HTTP.PublicURL)
		for _, issuer := range cfg.Auth.IssuerList() {
			if err == nil {
				_, err = fmt.Fprintf(p.stdout, "issuer: %s (audiences: %q)\n", issuer.Issuer, issuer.Audiences)
			}
		}
		return err
	}
	group.AddCommand(check)
	return group
}
