package auth

import (
	"fmt"
	"strings"
)

// partNames are the three parts of a compact JWS.
var partNames = [3]string{"the header", "the claims", "the signature"}

// gotForm describes the outside of the token, and shows nothing of it: what cannot
// be taken apart may be a secret as a whole.
func (x *explaining) gotForm() string {
	size := number(len(x.raw), "byte", "bytes")
	parts := strings.Split(x.raw, ".")
	switch {
	case x.raw == "":
		return "nothing"
	case len(x.raw) > maxTokenBytes:
		return size
	case len(parts) != 3:
		return number(len(parts), "part", "parts") + ", " + size
	}
	for i, part := range parts {
		if fault := partFault(part); fault != "" {
			return partNames[i] + " " + fault
		}
	}
	return "three parts, " + size
}

// partFault says why a part is not what decodePart takes, and "" where it is.
func partFault(part string) string {
	if _, ok := decodePart(part); ok {
		return ""
	}
	foreign := strings.IndexFunc(part, func(r rune) bool { return !isTokenRune(r) })
	switch {
	case part == "":
		return "is empty"
	case foreign >= 0:
		return fmt.Sprintf("has a character that base64url does not have, at %d", foreign+1)
	case strings.Contains(part, "="):
		return "is padded with ="
	case strings.ContainsAny(part, "+/"):
		return "is in the alphabet of base64 (+ and /), not of base64url (- and _)"
	case len(part)%4 == 1:
		return "is cut off: no base64url has that length"
	default:
		return "has bits set that no encoder sets in its last character"
	}
}

func (x *explaining) fixForm(reason Reason) string {
	parts := strings.Split(x.raw, ".")
	switch {
	case x.raw == "":
		return "no token was given: look at what the client puts after \"Bearer \""
	case len(x.raw) > maxTokenBytes:
		return "the token is too large for a header: have the issuer put less into it (roles, groups, profile)"
	case strings.Count(x.raw, ".") >= 4 && strings.ContainsFunc(x.raw, separates):
		return "several tokens in one: send one"
	case notToken(x.raw) != "":
		return notToken(x.raw)
	case reason == ReasonEncrypted:
		return "this is an encrypted token (JWE): switch encryption off for the API (Auth0: APIs > Settings > JSON Web Encryption)"
	case len(parts) == 1:
		return x.fixOnePart()
	case len(parts) == 2:
		return "the signature is cut off: copy the whole token"
	case len(parts) != 3:
		return "a JWT has three parts: this is a token of another kind, or more than the token was copied"
	case parts[2] == "":
		return "the token is not signed, or its signature was cut off: copy the whole token; the alg \"none\" is never accepted"
	default:
		return x.fixPart(parts)
	}
}

// separates reports what stands between tokens, and in none.
func separates(r rune) bool { return isBlank(r) || r == ',' || r == ';' }

// fixOnePart is for what has no dots at all.
func (x *explaining) fixOnePart() string {
	switch {
	case strings.HasPrefix(x.raw, staticTokenPrefix) && x.v.trust.static == nil:
		return "a static token, and there are none here: set auth.static_tokens_file"
	case strings.HasPrefix(x.raw, staticTokenPrefix):
		return "a static token that was cut off or changed: copy the whole token"
	case strings.Contains(strings.ToUpper(x.raw), "%2E"):
		return "the token is percent-encoded: decode it once before it is sent"
	case strings.HasPrefix(x.raw, "eyJ"):
		return "claims and signature are cut off: copy the whole token"
	case len(x.v.issuers) == 0:
		return "no JWT and no static token, and without an issuer static tokens alone are accepted: mcp-server token new makes one"
	case strings.ContainsFunc(x.raw, func(r rune) bool { return !isTokenRune(r) && r != '~' }):
		return "no token: it has characters that none has (RFC 6750 2.1): look at what the client puts after \"Bearer \""
	default:
		return "an opaque token: Auth0 gives these where no audience is asked for; ask for audience=" + x.anyAudience()
	}
}

// fixPart is for three parts of which one does not decode.
func (x *explaining) fixPart(parts []string) string {
	for _, part := range parts {
		switch fault := partFault(part); {
		case fault == "":
			continue
		case strings.HasPrefix(fault, "is padded"), strings.HasPrefix(fault, "is in the alphabet"):
			return "whoever made the token encodes it wrongly (RFC 7515: base64url without padding), or something re-encoded it on its way"
		case strings.HasPrefix(fault, "is cut off"):
			return "characters were lost: copy the whole token"
		}
	}
	return "the token was changed after it was made: copy it again, as it came from the issuer"
}

// anyAudience is an audience of ours, for a token that names no issuer yet.
func (x *explaining) anyAudience() string {
	found := ""
	for _, name := range x.issuerNames() {
		if list := x.v.issuers[name].Audiences; found == "" && len(list) > 0 {
			found = list[0]
		}
	}
	return plain(found)
}
