package auth

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/internal/httperr"
)

// Challenger writes the answers to requests without a good token. Every value in
// them is a constant or comes from the configuration; nothing is taken from the
// request (RFC 6750 §3).
type Challenger struct {
	// MetadataURL is the address of the protected resource metadata (RFC 9728 §5.1).
	MetadataURL string
	// Baseline are the scopes that every operation needs, which a client without
	// a token is told to ask for; none where the list is empty.
	Baseline []string
	// RetryAfter is what a caller is told to wait when its token cannot be judged.
	RetryAfter time.Duration
}

const (
	describeMissing     = "an access token is required"
	describeAmbiguous   = "more than one credential was sent"
	describeInvalid     = "the access token is not valid here: it is malformed, expired, or not issued for this resource"
	describeScope       = "the access token lacks a scope that this operation needs"
	describeUnavailable = "the access token cannot be checked at the moment"
)

// Refuse answers a request whose credential was not accepted for reason.
func (c Challenger) Refuse(w http.ResponseWriter, reason Reason) {
	switch reason {
	case ReasonMissing:
		// RFC 6750 §3.1: no error where no credential was presented.
		c.challenge(w, "", "", c.Baseline)
		httperr.Write(w, http.StatusUnauthorized, httperr.Body{Error: "unauthorized", Description: describeMissing})
	case ReasonAmbiguous:
		c.challenge(w, "invalid_request", describeAmbiguous, c.Baseline)
		httperr.Write(w, http.StatusBadRequest, httperr.Body{Error: "invalid_request", Description: describeAmbiguous})
	case ReasonKeysUnavailable:
		// No challenge: a client must not throw away a token that may be good.
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(c.RetryAfter.Seconds())))))
		httperr.Write(w, http.StatusServiceUnavailable, httperr.Body{Error: "temporarily_unavailable", Description: describeUnavailable})
	default:
		c.challenge(w, "invalid_token", describeInvalid, c.Baseline)
		httperr.Write(w, http.StatusUnauthorized, httperr.Body{Error: "invalid_token", Description: describeInvalid})
	}
}

// InsufficientScope sets the challenge of a 403 that names all scopes of the
// operation (RFC 6750 §3.1). The body is the caller's: it holds the request's id.
func (c Challenger) InsufficientScope(w http.ResponseWriter, scopes []string) {
	c.challenge(w, "insufficient_scope", describeScope, scopes)
}

// challenge sets the one WWW-Authenticate line.
func (c Challenger) challenge(w http.ResponseWriter, code, description string, scopes []string) {
	var params []string
	if code != "" {
		params = append(params, quoted("error", code), quoted("error_description", description))
	}
	if len(scopes) > 0 {
		params = append(params, quoted("scope", strings.Join(scopes, " ")))
	}
	params = append(params, quoted("resource_metadata", c.MetadataURL))
	w.Header().Set("WWW-Authenticate", "Bearer "+strings.Join(params, ", "))
}

// quoted writes one auth-param (RFC 9110 §11.2). What would end the quoted string
// cannot stand in a scope or a checked URL, and is dropped all the same.
func quoted(name, value string) string {
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, value)
	return name + `="` + clean + `"`
}
