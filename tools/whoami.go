package tools

import (
	"context"
	"time"
)

// WhoAmIInput is what whoami takes: nothing.
type WhoAmIInput struct{}

// WhoAmIOutput is what whoami gives.
type WhoAmIOutput struct {
	Subject   string    `json:"subject" jsonschema:"the subject that the access token was issued for (sub)"`
	ClientID  string    `json:"client_id,omitempty" jsonschema:"the OAuth client that the access token was issued to, if it names one"`
	Issuer    string    `json:"issuer" jsonschema:"the authorization server that issued the access token (iss)"`
	Scopes    []string  `json:"scopes" jsonschema:"the scopes that the access token grants"`
	ExpiresAt time.Time `json:"expires_at" jsonschema:"when the access token expires, RFC 3339 in UTC"`
}

// WhoAmI returns the tool whoami.
func WhoAmI() Tool {
	return Define("whoami", Options{
		Title: "Who am I",
		Description: "Tells who the caller is as this server sees it: subject, client, issuer, scopes and expiry of " +
			"the access token of this request. It never shows the token.",
		Annotations: Annotations{ReadOnly: true, Closed: true},
		Icons:       ownIcon("whoami"),
	}, whoAmI)
}

func whoAmI(_ context.Context, caller Caller, _ WhoAmIInput) (WhoAmIOutput, error) {
	p := caller.Principal
	return WhoAmIOutput{
		Subject:   p.Subject,
		ClientID:  p.ClientID,
		Issuer:    p.Issuer,
		Scopes:    p.Scopes,
		ExpiresAt: p.ExpiresAt.UTC(),
	}, nil
}
