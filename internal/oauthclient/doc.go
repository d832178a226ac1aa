// Package oauthclient speaks to authorization servers from the client's side: it finds
// and reads their metadata (RFC 8414 and OpenID Connect Discovery), reads what protected
// resources say about them (RFC 6750 challenges, RFC 9728 metadata), requests tokens by
// the client credentials grant (RFC 6749 §4.4), and adds them to requests.
//
// A key store needs [Discover] and [Get]. A program that calls an MCP server makes an
// [Authorizer], which does all of the rest, and uses its HTTPClient.
//
// Everything that is read comes from outside and is judged strictly. A request to an
// issuer never follows redirects, succeeds with status 200 alone, and its answer is
// bounded. A metadata document counts only if it names, byte for byte, the issuer that
// was asked for (RFC 8414 §3.3), or the resource that is called (RFC 9728 §3.3), and
// only if its URLs are ones that may be used. Unclear means refused: no token is asked
// for, or sent, on the word of something that can be read in two ways.
//
// No error, event or printed value of this package holds a token or a secret. Errors
// hold no text of a response's, header included, but an error code of the token
// endpoint's. Who shows other text of a server's asks [Authorizer.Strike] first.
//
// What [Discover] does not judge: whether an endpoint has the issuer's origin. A caller
// for whom that matters, as it does for keys, asks [SameOrigin].
package oauthclient
