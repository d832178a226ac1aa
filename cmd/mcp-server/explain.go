package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// maxJWKSFile bounds the file of --jwks, as a fetched key set is bounded.
const maxJWKSFile = 512 << 10

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
		if o.failed && o.json {
			return errors.New("--failed is for the text: --json has every check, with its state")
		}
		e, err := newExplainer(cfg, o)
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

// explainer is what the judgement needs of the program: all that serve would judge
// by, and nothing that listens or runs.
type explainer struct {
	generation *server.Generation
	all        []tools.Tool // those that are not enabled, too
	tool       string
	fromFile   bool // the key set was given
}

func newExplainer(cfg config.Config, o explainOptions) (*explainer, error) {
	now := time.Now
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return nil, errors.New("--at: must be a time as in RFC 3339, such as 2026-08-01T12:00:00Z")
		}
		now = func() time.Time { return at }
	}
	var keySet []byte
	if o.jwks != "" {
		var err error
		if keySet, err = readBounded(o.jwks, maxJWKSFile); err != nil {
			return nil, fmt.Errorf("--jwks: %w", err)
		}
	}
	client, err := auth.NewHTTPClient(cfg.Auth)
	if err != nil {
		return nil, err
	}
	trust, err := auth.NewTrustOnce(cfg.Auth, client, keySet)
	if err != nil {
		return nil, err
	}
	all := tools.All(cfg.Tools, toolDeps(now))
	return &explainer{
		generation: server.NewGeneration(1,
			auth.NewVerifier(cfg.Auth, trust, now),
			cfg.Access, cfg.Auth.RequiredScopes,
			tools.NewSet(all, cfg.Tools),
		),
		all:      all,
		tool:     o.tool,
		fromFile: keySet != nil,
	}, nil
}

// readBounded reads a file of at most limit bytes, and never returns nil without an
// error.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(content)) > limit:
		return nil, fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return content, nil
}
