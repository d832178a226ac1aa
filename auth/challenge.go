package auth

import (
	"cmp"
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

// codeScope is the error code of a token that lacks a scope (RFC 6750 §3.1).
const codeScope = "insufficient_scope"

// AnswerTo returns the HTTP status and the error code (RFC 6750 §3.1) with which the
// server answers to a token that is refused for reason: what [Challenger] writes.
func AnswerTo(reason Reason) (status int, code string) {
	switch reason {
	case ReasonScope:
		return http.StatusForbidden, codeScope // see InsufficientScope
	case ReasonPermission:
		// No challenge, and so no code: it would send the client for a token that it
		// cannot get.
		return http.StatusForbidden, ""
	default:
		status, code, _ = refusalAnswer(reason)
		return status, code
	}
}

// refusalAnswer is what Refuse writes. To all reasons that it does not name
// the answer is the same: which one it was is nobody's business.
func refusalAnswer(reason Reason) (status int, code, description string) {
	switch reason {
	case ReasonMissing:
		// RFC 6750 §3.1: no error where no credential was presented.
		return http.StatusUnauthorized, "", describeMissing
	case ReasonAmbiguous:
		return http.StatusBadRequest, "invalid_request", describeAmbiguous
	case ReasonKeysUnavailable:
		return http.StatusServiceUnavailable, "temporarily_unavailable", describeUnavailable
	default:
		return http.StatusUnauthorized, "invalid_token", describeInvalid
	}
}

// Refuse answers a request whose credential was not accepted for reason.
func (c Challenger) Refuse(w http.ResponseWriter, reason Reason) {
	status, code, description := refusalAnswer(reason)
	if reason == ReasonKeysUnavailable {
		// No challenge: a client must not throw away a token that may be good.
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(c.RetryAfter.Seconds())))))
	} else {
		c.challenge(w, code, description, c.Baseline)
	}
	httperr.Write(w, status, httperr.Body{Error: cmp.Or(code, "unauthorized"), Description: description})
}

// InsufficientScope sets the challenge of a 403 that names all scopes of the
// operation (RFC 6750 §3.1). The body is the caller's: it holds the request's id.
func (c Challenger) InsufficientScope(w http.ResponseWriter, scopes []string) {
	c.challenge(w, codeScope, describeScope, scopes)
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
