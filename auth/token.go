package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	// maxTokenBytes bounds a token before anything is decoded: what jwx or a
	// JSON parser does with a megabyte is the attacker's choice.
	maxTokenBytes = 16 << 10
	// maxTokenDepth bounds the nesting of header and claims.
	maxTokenDepth = 64
)

// token is an access token taken apart, before anything in it is believed.
type token struct {
	signingInput         []byte
	signature            []byte
	rawHeader, rawClaims []byte // decoded, and nothing more
	header               header
}

type header struct {
	alg string
	kid string // "" where there is none
	typ string // "" where there is none
}

// base64url is the one encoding of a part: unpadded, and with the unused bits of
// its last character zero (RFC 7515 §2, RFC 4648 §3.5).
var base64url = base64.RawURLEncoding.Strict()

// parseToken takes a compact JWS apart (RFC 7515 §7.1). It costs no more than
// the token's length, and verifies nothing.
func parseToken(raw string) (token, error) {
	if len(raw) > maxTokenBytes {
		return token{}, refuse(ReasonMalformed)
	}
	switch strings.Count(raw, ".") {
	case 2:
	case 4:
		if isEncrypted(raw) {
			return token{}, refuse(ReasonEncrypted)
		}
		return token{}, refuse(ReasonMalformed)
	default:
		return token{}, refuse(ReasonMalformed)
	}
	parts := strings.Split(raw, ".")
	var decoded [3][]byte
	for i, part := range parts {
		b, ok := decodePart(part)
		if !ok {
			return token{}, refuse(ReasonMalformed)
		}
		decoded[i] = b
	}
	return token{
		signingInput: []byte(raw[:len(parts[0])+1+len(parts[1])]),
		signature:    decoded[2],
		rawHeader:    decoded[0],
		rawClaims:    decoded[1],
	}, nil
}

// isEncrypted reports whether five parts are those of a JWE (RFC 7516 §3.1), of
// which only the encrypted key may be empty.
func isEncrypted(raw string) bool {
	for i, part := range strings.Split(raw, ".") {
		if _, ok := decodePart(part); !ok && (i != 1 || part != "") {
			return false
		}
	}
	return true
}

// decodePart decodes one non-empty part. The decoder of encoding/base64 skips
// line breaks, which would give a token many spellings.
func decodePart(part string) ([]byte, bool) {
	if part == "" || strings.ContainsAny(part, "\r\n") {
		return nil, false
	}
	b, err := base64url.DecodeString(part)
	return b, err == nil
}

// refusedHeaders would change what is signed, or where the key comes from
// (RFC 8725 §3.10; RFC 7515 §4.1.11 for crit; RFC 7797 for b64).
var refusedHeaders = []string{"crit", "b64", "zip", "enc", "jwk", "jku", "x5u"}

func parseHeader(data []byte) (header, error) {
	members, err := parseClaimSet(data)
	if err != nil {
		return header{}, refuse(ReasonHeader)
	}
	var h header
	if h.alg, err = headerString(members, "alg"); err != nil || h.alg == "" {
		return header{}, refuse(ReasonHeader)
	}
	if !supportedAlgorithm(h.alg) {
		return header{}, refuse(ReasonUnsupportedAlg)
	}
	if slices.ContainsFunc(refusedHeaders, members.has) {
		return header{}, refuse(ReasonHeader)
	}
	if h.kid, err = headerString(members, "kid"); err != nil || len(h.kid) > maxKeyIDBytes {
		return header{}, refuse(ReasonHeader)
	}
	if h.typ, err = headerString(members, "typ"); err != nil {
		return header{}, refuse(ReasonHeader)
	}
	// A nested token (RFC 7519 §5.2): its claims would be another token's.
	cty, err := headerString(members, "cty")
	if err != nil || strings.EqualFold(cty, "JWT") || strings.EqualFold(cty, "application/jwt") {
		return header{}, refuse(ReasonHeader)
	}
	return h, nil
}

// headerString returns a string member, "" where there is none. An empty string
// that is written down is refused: nothing may mean both.
func headerString(members claimSet, name string) (string, error) {
	if !members.has(name) {
		return "", nil
	}
	s, ok := members.text(name)
	if !ok || s == "" {
		return "", refuse(ReasonHeader)
	}
	return s, nil
}

// keyFingerprint is a digest of a kid that is short enough for a log line and
// gives nothing of the kid away.
func keyFingerprint(kid string) string {
	sum := sha256.Sum256([]byte(kid))
	return hex.EncodeToString(sum[:4])
}
