package main

import "github.com/spf13/cobra"

// refuseUnknownTopics makes usage errors of what cobra's own commands would answer with a
// help text and status 0.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = topicOf(root)
		case "completion":
			// Its arguments are looked at only where there is something to run.
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// topicOf wants the name of a command.
func topicOf(root *cobra.Command) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		_, rest, err := root.Find(args)
		if err == nil && len(rest) > 0 {
			err = usagef("there is no command %q to help with", line(rest[0]))
		}
		return err
	}
}
