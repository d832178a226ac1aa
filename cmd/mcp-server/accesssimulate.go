package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"mcp-resource-server/internal/audit"
	"mcp-resource-server/internal/namedfile"
)

func (p *program) accessSimulateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "simulate --audit FILE",
		Short: "Replay recorded decisions under this table: who would lose or gain what",
		Long: "Reads audit lines, asks this configuration's access table about each recorded operation with the\n" +
			"scopes that its caller held, and prints who would be refused what was allowed, and who would be\n" +
			"allowed what was refused. It needs no issuer: of the configuration, the sections access and tools\n" +
			"and auth.required_scopes have to be right.\n\n" +
			"The exit status is 0; with --fail-on-loss it is 1 where somebody would lose something.",
		Example: "  mcp-server access simulate --config new.yaml --audit /var/log/mcp/audit.log\n" +
			"  kubectl logs deploy/mcp-server | mcp-server access simulate --config new.yaml --audit -",
		Args: cobra.NoArgs,
	}
	load := p.accessFlags(cmd)
	file := cmd.Flags().String("audit", "", "file of audit lines, or - for standard input; other lines in it are skipped")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	failOnLoss := cmd.Flags().Bool("fail-on-loss", false, "exit with 1 where somebody would lose something")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		r := newReplay(newAccessTable(cfg))
		if err := readAudit(cmd.Context(), cmd.InOrStdin(), *file, r); err != nil {
			return err
		}
		report := r.report()
		text := report.text()
		if *asJSON {
			if text, err = indentedJSON(report); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(p.stdout, text); err != nil {
			return err
		}
		if *failOnLoss && report.Totals.Lost > 0 {
			return errLoss
		}
		return nil
	}
	return cmd
}

var (
	errLoss    = errors.New("somebody would lose what was allowed (--fail-on-loss)")
	errNoAudit = errors.New("--audit: is needed: a file of audit lines, or - for standard input")
)

// readAudit replays the lines of a file, which may be a pipe.
func readAudit(ctx context.Context, in io.Reader, name string, r *replay) error {
	if name == "" {
		return errNoAudit
	}
	if name != "-" {
		if err := namedfile.CheckPath(name); err != nil {
			return fmt.Errorf("--audit: %w", err)
		}
		file, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("--audit: %w", err)
		}
		defer file.Close()
		in = file
	}
	_, err := await(ctx, func() (_ string, err error) {
		r.totals.Skipped, err = audit.Read(in, r.line)
		return "", err
	})
	if err != nil {
		return fmt.Errorf("reading the audit lines: %w", err)
	}
	return nil
}
