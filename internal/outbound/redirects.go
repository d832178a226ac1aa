package outbound

import "net/http"

// Doer sends one HTTP request; *http.Client is one.
type Doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// WithoutRedirects makes a client that follows redirects one that does not: they would
// take a token or a key along, to whatever host they name. The rest of it is shared.
// Any other Doer comes back as it is.
func WithoutRedirects(d Doer) Doer {
	client, ok := d.(*http.Client)
	if !ok {
		return d
	}
	strict := *client
	strict.CheckRedirect = UseLastResponse
	return &strict
}

// UseLastResponse is a CheckRedirect that follows none and hands the answer on.
func UseLastResponse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
