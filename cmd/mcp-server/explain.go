package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/namedfile"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// explainOptions are the command's own flags.
type explainOptions struct {
	jwks string // a file, or ""
	tool string // or ""
	at   string // RFC 3339, or "" for now
	json bool
	// failed leaves the checks that did not fail out of the text.
	failed bool
}

func (p *program) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [TOKEN | -]",
		Short: "Say why an access token is accepted or refused, check by check",
		Long: "Judges an access token as serve would with this configuration, makes every check that can be\n" +
			"made, and prints what each expected, what it got, and what to do about it. The token comes from\n" +
			"standard input, or from a prompt where that is a terminal; as an argument it would stand in the\n" +
			"shell's history.\n\n" +
			"The keys of the token's own issuer are fetched, once; with --jwks nothing is. The exit status is 0\n" +
			"where the token is accepted (and, with --tool, may call the tool), else 1.\n\n" +
			"The output holds what stands in the token, but not its signature: nobody can call with it.",
		Args: cobra.MaximumNArgs(1),
	}
	load := p.configFlags(cmd)
	var o explainOptions
	flags := cmd.Flags()
	flags.StringVar(&o.jwks, "jwks", "", "file with the issuer's key set (a JWK set); nothing is fetched then")
	flags.StringVar(&o.tool, "tool", "", "say as well whether the caller may call this tool")
	flags.StringVar(&o.at, "at", "", "judge at this time instead of now (RFC 3339, such as 2026-08-01T12:00:00Z)")
	flags.BoolVar(&o.failed, "failed", false, "print the checks that failed alone")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		if err := o.check(cmd.Flags().Changed); err != nil {
			return err
		}
		e, err := newExplainer(cfg, o, p.stderr)
		if err != nil {
			return err
		}
		token, err := p.tokenInput(cmd.Context(), cmd.InOrStdin(), args)
		if err != nil {
			return err
		}
		report := e.report(cmd.Context(), token)
		if o.json {
			err = report.json(p.stdout)
		} else {
			err = report.text(p.stdout, o.failed)
		}
		return cmp.Or(err, report.err())
	}
	return cmd
}

// check refuses what cannot be meant: a variable of the shell that is not set leaves
// an empty text, and without its flag the answer would be another.
func (o explainOptions) check(given func(name string) bool) error {
	for name, text := range map[string]string{"jwks": o.jwks, "tool": o.tool, "at": o.at} {
		if given(name) && text == "" {
			return fmt.Errorf("--%s: is empty: is it a variable that is not set?", name)
		}
	}
	switch {
	case namedfile.CheckPath(o.tool) != nil:
		return errors.New("--tool: this is no tool's name: the token comes from standard input")
	case o.failed && o.json:
		return errors.New("--failed is for the text: --json has every check, with its state")
	}
	return nil
}

// explainer is what the judgement needs of the program: all that serve would judge
// by, and nothing that listens or runs.
type explainer struct {
	generation *server.Generation
	inventory  tools.Inventory // with the tools that are not enabled
	tool       string
	fromFile   bool     // the key set was given
	broken     []string // the files that cannot be used, and why
	kept       keptKeys
}

// newExplainer warns of what the judgement has to do without.
func newExplainer(cfg config.Config, o explainOptions, warnings io.Writer) (*explainer, error) {
	now := time.Now
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return nil, errors.New("--at: must be a time as in RFC 3339, such as 2026-08-01T12:00:00Z")
		}
		now = func() time.Time { return at }
	}
	keySet, err := readKeySet(o.jwks)
	if err != nil {
		return nil, fmt.Errorf("--jwks: %w", err)
	}
	client, err := auth.NewHTTPClient(cfg.Auth)
	if err != nil {
		return nil, err
	}
	trust, faults, err := auth.NewTrustOnce(cfg.Auth, client, keySet)
	if err != nil {
		return nil, err
	}
	broken := make([]string, len(faults))
	for i, fault := range faults {
		broken[i] = safe(fault.Error()) + ": judged without it"
		fmt.Fprintln(warnings, "warning:", broken[i])
	}
	inventory := tools.Everything(cfg.Tools, toolDeps(now))
	return &explainer{
		generation: server.NewGeneration(1,
			auth.NewVerifier(cfg.Auth, trust, now),
			cfg.Access, cfg.Auth.RequiredScopes,
			tools.NewSet(inventory, cfg.Tools),
		),
		inventory: inventory,
		tool:      o.tool,
		fromFile:  keySet != nil,
		broken:    broken,
		kept:      keptKeys{cfg.Auth, client},
	}, nil
}
