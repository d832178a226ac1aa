package devauth

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

const defaultTokenTTL = time.Hour

// Client is one confidential client that may ask for tokens with its own credentials.
type Client struct {
	// ID is the client identifier, printable ASCII. Required, and different for each client.
	ID string
	// Secret is the client's secret, printable ASCII. Required: client credentials are for confidential clients
	// (RFC 6749 §4.4).
	Secret string
	// Scopes are the most the client is ever granted, in the order in which tokens list them. Default none.
	Scopes []string
	// Audiences are those of Config.Audiences that the client may ask for. Default all of them.
	Audiences []string
}

// Config says what the server issues. Audiences and Clients are required; the zero value of the rest is valid.
type Config struct {
	// Audiences are the resources (Auth0: APIs) that tokens can be asked for. A request that names none gets the first
	// one that its client may ask for.
	Audiences []string
	// Clients are all the clients there are; nothing registers more.
	Clients []Client
	// Profile is the shape of the tokens where a request does not choose. Default ProfileAuth0.
	Profile Profile
	// TokenTTL is how long a token lives, at least a second. Default one hour.
	TokenTTL time.Duration
	// Logger gets one line per token, refusal, rotation and switch, never a secret or a token. Default none.
	Logger *slog.Logger
	// Now is the clock that iat and exp come from, before [Server.SetSkew] moves them. Default time.Now.
	Now func() time.Time
}

// normalized gives a checked copy with the defaults filled in, which shares no slice with the caller's.
func (c Config) normalized() (Config, error) {
	if err := c.validate(); err != nil {
		return Config{}, fmt.Errorf("devauth: config: %w", err)
	}
	c.Audiences = unique(c.Audiences)
	if c.Profile == "" {
		c.Profile = ProfileAuth0
	}
	if c.TokenTTL == 0 {
		c.TokenTTL = defaultTokenTTL
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// validate reports every fault at once. Its texts MUST NOT contain a secret.
func (c Config) validate() error {
	var faults []error
	add := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if len(c.Audiences) == 0 {
		add("Audiences: at least one is required")
	}
	if slices.Contains(c.Audiences, "") {
		add("Audiences: must not be empty strings")
	}
	if c.Profile != "" && !c.Profile.known() {
		add("Profile: must be %q or %q", ProfileAuth0, ProfileRFC9068)
	}
	if c.TokenTTL != 0 && c.TokenTTL < time.Second {
		add("TokenTTL: must be at least a second")
	}
	if len(c.Clients) == 0 {
		add("Clients: at least one is required")
	}
	seen := make(map[string]bool, len(c.Clients))
	for i, client := range c.Clients {
		for _, fault := range client.faults(c.Audiences) {
			add("Clients[%d].%s", i, fault)
		}
		if seen[client.ID] {
			add("Clients[%d].ID: is taken by an earlier client", i)
		}
		seen[client.ID] = true
	}
	return errors.Join(faults...)
}

func (c Client) faults(audiences []string) []string {
	var faults []string
	if !isPrintable(c.ID) {
		faults = append(faults, "ID: must be printable ASCII and not empty")
	}
	if !isPrintable(c.Secret) {
		faults = append(faults, "Secret: must be printable ASCII and not empty")
	}
	for _, scope := range c.Scopes {
		if !isScopeToken(scope) {
			faults = append(faults, fmt.Sprintf("Scopes: %q is not a scope", scope))
		}
	}
	for _, audience := range c.Audiences {
		if !slices.Contains(audiences, audience) {
			faults = append(faults, fmt.Sprintf("Audiences: %q is not one of the server's audiences", audience))
		}
	}
	return faults
}

// isPrintable is 1*VSCHAR of RFC 6749 appendix A.1 and A.2.
func isPrintable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// unique keeps the first of each value, in order. The result is a copy and never nil.
func unique(values []string) []string {
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}
