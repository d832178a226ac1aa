// Command mcpctl is a client of MCP servers that want an OAuth access token: it
// gets one, lists the tools, calls them, and lets a model choose among them.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"mcp-resource-server/internal/buildinfo"
	"mcp-resource-server/internal/devstate"
)

func main() {
	// net/http and the libraries log what a server sends: that is told on stderr by nobody
	// but the console, which knows what must not be seen.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	// A reader that is gone is an error of a write: see program.write.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(newProgram(os.Environ(), processIO()).run(context.Background(), os.Args[1:]))
}

// stdio is what the program reads and writes, and what stands behind it.
type stdio struct {
	in                    io.Reader
	out, err              io.Writer
	outTerminal, terminal bool // out, and err
	// width is that of the terminal, in columns; 0 where it is not known.
	width func() int
}

func processIO() stdio {
	return stdio{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		terminal:    term.IsTerminal(int(os.Stderr.Fd())),
		width: func() int {
			for _, f := range []*os.File{os.Stdout, os.Stderr} {
				if w, _, err := term.GetSize(int(f.Fd())); err == nil {
					return w
				}
			}
			return 0
		},
	}
}

// program is what the commands know of the process that they run in.
type program struct {
	env     map[string]string
	io      stdio
	console *console
	// base sends requests to the server; nil means a transport of its own.
	base http.RoundTripper
	now  func() time.Time
	// Where files of this user are found.
	cacheDir func() (string, error)
	devState func() (string, error)
}

func newProgram(environ []string, s stdio) *program {
	p := &program{
		env: map[string]string{}, io: s, now: time.Now,
		cacheDir: os.UserCacheDir, devState: devstate.Path,
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		p.env[name] = value
	}
	// https://no-color.org: any value but none.
	p.console = newConsole(s, p.env["NO_COLOR"] == "" && p.env["TERM"] != "dumb")
	return p
}

// run executes one command line and returns the process's exit status, with the
// reason on stderr where it is not 0.
func (p *program) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			code = p.crashed(fault, debug.Stack())
		}
	}()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := p.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	p.console.fail(err)
	return exitCode(err)
}

// crashed tells of a fault of the program itself. Where it is stands in the stack, and what
// a server sent may stand there too: it is for who asks with -v.
func (p *program) crashed(fault any, stack []byte) int {
	p.console.note("%s\n%s", p.console.line(fmt.Sprint(fault)), p.console.block(string(stack)))
	p.console.fail(failf(exitOther, "internal error: please report it, with what -v says"))
	return exitOther
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "mcpctl",
		Short: "Call the tools of an MCP server, with an OAuth access token of your own client",
		Long: `mcpctl gets an access token with client credentials, lists the tools of an MCP
server, calls them, and lets a model choose among them. It finds the issuer by
asking the server.

  mcpctl --dev list                         the server that ` + "`mcp-server dev`" + ` runs here
  export MCP_URL=https://mcp.example.com/mcp MCP_CLIENT_ID=… MCP_CLIENT_SECRET=…
  mcpctl call get_time timezone=Asia/Kolkata

A flag goes before its environment variable. Of each secret there is also a
variable NAME_FILE with the path of a file that holds it. There is no flag for a
secret: everybody on the machine sees command lines.

` + exitHelp,
		SilenceUsage:  true,
		SilenceErrors: true, // run prints the one line
	}
	root.SetIn(p.io.in)
	root.SetOut(p.io.out)
	root.SetErr(p.io.err)
	addFlags(root.PersistentFlags())
	completeFlags(root)
	root.AddCommand(p.tokenCommand(), p.listCommand(), p.callCommand(), p.askCommand(), p.versionCommand())
	refuseUnknownTopics(root)
	return root
}

// command wires what a command does into cobra.
func (p *program) command(cmd *cobra.Command, do func(ctx context.Context, s settings, args []string) error) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		s, err := interruptible(ctx, func() (settings, error) { return p.settings(cmd.Flags()) })
		if err == nil {
			p.console.set(s.verbose, s.noColor)
			err = do(ctx, s, args)
		}
		return finished(ctx, err)
	}
	return cmd
}

func build() buildinfo.Info { return buildinfo.Read() }
