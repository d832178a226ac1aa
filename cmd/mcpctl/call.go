package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"mcp-resource-server/internal/strictjson"
)

// maxInput bounds arguments that are read from a file.
const maxInput = 8 << 20

func (p *program) callCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "call TOOL [NAME=VALUE … | --json OBJECT | @FILE]",
		Short: "Call a tool",
		Long: `Call a tool and print the text of its answer.

  mcpctl call get_time timezone=Asia/Kolkata
  mcpctl call extension action=run config.retries=3 data=1 data=2 note:='"1"'
  mcpctl call extension --json '{"config": {}, "data": [], "action": "run"}'
  mcpctl call extension @input.json          or @- for stdin

NAME=VALUE is typed by the tool's input schema and checked against it before the
call; NAME:=JSON is JSON as it stands. A name that is repeated makes an array, dots
lead into objects. A VALUE that can mean several types becomes the first of null,
boolean, integer, number, object, array and string that the schema takes.
--json and @FILE are sent as they are: the server judges.

` + exitHelp,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: p.completeTool,
	}
	literal := cmd.Flags().String("json", "", "the arguments as one JSON object, or - for stdin")
	repeat := cmd.Flags().Int("repeat", 1, "call so many times, one after the other, and stop at the first failure")
	return p.command(cmd, func(ctx context.Context, s settings, args []string) error {
		if *repeat < 1 {
			return usagef("--repeat is %d: it must be at least 1", *repeat)
		}
		in, err := interruptible(ctx, func() (input, error) {
			in := input{tool: args[0], pairs: args[1:]}
			err := in.read(p, cmd.Flags().Changed("json"), *literal)
			return in, err
		})
		if err != nil {
			return err
		}
		c, err := p.connect(ctx, s)
		if err != nil {
			return err
		}
		defer c.close()
		arguments, hint, err := c.arguments(ctx, in)
		if err != nil {
			return err
		}
		for range *repeat {
			if err := p.callOnce(ctx, c, in.tool, arguments, hint); err != nil {
				return err
			}
		}
		return nil
	})
}

// input is what a tool is called with, as the command line says it: pairs, or whole.
type input struct {
	tool  string
	pairs []string
	whole jsontext.Value
}

// read takes the arguments from where they are: all that can be wrong with them is
// told before anything is connected.
func (in *input) read(p *program, isJSON bool, literal string) error {
	fromFile := len(in.pairs) > 0 && strings.HasPrefix(in.pairs[0], "@")
	fromStdin := len(in.pairs) == 1 && in.pairs[0] == "-"
	if isJSON && len(in.pairs) > 0 || fromFile && len(in.pairs) > 1 {
		return usagef("give NAME=VALUE arguments, --json or @FILE: one of them")
	}
	path := ""
	switch {
	case isJSON && literal != "-":
		return in.take([]byte(literal), "--json")
	case fromFile:
		path = in.pairs[0][1:]
	case isJSON, fromStdin:
		path = "-"
	default:
		for _, pair := range in.pairs {
			if _, err := splitArgument(pair); err != nil {
				return err
			}
		}
		return nil
	}
	in.pairs = nil
	if path == "-" {
		content, err := readAll(p.io.in, "stdin", maxInput)
		if err != nil {
			return usagef("%s", line(err.Error())).because(err)
		}
		return in.take(content, "stdin")
	}
	content, err := readBounded(path, maxInput)
	if err != nil {
		return usagef("%s", line(err.Error())).because(err)
	}
	return in.take(content, path)
}

func (in *input) take(content []byte, from string) error {
	if _, err := strictjson.Object(content, maxDepth); err != nil {
		return usagef("%s: %s", line(from), err).because(err)
	}
	in.whole = content
	return nil
}

// arguments are what the tool is called with. Pairs need its schema: the server is
// asked for it. A tool that it does not list is called all the same, with values of
// the types that they look like: it may need a scope that this token has not yet.
// The hint goes with an error of such a call.
func (c *client) arguments(ctx context.Context, in input) (arguments jsontext.Value, hint string, err error) {
	if in.whole != nil {
		return in.whole, "", nil
	}
	tools, err := c.tools(ctx)
	if err != nil {
		return nil, "", err
	}
	var schema inputSchema
	if t := find(tools, in.tool); t != nil {
		schema = readSchema(t.inputSchema())
	} else {
		hint = c.listHint(tools)
		c.console.note("the server does not list %s: calling it without knowing its input schema", line(in.tool))
	}
	arguments, err = buildArguments(in.tool, schema, in.pairs)
	return arguments, hint, err
}

func (c *client) listHint(tools []tool) string {
	if len(tools) == 0 {
		return "; the server lists no tools for this token"
	}
	names := make([]string, len(tools))
	for i, t := range tools {
		names[i] = t.name
	}
	return "; the server lists " + c.console.line(strings.Join(names, ", "))
}

func (p *program) callOnce(ctx context.Context, c *client, tool string, arguments jsontext.Value, hint string) error {
	a, err := c.call(ctx, &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		if f, ok := errors.AsType[*failure](err); ok && f.code == exitTool {
			f.text += hint
		}
		return err
	}
	if a.result.NeedsInput() {
		return failf(exitTool, "%s asks for input during the call, which mcpctl does not give", line(tool))
	}
	if c.settings.json {
		if err := p.printJSON(a.raw); err != nil {
			return err
		}
	}
	switch {
	case a.result.IsError:
		return failf(exitTool, "%s failed: %s", line(tool), c.console.block(a.text(false)))
	case c.settings.json:
		return nil
	default:
		return p.printText(a.text(p.io.outTerminal))
	}
}
