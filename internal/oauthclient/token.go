package oauthclient

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Grant is what a token is asked for. Empty fields are not sent.
type Grant struct {
	// Audience is the API that the token is for, as Auth0 and others want it. Where
	// Resource is sent too, Auth0 goes by Audience.
	Audience string
	// Resource is the same by RFC 8707.
	Resource string
	Scopes   []string
}

// Token is an access token. However it is printed, logged or marshalled, Value does
// not show.
type Token struct {
	Value string
	// Scopes are those that were granted: as the answer says, else (RFC 6749 §5.1)
	// those that were asked for.
	Scopes []string
	// Expiry is zero where the issuer did not say.
	Expiry time.Time
}

// String tells of the token what is no secret.
func (t Token) String() string {
	if t.Expiry.IsZero() {
		return fmt.Sprintf("token of scopes %q", t.Scopes)
	}
	return fmt.Sprintf("token of scopes %q until %s", t.Scopes, t.Expiry.UTC().Format(time.RFC3339))
}

// GoString is String.
func (t Token) GoString() string { return t.String() }

// Format writes String whatever the verb, since %d or %x would reach the fields.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue is String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is String: whoever wants to write the token itself writes Value.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
