package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// VerifyFunc judges a raw access token. Its error is a *Refusal.
type VerifyFunc func(ctx context.Context, raw string) (Principal, error)

// BearerOptions are what [Bearer] is made of. All are required.
type BearerOptions struct {
	// Verify judges the token.
	Verify VerifyFunc
	// Challenger writes the refusals.
	Challenger Challenger
	// OnRefusal is told of each refusal before it is written, for the log.
	OnRefusal func(*http.Request, *Refusal)
	// WithPrincipal returns the request's context with its verified caller.
	WithPrincipal func(context.Context, Principal) context.Context
}

// Bearer lets a request pass that has one good access token in its Authorization
// header (RFC 6750 §2.1), and answers every other itself. Nothing of the body is
// read, and the method is not looked at: clients probe with GET for the 401.
//
// A token in the query, a form or a cookie is no credential: it would stand in
// logs and histories (RFC 9700 §4.3.2).
func Bearer(o BearerOptions) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			principal, err := authenticate(r, o.Verify)
			if err != nil {
				refusal := asRefusal(err)
				o.OnRefusal(r, refusal)
				o.Challenger.Refuse(w, refusal.Reason)
				return
			}
			next.ServeHTTP(w, r.WithContext(o.WithPrincipal(r.Context(), principal)))
		})
	}
}

func authenticate(r *http.Request, verify VerifyFunc) (Principal, error) {
	raw, err := credential(r)
	if err != nil {
		return Principal{}, err
	}
	return verify(r.Context(), raw)
}

// credential returns the one bearer token of the request.
func credential(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) > 1 || (len(values) == 1 && queryHasToken(r.URL.RawQuery)) {
		return "", refuse(ReasonAmbiguous)
	}
	if len(values) == 0 {
		return "", refuse(ReasonMissing)
	}
	// RFC 9110 §11.4: the scheme in any case, then spaces; what follows is judged as
	// a token, whole.
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(ReasonMissing)
	}
	return strings.TrimLeft(token, " "), nil
}

// queryHasToken looks for an access_token parameter (RFC 6750 §2.3), also in a
// query that net/url would not parse.
func queryHasToken(raw string) bool {
	for pair := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if unescaped, err := url.QueryUnescape(name); err == nil {
			name = unescaped
		}
		if name == "access_token" {
			return true
		}
	}
	return false
}

func asRefusal(err error) *Refusal {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	return &Refusal{Reason: ReasonKeysUnavailable}
}
