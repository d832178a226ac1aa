// Command mcp-server is an MCP server that is an OAuth 2.1 resource server: it
// serves tools to callers with an access token of a configured issuer.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// program is what the commands know of the process that they run in.
type program struct {
	environ        []string
	stdout, stderr io.Writer
}

// run executes one command line and returns the process's exit status: 0, or 1
// with the reason on stderr.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := newRoot(&program{environ: environ, stdout: stdout, stderr: stderr})
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(stderr, "mcp-server:", withoutContent(err))
		return 1
	}
	return 0
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "mcp-server",
		Short:         "An MCP server behind OAuth 2.1 access tokens",
		SilenceUsage:  true,
		SilenceErrors: true, // run prints the one line
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(p.serveCommand(), p.devCommand(), p.healthcheckCommand(), p.configCommand(), p.explainCommand(), p.accessCommand(), p.tokenCommand(), p.versionCommand())
	discreet(root)
	return root
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print which build this is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.stdout, "mcp-server", build())
			return err
		},
	}
}
