// Package outbound holds what all requests to other services have in common: no
// redirects, and words for what failed that hold nothing of the other side's.
//
// net/http quotes what it does not understand: a status, a header, the debug data of
// HTTP/2. The other side may have put there what it was sent before, a token or a key.
// Certificates, too, hold the other side's text. So no text of an error passes here but
// of those that are known to hold only what this side knows.
package outbound
