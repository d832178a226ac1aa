package oauthclient

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Options says how an [Authorizer] comes to its tokens. Endpoint is required; without
// Client and StaticToken only a server that wants no token can be called.
type Options struct {
	// Endpoint is the URL of the MCP server: https, or http on a loopback host, without
	// user or fragment.
	Endpoint string
	// InsecureHTTP allows http on other hosts too: for the endpoint, and for an issuer
	// and its token endpoint. Whoever is on the way then reads the token and the client
	// secret, and may send the secret elsewhere. It is for private networks and
	// containers whose every member may have both, and for nothing else.
	InsecureHTTP bool

	// Client asks for tokens. Where it is empty, a 401 becomes [ErrNoCredentials].
	Client Client
	// StaticToken is used as it is: nothing is discovered, and it is never renewed or
	// stepped up. Where it is set, Client is not used.
	StaticToken string
	// Issuer, where set, is the only one that credentials go to: metadata of the server
	// that does not list it is refused ([ErrIssuerNotListed]), and it is used directly
	// if the server has no metadata. A slash at its end does not matter in the list.
	// Where it is empty, the first issuer is used that the server lists.
	Issuer string
	// Audience is what tokens are asked for. Empty means the resource that the server's
	// metadata names, or the endpoint where there is none.
	Audience string
	// Scopes are asked for from the start, instead of the challenge's.
	Scopes []string
	// CacheDir is where tokens are kept for the next process, in files that only this
	// user can read. Empty means that they are kept in memory alone.
	CacheDir string

	// HTTP sends requests for metadata and tokens. Nil means NewHTTPClient(0).
	HTTP Doer
	// Base sends requests to the endpoint. Nil means a clone of http.DefaultTransport.
	Base http.RoundTripper
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// Observe is told what happens, by several goroutines at once. It must not call the
	// Authorizer. Nil means that nobody is told.
	Observe func(Event)
}

// String names the endpoint and the client, without any secret.
func (o Options) String() string {
	return fmt.Sprintf("authorization at %s by %s", withoutQuery(o.Endpoint), o.Client)
}

// GoString is String.
func (o Options) GoString() string { return o.String() }

// Format writes String whatever the verb, since others would reach the fields.
func (o Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// LogValue is String.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// withoutQuery is a URL as it may be shown: its query may be a key.
func withoutQuery(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// withDefaults puts in what is left out.
func (o Options) withDefaults() Options {
	if o.HTTP == nil {
		o.HTTP = NewHTTPClient(0)
	}
	if o.Base == nil {
		o.Base = http.DefaultTransport
		if t, ok := http.DefaultTransport.(*http.Transport); ok {
			o.Base = t.Clone()
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Event) {}
	}
	return o
}

// check is the rule for the URLs of issuers.
func (o Options) check() endpointCheck {
	if o.InsecureHTTP {
		return checkInsecureEndpoint
	}
	return checkEndpoint
}

// validate finds what is wrong. No error quotes a value: each may hold a secret.
func (o Options) validate() error {
	if err := o.validateEndpoint(); err != nil {
		return err
	}
	if o.StaticToken != "" && !isBearerToken(o.StaticToken) {
		return errors.New("token: not a bearer token")
	}
	if !o.Client.isZero() {
		if err := o.Client.validate(); err != nil {
			return err
		}
	}
	if o.Issuer != "" {
		if _, err := wellKnown(o.Issuer, o.check()); err != nil {
			return fmt.Errorf("issuer URL: %w", err)
		}
	}
	if !utf8.ValidString(o.Audience) || strings.ContainsFunc(o.Audience, unicode.IsControl) {
		return errors.New("audience: it has control characters")
	}
	if !validScopes(o.Scopes) {
		return errors.New("scopes: not a list of scopes")
	}
	return nil
}

func (o Options) validateEndpoint() error {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return errors.New("endpoint: not a URL")
	}
	if _, ok := originOf(u); !ok {
		return errors.New("endpoint: not an absolute http or https URL")
	}
	if hasUserOrFragment(o.Endpoint) {
		return errors.New("endpoint: it has a user or a fragment")
	}
	sends := o.StaticToken != "" || !o.Client.isZero()
	if sends && u.Scheme != "https" && !IsLoopbackHost(u.Hostname()) && !o.InsecureHTTP {
		return fmt.Errorf("endpoint: %w", ErrInsecureEndpoint)
	}
	return nil
}
