package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/tools"
)

// accessSections are the sections of the configuration that the table is made of, and
// whose flags the commands have.
var accessSections = []string{"access", "tools"}

func (p *program) accessCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "access",
		Short: "Look at the access table: who may use what",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(p.accessListCommand(), p.accessSimulateCommand())
	return group
}

// accessFlags adds the flags by which the commands find the configuration, and returns
// what loads it. Of other sections it takes what can be read: the scopes that every
// operation needs, which are part of the table and so have to be right, and the
// audience.
func (p *program) accessFlags(cmd *cobra.Command) func() (config.Config, error) {
	file := cmd.Flags().String("config", defaultConfigFile, "configuration file; unless it is named, it may be missing")
	envFile := cmd.Flags().String("env-file", "", "file of NAME=value lines, under the process's own environment")
	config.AddFlags(cmd.Flags(), accessSections...)
	return func() (config.Config, error) {
		cfg, err := config.Load(config.Source{
			File:         *file,
			FileOptional: !cmd.Flags().Changed("config"),
			EnvFile:      *envFile,
			Environ:      p.environ,
			Flags:        cmd.Flags(),
			Only:         append([]string{"auth.required_scopes"}, accessSections...),
		})
		if err != nil {
			return config.Config{}, fmt.Errorf("configuration:\n%w", err)
		}
		return cfg, nil
	}
}

// accessTable is the table under one configuration, and what it is about.
type accessTable struct {
	cfg    config.Config
	policy *auth.Policy
	// all is what the program has, enabled what of it the configuration switches on.
	all, enabled tools.Set
}

// newAccessTable builds the table of this program's own tools, prompts and resources.
// Nothing of them runs.
func newAccessTable(cfg config.Config) *accessTable {
	return accessTableOf(cfg, tools.Everything(cfg.Tools, tools.Deps{}))
}

func accessTableOf(cfg config.Config, inventory tools.Inventory) *accessTable {
	t := &accessTable{
		cfg:     cfg,
		all:     tools.NewSet(inventory, tools.Config{}),
		enabled: tools.NewSet(inventory, cfg.Tools),
	}
	t.policy = auth.NewPolicy(cfg.Access, cfg.Auth.RequiredScopes, t.enabled.Protected())
	return t
}

// accessRow is one line of the table, for people and for programs: docs/access.md has
// the fields.
type accessRow struct {
	Kind      string   `json:"kind"` // tool, prompt, resource or method
	Name      string   `json:"name"`
	Method    string   `json:"method"`
	AllOf     []string `json:"all_of"`
	AnyOf     []string `json:"any_of"`
	Rule      string   `json:"rule"`
	Concealed bool     `json:"concealed"`
}

// rows are the lines to show: each tool, prompt and resource as it is used, and of the
// other operations those that a rule decides on in another way.
func (t *accessTable) rows() []accessRow {
	used := map[auth.Target]string{} // the rule for each target's use
	byDefault := auth.NewPolicy(auth.AccessConfig{}, nil, nil).Rows()[0].Rule
	list := t.sorted()
	for _, r := range list {
		if isUse(r) {
			used[r.Target] = r.Rule
		}
	}
	rows := []accessRow{}
	for _, r := range list {
		if !isUse(r) && r.Rule == cmp.Or(used[r.Target], byDefault) {
			continue
		}
		rows = append(rows, accessRow{
			Kind: kindOf(r.Target), Name: cmp.Or(r.Target.Name, r.Method), Method: r.Method,
			AllOf: listOf(r.Needs.AllOf), AnyOf: listOf(r.Needs.AnyOf), Rule: r.Rule, Concealed: r.Conceal,
		})
	}
	return rows
}

// isUse reports whether the row is about a target's own use: a call, or a read.
func isUse(r auth.Row) bool { return r.Method == useOf(r.Target) }

// useOf is the method by which a target of its kind is used, "" where there is none.
func useOf(t auth.Target) string { return t.Use(true).Method }

// sorted are all rows of the policy: tools, prompts, resources, and methods that name
// none of them. A target's own use comes before its other operations.
func (t *accessTable) sorted() []auth.Row {
	order := []string{string(auth.KindTool), string(auth.KindPrompt), string(auth.KindResource), kindMethod}
	kind := func(r auth.Row) int { return slices.Index(order, kindOf(r.Target)) }
	use := func(r auth.Row) int { return map[bool]int{true: 0, false: 1}[isUse(r)] }
	rows := t.policy.Rows()
	slices.SortStableFunc(rows, func(a, b auth.Row) int {
		return cmp.Or(cmp.Compare(kind(a), kind(b)), cmp.Compare(a.Target.Name, b.Target.Name), cmp.Compare(use(a), use(b)))
	})
	return rows
}

// kindMethod is the kind of an operation that names no target.
const kindMethod = "method"

func kindOf(t auth.Target) string { return cmp.Or(string(t.Kind), kindMethod) }

// listOf is never nil: a list in JSON is a list.
func listOf(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
