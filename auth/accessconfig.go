package auth

import "mcp-resource-server/internal/faults"

// AccessConfig is the access section of the configuration: what a verified
// caller may use.
type AccessConfig struct {
	// What a tool needs that no rule names. tool_scope: the tool's own scopes
	// (tool:<name>). authenticated: a valid token is enough.
	Default string `mapstructure:"default"`
}

// The values of access.default.
const (
	AccessToolScope     = "tool_scope"
	AccessAuthenticated = "authenticated"
)

// DefaultAccessConfig returns the settings that hold where nothing is configured.
func DefaultAccessConfig() AccessConfig {
	return AccessConfig{Default: AccessToolScope}
}

// Validate returns what is wrong with c, by key.
func (c AccessConfig) Validate() faults.List {
	var l faults.List
	if c.Default != AccessToolScope && c.Default != AccessAuthenticated {
		l.Add("default", "must be %s or %s", AccessToolScope, AccessAuthenticated)
	}
	return l
}
