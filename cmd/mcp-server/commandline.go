package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mcp-resource-server/internal/editdistance"
	"mcp-resource-server/internal/namedfile"
)

// What is typed may be a token in the wrong place, and what is printed may stand in the
// log of a build: nothing here MUST repeat what was typed. It names what there is.

// discreet replaces the texts of cobra and pflag, which quote what they do not know,
// for root and all commands below it.
func discreet(root *cobra.Command) {
	root.SetFlagErrorFunc(flagError)
	// Cobra would add these two later, with texts of its own.
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	discreetArguments(root)
}

func discreetArguments(c *cobra.Command) {
	if accepts := c.Args; accepts != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if accepts(cmd, args) == nil {
				return nil
			}
			return argumentError(cmd, args)
		}
	}
	for _, below := range c.Commands() {
		discreetArguments(below)
	}
}

// argumentError tells of an argument that cmd does not take.
func argumentError(cmd *cobra.Command, args []string) error {
	if !cmd.HasAvailableSubCommands() {
		return fmt.Errorf("an argument too many: %s --help says what it takes", cmd.CommandPath())
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("unknown command: %s", nearOrHelp(cmd, nearest(args[0], names)))
}

// flagError tells of a flag that is not there, or that was given a wrong value.
func flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		// After a single dash, each letter is a flag: -json is --json, mistyped.
		typed := cmp.Or(e.GetSpecifiedShortnames(), e.GetSpecifiedName())
		typed, _, _ = strings.Cut(typed, "=")
		if e.GetSpecifiedShortnames() == "" && ofAnother(cmd.Root(), typed) {
			return fmt.Errorf("unknown flag: --%s is none of %s", typed, cmd.CommandPath())
		}
		return fmt.Errorf("unknown flag: %s", nearOrHelp(cmd, nearest(typed, flagNames(cmd))))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s: needs a value", e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if e.GetFlag().Value.Type() == "bool" {
			return fmt.Errorf("--%s: must be true or false, or stand alone", e.GetFlag().Name)
		}
		return fmt.Errorf("--%s: cannot be read", e.GetFlag().Name)
	}
	return errors.New("a flag is not written as it must be: --NAME or --NAME=VALUE")
}

// ofAnother reports whether a flag has the name at c or below it: then it is ours, and
// can be named.
func ofAnother(c *cobra.Command, name string) bool {
	return c.Flags().Lookup(name) != nil ||
		slices.ContainsFunc(c.Commands(), func(below *cobra.Command) bool { return ofAnother(below, name) })
}

// flagNames are those of cmd, with their dashes.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

func nearOrHelp(cmd *cobra.Command, near []string) string {
	if len(near) == 0 {
		return cmd.CommandPath() + " --help lists those that there are"
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

const (
	// maxNearTyped bounds what is compared with the names that there are.
	maxNearTyped = 64
	maxNear      = 3
)

// nearest returns the names that typed may stand for, the nearest first: those that
// differ in a few letters, and those that end in it as a path does (--issuer for
// --auth.issuer).
func nearest(typed string, names []string) []string {
	typed = strings.ToLower(strings.TrimLeft(typed, "-"))
	if typed == "" || len(typed) > maxNearTyped {
		return nil
	}
	distances := map[string]int{}
	for _, name := range names {
		bare := strings.TrimLeft(name, "-")
		switch d := editdistance.Of(typed, bare); {
		case strings.HasSuffix(bare, "."+typed):
			distances[name] = 0
		case d <= min(2, len(bare)/2):
			distances[name] = d
		}
	}
	near := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := distances[name]; return !ok })
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return near[:min(len(near), maxNear)]
}

// withoutContent returns err with other words for a file's name that is none: errors of
// package os quote it. It is a net below what is checked where files are read.
func withoutContent(err error) error {
	e, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return err
	}
	content := namedfile.CheckPath(e.Path)
	if content == nil {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), e.Path, "("+content.Error()+")"))
}
