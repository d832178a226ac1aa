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
	// QueryToken says that a GET without an Authorization header may bring its token
	// as the query's access_token (RFC 6750 §2.3). False: no request may.
	QueryToken bool
}

// Bearer lets a request pass that has one good access token in its Authorization
// header (RFC 6750 §2.1), and answers every other itself. Nothing of the body is
// read, and the method is not looked at: clients probe with GET for the 401.
//
// A token in the query, a form or a cookie is no credential: it would stand in
// logs and histories (RFC 9700 §4.3.2). Where QueryToken makes an exception of that,
// no handler behind Bearer is shown the query.
func Bearer(o BearerOptions) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := credential(r, o.QueryToken && r.Method == http.MethodGet)
			if o.QueryToken {
				r = withoutQuery(r)
				// An answer to an address that holds a token is nothing for a cache (RFC
				// 6750 §2.3), and the address nothing for the next server.
				w.Header().Set("Cache-Control", "no-store")
				w.Header().Set("Referrer-Policy", "no-referrer")
			}
			var principal Principal
			if err == nil {
				principal, err = o.Verify(r.Context(), raw)
			}
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

// credential returns the one bearer token of the request: that of its Authorization
// header or, where inQuery says that there it is one, that of its query.
func credential(r *http.Request, inQuery bool) (string, error) {
	values := r.Header.Values("Authorization")
	query := queryTokens(r.URL.RawQuery)
	if len(values) > 1 || (len(values) == 1 && len(query) > 0) || (inQuery && len(query) > 1) {
		return "", refuse(ReasonAmbiguous)
	}
	if inQuery && len(query) == 1 {
		token, err := url.QueryUnescape(query[0])
		if err != nil {
			return "", refuse(ReasonMalformed)
		}
		return token, nil
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

// queryTokens returns the access_token parameters as they are written (RFC 6750 §2.3),
// also those of a query that net/url would not parse.
func queryTokens(raw string) (tokens []string) {
	for pair := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		if unescaped, err := url.QueryUnescape(name); err == nil {
			name = unescaped
		}
		if name == "access_token" {
			tokens = append(tokens, value)
		}
	}
	return tokens
}

// withoutQuery returns a copy of r that has no query.
func withoutQuery(r *http.Request) *http.Request {
	r = r.WithContext(r.Context())
	u := *r.URL
	u.RawQuery, u.ForceQuery = "", false
	r.URL = &u
	r.RequestURI, _, _ = strings.Cut(r.RequestURI, "?")
	return r
}

func asRefusal(err error) *Refusal {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	return &Refusal{Reason: ReasonKeysUnavailable}
}
