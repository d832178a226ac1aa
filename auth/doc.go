// Package auth turns an access token into a Principal, or into one closed
// reason why not, and says what a Principal may do.
//
// # The way of a token
//
// [Bearer] takes the one credential from the request. [Verifier.Verify] checks
// it in an order that never spends more on a token than it has earned: its form
// (no crypto, no allocation that grows with nonsense), header and claims as
// strict JSON, the issuer, what the claims say, and last the signature, with a
// key of that issuer alone. The steps stand in one list, checks.go, which
// [Verifier.Explain] runs, too. Outside, every refusal of a token looks the same;
// inside, each has a [Reason].
//
// [Trust] is what changes while the program runs: each issuer's keys, the denylist
// and the static tokens.
//
// [Policy] then judges the operation. It is the one table of access: the
// challenge, the lists and the metadata all come from it.
//
// # Borders
//
// The library that parses keys and checks signatures (jwx) stands behind
// jose.go: no other file may import it, and it MUST NOT be handed a whole token.
// No token, claim or internal error text may reach an answer or a log from here.
package auth
