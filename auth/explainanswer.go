package auth

import (
	"net/http"
)

// AnswerTo returns the HTTP status and the error code (RFC 6750 §3.1) with which the
// server answers to a token that is refused for reason: what [Challenger] writes.
func AnswerTo(reason Reason) (status int, code string) {
	switch reason {
	case ReasonMissing:
		return http.StatusUnauthorized, ""
	case ReasonAmbiguous:
		return http.StatusBadRequest, "invalid_request"
	case ReasonScope:
		return http.StatusForbidden, "insufficient_scope"
	case ReasonKeysUnavailable:
		return http.StatusServiceUnavailable, "temporarily_unavailable"
	default:
		return http.StatusUnauthorized, "invalid_token"
	}
}
