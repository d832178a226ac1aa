// Package audit writes one line for each decision on a request: who asked for what,
// and what came of it.
package audit

import "time"

// The decisions.
const (
	Allowed = "allowed"
	Refused = "refused"
)

// The eras of MCP: with a session, or with all that a request needs in itself.
const (
	EraLegacy = "legacy"
	EraModern = "modern"
)

// Entry is one decision. It MUST NOT hold arguments, tokens or claims beside those
// that it names.
type Entry struct {
	// Time is when the request came.
	Time time.Time `json:"time"`
	// RequestID is the request's id, as in X-Request-Id and in the log.
	RequestID string `json:"request_id"`
	// Client is the address that the request came from, as the connection or a trusted
	// proxy says.
	Client string `json:"client,omitempty"`
	// Decision is [Allowed] or [Refused], and Reason why it was refused: a code.
	Decision string `json:"decision"`
	Reason   string `json:"reason,omitempty"`
	// Rule is what decided: access.rules[2] or access.default.
	Rule string `json:"rule,omitempty"`
	// Issuer, Subject and ClientID are the verified caller; of a refused token there is
	// the Issuer alone, the configured one that it claims to be of. Subject is what the
	// token says until [Log.Write] makes of it what the configuration asks for.
	Issuer   string `json:"issuer,omitempty"`
	Subject  string `json:"subject,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	// Era is [EraLegacy] or [EraModern], Method the MCP method, and one of the next three what it
	// names, where that is known to the server.
	Era      string `json:"era,omitempty"`
	Method   string `json:"method,omitempty"`
	Tool     string `json:"tool,omitempty"`
	Prompt   string `json:"prompt,omitempty"`
	Resource string `json:"resource,omitempty"`
	// Needs are the scopes that the operation needs: all of these, and one of AnyOf
	// where there are any. Held are those that the caller was granted,
	// empty for none, and nil where no caller was verified.
	Needs []string `json:"scopes_needed,omitempty"`
	AnyOf []string `json:"scopes_any_of,omitempty"`
	Held  []string `json:"scopes_held,omitzero"`
	// Generation is the number of the configuration that decided.
	Generation uint64 `json:"generation"`
	// Milliseconds is how long it took, in milliseconds: of a stream, to its beginning.
	Milliseconds float64 `json:"duration_ms"`
	// Result is what came of it: a code.
	Result string `json:"result"`
}

// Lasted is how long something took, as an entry has it: to the microsecond.
func Lasted(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
