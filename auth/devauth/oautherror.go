package devauth

import (
	"errors"
	"log/slog"
	"net/http"
)

// oauthError is one refusal of RFC 6749 §5.2. Both texts are fixed and MUST NOT hold anything of the request.
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) Error() string { return e.code + ": " + e.description }

var (
	errBody         = badRequest("invalid_request", "the body is unreadable or too long")
	errContentType  = badRequest("invalid_request", "the content type must be application/x-www-form-urlencoded or application/json")
	errForm         = badRequest("invalid_request", "the body is not a valid form")
	errJSON         = badRequest("invalid_request", "the body is not one flat JSON object of strings")
	errQuery        = badRequest("invalid_request", "parameters belong in the body")
	errDuplicate    = badRequest("invalid_request", "a parameter was sent more than once")
	errAuthMethods  = badRequest("invalid_request", "more than one way of client authentication was used")
	errGrantMissing = badRequest("invalid_request", "grant_type is missing")
	errProfile      = badRequest("invalid_request", "profile must be auth0 or rfc9068")
	errGrant        = badRequest("unsupported_grant_type", "grant_type must be client_credentials")
	errScope        = badRequest("invalid_scope", "scope is malformed")
	errTarget       = badRequest("invalid_target", "the audience or resource is unknown or not for this client")

	// errClient is one value for every failed authentication, so that nobody learns which client ids exist.
	errClient = &oauthError{http.StatusUnauthorized, "invalid_client", "client authentication failed"}
	errServer = &oauthError{http.StatusInternalServerError, "server_error", "internal error"}
)

func badRequest(code, description string) *oauthError {
	return &oauthError{http.StatusBadRequest, code, description}
}

// writeError answers with err where it is an oauthError, and with nothing but "internal error" where it is not.
func (s *Server) writeError(w http.ResponseWriter, err error) {
	public, ok := errors.AsType[*oauthError](err)
	if !ok {
		public = errServer
		s.log.Error("request failed", slog.Any("error", err))
	} else {
		s.log.Warn("token request refused", slog.String("error", public.code), slog.String("reason", public.description))
	}
	if public.status == http.StatusUnauthorized {
		// RFC 9110 §15.5.2 wants a challenge in every 401, RFC 6749 §5.2 that of the scheme which was used.
		w.Header().Set("WWW-Authenticate", `Basic realm="development"`)
	}
	writeJSON(w, public.status, map[string]string{"error": public.code, "error_description": public.description})
}
