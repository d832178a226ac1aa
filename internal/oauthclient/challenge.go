package oauthclient

import (
	"net/http"
	"strings"
)

// Challenge holds what a Bearer challenge says (RFC 6750 §3, RFC 9728 §5.1). A
// parameter that is left out or empty is "".
type Challenge struct {
	// Error is the code: letters, digits, "_", "-" and ".", at most 64 of them.
	Error string
	// Description is the error_description: at most 300 bytes of the characters that
	// RFC 6750 allows there, the rest is dropped. It is the server's text and says
	// nothing that can be relied on.
	Description string
	// ResourceMetadata is an address as the server wrote it: see [DiscoverResource].
	ResourceMetadata string
	// Scopes are those that the request needs.
	Scopes []string
}

const (
	// maxChallengeBytes bounds all challenges of an answer together.
	maxChallengeBytes   = 16 << 10
	maxCodeBytes        = 64
	maxDescriptionBytes = 300
)

// BearerChallenge reads the Bearer challenge of an answer, which may stand among
// those of other schemes, on one WWW-Authenticate line or on several (RFC 9110
// §11.6.1).
//
// It is false if there is none. It is also false if it cannot be said what the
// server wants: if any of the challenges is malformed or has a parameter twice, if
// there are two for Bearer, or if a value is not what its standard says. What is
// not known may then be found at the well-known addresses, and nothing is asked for
// that an unclear line names.
func BearerChallenge(h http.Header) (Challenge, bool) {
	var bearer []authChallenge
	size := 0
	for _, line := range h.Values("WWW-Authenticate") {
		if size += len(line); size > maxChallengeBytes {
			return Challenge{}, false
		}
		challenges, ok := parseChallenges(line)
		if !ok {
			return Challenge{}, false
		}
		for _, c := range challenges {
			if strings.EqualFold(c.scheme, "Bearer") {
				bearer = append(bearer, c)
			}
		}
	}
	if len(bearer) != 1 || bearer[0].token68 {
		return Challenge{}, false
	}
	return bearer[0].bearer()
}

// bearer judges the parameters that are used; others, such as realm, are not looked at.
func (c authChallenge) bearer() (Challenge, bool) {
	code := c.params["error"]
	if code != "" && !isCode(code) {
		return Challenge{}, false
	}
	scopes, ok := parseScopes(c.params["scope"])
	if !ok {
		return Challenge{}, false
	}
	return Challenge{
		Error:            code,
		Description:      sanitize(c.params["error_description"]),
		ResourceMetadata: c.params["resource_metadata"],
		Scopes:           scopes,
	}, true
}

// isCode tells whether s has the form of an error code. The grammar (RFC 6749 §5.2)
// would allow whole sentences; all registered codes are of these characters.
func isCode(s string) bool {
	return s != "" && len(s) <= maxCodeBytes && !strings.ContainsFunc(s, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("_-.", r)
	})
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// sanitize makes foreign text one that may stand on a terminal, and not a long one.
func sanitize(s string) string {
	s = printableASCII(s)
	return s[:min(len(s), maxDescriptionBytes)]
}

// printableASCII leaves the characters of error_description (RFC 6749 §5.2). What is
// left out would join the text around it, so a space takes its place.
func printableASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return ' '
		}
		return r
	}, s)
}
