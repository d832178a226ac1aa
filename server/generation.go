package server

import (
	"reflect"
	"slices"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// Generation is what a request is judged by, as one immutable value: a request
// that entered under one generation is never judged by parts of another.
type Generation struct {
	// Number tells generations apart in the log; it only grows.
	Number uint64
	// Verifier turns tokens into principals.
	Verifier *auth.Verifier
	// Policy says what a principal may do.
	Policy *auth.Policy
	// Tools are the tools there are.
	Tools   tools.Set
	headers headerRules // of the tools
	has     stock
	rules   rules
}

// rules are what a policy was made of beside the targets. Where they differ, a caller's
// lists may.
type rules struct {
	access   auth.AccessConfig
	required []string
}

func (r rules) same(as rules) bool { return reflect.DeepEqual(r, as) }

// NewGeneration builds a generation whose policy and tools belong together.
func NewGeneration(number uint64, v *auth.Verifier, access auth.AccessConfig, required []string, set tools.Set) *Generation {
	return &Generation{
		Number:   number,
		Verifier: v,
		Policy:   auth.NewPolicy(access, required, set.Protected()),
		Tools:    set,
		headers:  newHeaderRules(set),
		has:      stockOf(set),
		rules:    rules{access, required},
	}
}

// stock is what there is of things that need not be there.
type stock struct {
	prompts, resources bool
	completes          bool // a prompt proposes values
	watched            bool // a resource can be subscribed to
}

func stockOf(set tools.Set) stock {
	return stock{
		prompts:   len(set.Prompts()) > 0,
		resources: len(set.Resources())+len(set.Templates()) > 0,
		completes: slices.ContainsFunc(set.Prompts(), tools.Prompt.Completes),
		watched:   slices.ContainsFunc(set.Resources(), tools.Resource.Watched),
	}
}
