package main

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

func (p *program) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tools that the token unlocks",
		Long: `List the tools that the token unlocks: name, title, and the first sentence of what
each is for. With -o json it prints one array of the whole definitions, as the
server sent them.`,
		Args: cobra.NoArgs,
	}
	return p.command(cmd, func(ctx context.Context, s settings, _ []string) error {
		c, err := p.connect(ctx, s)
		if err != nil {
			return err
		}
		defer c.close()
		tools, err := c.tools(ctx)
		if err != nil {
			return err
		}
		if s.json {
			return p.printJSON(definitions(tools))
		}
		return p.printTools(c, tools)
	})
}

func definitions(tools []tool) jsontext.Value {
	out := jsontext.Value{'['}
	for i, t := range tools {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, t.definition...)
	}
	return append(out, ']')
}

func (p *program) printTools(c *client, tools []tool) error {
	if len(tools) == 0 {
		p.console.warn("%s lists no tools for this token", c.where())
		return nil
	}
	rows := [][]string{{"NAME", "TITLE", "DESCRIPTION"}}
	for _, t := range tools {
		rows = append(rows, []string{line(t.name), line(t.title), line(firstSentence(t.description))})
	}
	columns := 0
	if p.io.outTerminal {
		columns = p.io.width()
	}
	lines := table(rows, columns)
	if p.io.outTerminal && p.console.color {
		lines[0] = bold + lines[0] + reset
	}
	return p.write(strings.Join(lines, "\n") + "\n")
}

// firstSentence is what a description begins with: the rest is written for models.
func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	sentence, _, found := strings.Cut(text, ". ")
	if found {
		return sentence + "."
	}
	return text
}
