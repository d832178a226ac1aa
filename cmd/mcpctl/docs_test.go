package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The reference names every command, flag, variable and exit status, and no flag that
// is not there.
func TestReferenceIsComplete(t *testing.T) {
	content, err := os.ReadFile("../../docs/mcpctl.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	known := map[string]bool{"--enable-auto-tool-choice": true, "--tool-call-parser": true, "--offline": true, "--help": true} // of others
	root := newProgram(nil, stdio{}).rootCommand()
	variable := regexp.MustCompile(`\b(?:MCP|OPENAI)_[A-Z_]+|NO_COLOR`)
	check := func(f *pflag.Flag) {
		known["--"+f.Name] = true
		if !strings.Contains(text, "`--"+f.Name) {
			t.Errorf("no --%s", f.Name)
		}
		for _, name := range variable.FindAllString(f.Usage, -1) {
			if !strings.Contains(text, "`"+name+"`") {
				t.Errorf("no %s", name)
			}
		}
	}
	root.PersistentFlags().VisitAll(check)
	for _, cmd := range append([]*cobra.Command{{Use: "completion"}}, root.Commands()...) {
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" {
				check(f)
			}
		})
		if !regexp.MustCompile(`(?m)^### .*\b` + cmd.Name() + `\b`).MatchString(text) {
			t.Errorf("no heading for %s", cmd.Name())
		}
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(text, -1) {
		if !known[flag] {
			t.Errorf("there is no %s", flag)
		}
	}
	for _, code := range []int{exitOK, exitOther, exitUsage, exitAuth, exitTool, exitNetwork, exitModel, exitInterrupted} {
		if !strings.Contains(text, "\n| "+strconv.Itoa(code)+" |") {
			t.Errorf("no status %d in the reference", code)
		}
		if !regexp.MustCompile(`(?m)^  ` + strconv.Itoa(code) + ` +[a-z]`).MatchString(root.Long) {
			t.Errorf("no status %d in --help", code)
		}
	}
	if !strings.Contains(text, "`"+defaultModel+"`") {
		t.Errorf("no %s", defaultModel)
	}
}
