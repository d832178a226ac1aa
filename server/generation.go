package server

import (
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
	Tools tools.Set
}

// NewGeneration builds a generation whose policy and tools belong together.
func NewGeneration(number uint64, v *auth.Verifier, access auth.AccessConfig, required []string, set tools.Set) *Generation {
	return &Generation{
		Number:   number,
		Verifier: v,
		Policy:   auth.NewPolicy(access, required, set.Protected()),
		Tools:    set,
	}
}
