package oauthclient

import "net/http"

// Once returns a transport for what is not worth a token, such as the request that ends
// a session when a program is about to leave: it sends a request once, with the token in
// use if there is one. It finds nothing out, renews nothing and asks nobody; whatever the
// server answers is the answer. Its rules for origins and headers are the Authorizer's.
func (a *Authorizer) Once() http.RoundTripper { return once{a} }

type once struct{ a *Authorizer }

// RoundTrip implements [http.RoundTripper].
func (o once) RoundTrip(req *http.Request) (*http.Response, error) {
	x := &exchange{a: o.a, req: req}
	return x.end(x.runOnce())
}

// CloseIdleConnections is the Authorizer's.
func (o once) CloseIdleConnections() { o.a.CloseIdleConnections() }

func (x *exchange) runOnce() (*http.Response, error) {
	if err := x.judgeOrigin(); err != nil {
		return nil, err
	}
	if x.a.o.StaticToken != "" {
		return x.send(x.a.o.StaticToken)
	}
	return x.send(x.a.inUse().value())
}
