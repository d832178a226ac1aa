package oauthclient

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// AuthMethod is how a client authenticates at the token endpoint (RFC 7591 §2,
// token_endpoint_auth_method).
type AuthMethod string

// The methods for a client with a secret. The zero value leaves the choice to the
// issuer's metadata: basic, unless only post is listed, and post where both are and basic
// is refused.
const (
	ClientSecretBasic AuthMethod = "client_secret_basic"
	ClientSecretPost  AuthMethod = "client_secret_post"
)

// ErrNoAuthMethod is an issuer that takes neither way of sending a client secret.
var ErrNoAuthMethod = errors.New("the issuer takes neither client_secret_basic nor client_secret_post")

// Client is an OAuth client's own credentials. However it is printed, logged or
// marshalled, the secret does not show; errors of this package do not hold it either.
type Client struct {
	ID, Secret string
	AuthMethod AuthMethod
	// JSON sends the request as a JSON object, with the credentials in it, instead of
	// a form. No standard has that; Auth0 takes it beside the form.
	JSON bool
}

// String names the client, without its secret.
func (c Client) String() string { return fmt.Sprintf("client %q", c.ID) }

// GoString is String.
func (c Client) GoString() string { return c.String() }

// Format writes String whatever the verb, since %d or %x would reach the fields.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String: JSON and the like do not get the secret.
func (c Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// isZero tells whether there are no credentials at all.
func (c Client) isZero() bool { return c.ID == "" && c.Secret == "" }

func (c Client) validate() error {
	switch {
	case c.ID == "" || c.Secret == "":
		return fmt.Errorf("client: %w: it takes both an id and a secret", ErrNoCredentials)
	case !isVSCHAR(c.ID) || !isVSCHAR(c.Secret):
		return errors.New("client: an id or secret has a character that is not printable ASCII, such as a line break")
	case c.AuthMethod != "" && c.AuthMethod != ClientSecretBasic && c.AuthMethod != ClientSecretPost:
		return errors.New("client: unknown authentication method")
	case c.JSON && c.AuthMethod == ClientSecretBasic:
		return errors.New("client: the JSON body holds the credentials, which excludes client_secret_basic")
	default:
		return nil
	}
}

// isVSCHAR tells whether s is of the characters that ids and secrets have (RFC 6749
// appendix A.1, A.2).
func isVSCHAR(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// method chooses by the methods that the issuer lists; none listed means basic (RFC
// 8414 §2).
func (c Client) method(listed []string) (AuthMethod, error) {
	switch {
	case c.AuthMethod != "":
		return c.AuthMethod, nil
	case c.JSON:
		return ClientSecretPost, nil
	case len(listed) == 0, slices.Contains(listed, string(ClientSecretBasic)):
		return ClientSecretBasic, nil
	case slices.Contains(listed, string(ClientSecretPost)):
		return ClientSecretPost, nil
	default:
		return "", ErrNoAuthMethod
	}
}

// basic is the value of the Authorization header. Both halves are form-encoded before
// they are joined (RFC 6749 §2.3.1), so that an id may hold a colon.
func (c Client) basic() string {
	joined := url.QueryEscape(c.ID) + ":" + url.QueryEscape(c.Secret)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(joined))
}

// minStruck is how long a secret must be to be struck out of a text. A shorter one, such
// as "test", is a word of many texts, and nobody's secret for long.
const minStruck = 8

// strike takes the secret out of foreign text, in every form in which it is sent.
func (c Client) strike(s string) string {
	if len(c.Secret) < minStruck {
		return s
	}
	for _, form := range []string{
		strings.TrimPrefix(c.basic(), "Basic "), c.Secret, url.QueryEscape(c.Secret), c.quotedSecret(), printableASCII(c.Secret),
	} {
		if strings.TrimSpace(form) != "" {
			s = strings.ReplaceAll(s, form, "***")
		}
	}
	return s
}

// quotedSecret is the secret as it stands in a JSON string.
func (c Client) quotedSecret() string {
	quoted, err := jsontext.AppendQuote(nil, c.Secret)
	if err != nil {
		return "" // not UTF-8: it is not sent
	}
	return string(quoted[1 : len(quoted)-1])
}
