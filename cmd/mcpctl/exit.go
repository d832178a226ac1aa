package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mcp-resource-server/cmd/mcpctl/ask"
)

// The exit statuses. Scripts branch on them: they are part of the interface.
const (
	exitOK          = 0
	exitOther       = 1
	exitUsage       = 2
	exitAuth        = 3
	exitTool        = 4
	exitNetwork     = 5
	exitModel       = 6
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// exitHelp stands in the help of the program.
const exitHelp = `Exit status:
  0    done
  1    anything that is not below; stdout cannot be written, or nobody reads it (then quietly)
  2    usage: a flag, an argument, a setting or the tool's input is wrong; nothing was called
  3    authorization: no credentials, or they were refused; trouble with the issuer; 401, 403
  4    tool: it failed, there is no such tool, none for a model, or a JSON-RPC error
  5    network: not reachable, too slow, TLS, or not an MCP server
  6    model (ask)
  130  interrupted`

// failure is what a command ends with.
type failure struct {
	code int
	text string // for a person; other people's words in it are printable and bounded
	err  error  // the cause, or nil; it is not shown
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

func failf(code int, format string, args ...any) *failure {
	return &failure{code: code, text: fmt.Sprintf(format, args...)}
}

func usagef(format string, args ...any) *failure { return failf(exitUsage, format, args...) }

// because adds the cause.
func (f *failure) because(err error) *failure {
	f.err = err
	return f
}

// quiet is a failure of which nobody has to be told in words.
func quiet(code int) *failure { return &failure{code: code} }

// exitCode is the status for what a command line ended with. What is no failure
// comes from cobra, before a command ran: an unknown flag, a wrong number of
// arguments.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	return exitUsage
}

// finished makes a failure of every error that a command's own code returns.
func finished(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return failf(exitInterrupted, "interrupted").because(err)
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return failf(exitOther, "%s", line(err.Error())).because(err)
}

// maxLine bounds text of others in a line of ours.
const maxLine = 400

// line makes one printable line of text that may be anybody's, and not too long a one.
// What a server wrote is the console's to shorten: it may quote the token.
func line(text string) string { return shorten(flat(text), maxLine) }

// flat makes one printable line of any length.
func flat(text string) string { return strings.Join(strings.Fields(ask.Printable(text)), " ") }

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + " …"
}
