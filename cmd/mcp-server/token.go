package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mcp-resource-server/auth"
)

const day = 24 * time.Hour

// maxTokenDays bounds a new static token's life: nobody takes one back who has
// forgotten it. The longest year has so many days.
const maxTokenDays = 366

func (p *program) tokenCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "token",
		Short: "Make static bearer tokens",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(p.tokenNewCommand())
	return group
}

func (p *program) tokenNewCommand() *cobra.Command {
	var o newTokenOptions
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a static bearer token, and the entry for auth.static_tokens_file that makes it good",
		Long: "The token goes to standard output, alone. The entry for the file goes to standard error, with\n" +
			"comments around it: all of that is YAML, and may be added to the end of the file as it is.\n" +
			"The token is not kept anywhere, and cannot be found out from the entry.",
		Example: `  TOKEN=$(mcp-server token new --name ci --scopes tool:greet,tool:whoami --expires 30d)`,
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return p.newToken(o, time.Now()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.name, "name", "", "who will use it: subject and client of its calls, in the log (default: a new name)")
	flags.StringSliceVar(&o.scopes, "scopes", nil, "what it grants, with commas between (default: nothing)")
	flags.StringVar(&o.expires, "expires", "90d", "how long it is good (90d, 720h), its last day (2027-01-31) or an RFC 3339 time; at most a year")
	return cmd
}

type newTokenOptions struct {
	name, expires string
	scopes        []string
}

// newToken writes the entry first: a token that nobody was given is no loss, an
// entry that is missing is.
func (p *program) newToken(o newTokenOptions, now time.Time) error {
	expires, err := parseTokenExpiry(o.expires, now)
	if err != nil {
		return fmt.Errorf("--expires: %w", err)
	}
	if o.name == "" {
		o.name = "token-" + strings.ToLower(rand.Text()[:8])
	}
	for i := range o.scopes {
		o.scopes[i] = strings.TrimSpace(o.scopes[i])
	}
	token, entry, err := auth.NewStaticToken(o.name, o.scopes, expires)
	if err != nil {
		return fmt.Errorf("making a token: %w", err)
	}
	if _, err := fmt.Fprint(p.stderr, "\n"+
		"# The line on standard output is the token. It is shown this once and kept nowhere:\n"+
		"# put it where secrets are kept.\n"+
		"# What makes it good is this entry: add it to the file of auth.static_tokens_file, not indented.\n"+entry+"\n"); err != nil {
		return fmt.Errorf("writing the entry: %w", err)
	}
	if _, err := fmt.Fprintln(p.stdout, token); err != nil {
		return fmt.Errorf("writing the token: %w", err)
	}
	return nil
}

var errTokenExpiry = errors.New("must be a number of days (90d) or hours (720h), a date (2027-01-31) or an RFC 3339 time")

// parseTokenExpiry reads a life, or its end, which must be ahead and not too far.
func parseTokenExpiry(text string, now time.Time) (time.Time, error) {
	expires, err := auth.ParseExpiry(text)
	if err != nil {
		life, ok := parseLife(text)
		if !ok {
			return time.Time{}, errTokenExpiry
		}
		expires = now.Add(life)
	}
	switch {
	case !expires.After(now):
		return time.Time{}, errors.New("must be ahead")
	case expires.After(now.Add(maxTokenDays * day)):
		return time.Time{}, fmt.Errorf("must be at most %d days ahead: make a new token then", maxTokenDays)
	}
	return expires, nil
}

// parseLife reads a duration, which may be of days.
func parseLife(text string) (time.Duration, bool) {
	days, ok := strings.CutSuffix(text, "d")
	if !ok {
		life, err := time.ParseDuration(text)
		return life, err == nil
	}
	n, err := strconv.ParseUint(days, 10, 64)
	return time.Duration(min(n, maxTokenDays+1)) * day, err == nil
}
