// Package oauthclient speaks to authorization servers from the client's side:
// it finds and reads their metadata (RFC 8414 and OpenID Connect Discovery).
//
// Everything that it reads comes from outside and is judged strictly. A request
// is one GET whose redirects are never followed, whose status is exactly 200
// and whose body is bounded. A metadata document counts only if it names, byte
// for byte, the issuer that was asked for (RFC 8414 §3.3), and only if its URLs
// are ones that may be used. No error of this package holds text of a
// response's body.
//
// What the package does not judge: whether an endpoint has the issuer's origin.
// A caller for whom that matters, as it does for keys, asks [SameOrigin].
package oauthclient
