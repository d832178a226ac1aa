// Package devauth owns the embedded DEVELOPMENT authorization server: an OAuth 2.1 token endpoint on a loopback address
// that looks like an Auth0 tenant, so that the resource server can be tried and tested without one.
//
// It MUST NOT be used in production: its client secrets are handed in by whoever starts it, its keys live in memory, and
// anybody on the machine may rotate them. Three borders keep it where it belongs:
//
//   - [Listen] and [New] refuse every address that is not literally a loopback address, so no other machine can reach it.
//   - A request whose Host is not the listener's is refused, which stops DNS rebinding from a page in a browser.
//   - A request with an Origin, or that a browser marks as coming from another site, is refused, which stops plain
//     cross-site requests.
//
// Every answer carries "X-Development-Only: true" and every log line development_only=true.
//
// # What it mimics
//
// Access tokens come in the two profiles of Auth0, [ProfileAuth0] and [ProfileRFC9068]. As in a tenant the issuer ends
// in "/", the next signing key is published before it is used, and previous keys stay published after a rotation.
//
// # What it adds
//
// The token endpoint takes a parameter profile=auth0|rfc9068, which has no counterpart in a tenant: it chooses the token
// profile of one request. Inside the process [Server.Claims] and [Server.Mint] make any token at all, faulty ones above
// all.
//
// # Switches
//
// What happens to a real issuer once a year happens here at a word, so that whoever relies on one can be tried. The
// switches are POST requests with parameters in the query or as a form, and methods for tests in the same process:
//
//	/dev/rotate                                      Server.Rotate
//	/dev/revoke[?kid=K]                              Server.Revoke
//	/dev/outage[?for=DURATION][&as=503|refuse]       Server.SetOutage
//	/dev/slow?delay=DURATION[&drip=true][&for=…]     Server.SetSlow
//	/dev/skew?by=DURATION                            Server.SetSkew
//	/dev/jwks?odd=KIND[,KIND…]                       Server.SetOdd
//
// Each answers with the new state, which GET /dev/state tells too, and each is off until it is switched on. One that
// does not understand a parameter changes nothing. The front page and /dev/… itself answer through all of it. What comes
// first: an outage, then slowness, then an odd key set.
package devauth
