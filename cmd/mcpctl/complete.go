package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

// completionTimeout is how long a person waits for a Tab.
const completionTimeout = 2 * time.Second

// completeTool offers the names of the server's tools, and nothing where they cannot
// be had: whoever presses Tab does not want to read why.
func (p *program) completeTool(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	const none = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault // @FILE
	}
	s, err := p.settings(cmd.Flags())
	if err != nil || !s.tokensAreFree() {
		return nil, none
	}
	p.console.silence()
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
	defer cancel()
	c, err := p.connect(ctx, s)
	if err != nil {
		return nil, none
	}
	defer c.close()
	tools, err := c.tools(ctx)
	if err != nil {
		return nil, none
	}
	var names []string
	for _, t := range tools {
		names = append(names, line(t.name)+"\t"+line(firstSentence(t.description)))
	}
	return names, none
}

// tokensAreFree reports whether a connection costs no token of an issuer that meters
// them: each Tab is a process of its own.
func (s *settings) tokensAreFree() bool {
	return s.dev || s.token != "" || s.client.ID == "" || s.cacheDir != ""
}
