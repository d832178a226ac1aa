package auth

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"mcp-resource-server/internal/strictjson"
)

const (
	maxSubjectLength = 1024 // characters
	// maxNumericDate is 9999-12-31T24:00:00Z: beyond it stand milliseconds taken
	// for seconds, and numbers that no calendar has.
	maxNumericDate = 253402300800
)

// clientClaims name the client that a token was issued to: azp in Auth0's
// default profile, client_id in RFC 9068 §2.2. sub never does: an Auth0
// machine-to-machine sub is only usually derived from the client.
var clientClaims = []string{"azp", "client_id"}

// claims are the registered claims of a token but for iss, with the right types.
type claims struct {
	subject   string
	audience  []string
	expires   time.Time
	notBefore time.Time // zero where absent
	issuedAt  time.Time // zero where absent
	clientID  string    // "" where absent
	scopes    []string
}

// parseClaims reads what every token of a known issuer is judged by. A wrong type
// is refused, never coerced: two readers would coerce differently.
func parseClaims(raw map[string]strictjson.Raw) (claims, error) {
	var c claims
	var ok bool
	if c.subject, ok = strictjson.String(raw["sub"]); !ok || c.subject == "" || utf8.RuneCountInString(c.subject) > maxSubjectLength {
		return c, refuse(ReasonClaim)
	}
	if c.audience, ok = audience(raw["aud"]); !ok {
		return c, refuse(ReasonAudience)
	}
	if jti, present := raw["jti"]; present && jti.Kind() != '"' {
		return c, refuse(ReasonClaim)
	}
	// RFC 7800, RFC 9449: whoever holds such a token must prove a key, which a
	// bearer does not.
	if _, bound := raw["cnf"]; bound {
		return c, refuse(ReasonSenderConstrained)
	}
	if err := c.parseTimes(raw); err != nil {
		return c, err
	}
	var err error
	if c.clientID, err = client(raw); err != nil {
		return c, err
	}
	if scope, present := raw["scope"]; present {
		s, isString := strictjson.String(scope)
		if c.scopes, ok = parseScope(s); !isString || !ok {
			return c, refuse(ReasonClaim)
		}
	}
	return c, nil
}

func (c *claims) parseTimes(raw map[string]strictjson.Raw) error {
	var ok bool
	// An exp of zero or before 1970 is no time at which a token was ever good.
	if c.expires, ok = numericDate(raw["exp"]); !ok || c.expires.Unix() <= 0 {
		return refuse(ReasonLifetime)
	}
	for name, at := range map[string]*time.Time{"nbf": &c.notBefore, "iat": &c.issuedAt} {
		if v, present := raw[name]; present {
			if *at, ok = numericDate(v); !ok {
				return refuse(ReasonLifetime)
			}
		}
	}
	return nil
}

// audience reads aud (RFC 7519 §4.1.3): a string or an array of strings.
func audience(v strictjson.Raw) ([]string, bool) {
	if s, ok := strictjson.String(v); ok {
		return []string{s}, true
	}
	return strictjson.Strings(v)
}

// client reads the client that the token was issued to. Where several claims
// name it, they agree.
func client(raw map[string]strictjson.Raw) (string, error) {
	id := ""
	for _, name := range clientClaims {
		v, present := raw[name]
		if !present {
			continue
		}
		s, ok := strictjson.String(v)
		if !ok || s == "" {
			return "", refuse(ReasonClaim)
		}
		if id != "" && s != id {
			return "", refuse(ReasonClient)
		}
		id = s
	}
	return id, nil
}

// numericDate reads a NumericDate (RFC 7519 §2): seconds since 1970, which may
// have a fraction.
func numericDate(v strictjson.Raw) (time.Time, bool) {
	if v.Kind() != '0' {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.Abs(f) >= maxNumericDate {
		return time.Time{}, false
	}
	seconds, fraction := math.Modf(f)
	return time.Unix(int64(seconds), int64(fraction*float64(time.Second))), true
}
