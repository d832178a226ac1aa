package conformance

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// NewProxy returns a proxy to target that sends the token with each request, for clients
// that cannot. Host and Origin stay the client's: a server's judgement of them is part of
// what is looked at.
func NewProxy(target *url.URL, token func() string) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.Out.Header.Set("Authorization", "Bearer "+token())
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Else net/http takes the rest of the request away from the proxy as soon as the
		// answer begins, and an early answer is cut off.
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}
