package auth

import (
	"fmt"
	"slices"
	"strings"
)

func (x *explaining) expectedAlgorithm() string { return oneOf(x.issuer.Algorithms) }

func (x *explaining) gotAlgorithm() string { return show(x.token.header.alg) }

func (x *explaining) fixAlgorithm(Reason) string {
	return fmt.Sprintf("sign with %s at the issuer, or, if %s is meant, add it to the issuer's algorithms (auth.issuers)",
		plain(x.issuer.Algorithms[0]), plain(x.token.header.alg))
}

func (x *explaining) expectedType() string {
	types := slices.DeleteFunc(slices.Clone(x.issuer.TokenTypes), func(t string) bool { return t == "" })
	switch {
	case len(types) == len(x.issuer.TokenTypes):
		return oneOf(types)
	case len(types) == 0:
		return "no typ"
	default:
		return "no typ, or " + oneOf(types)
	}
}

func (x *explaining) gotType() string {
	if x.token.header.typ == "" {
		return "no typ"
	}
	return show(x.token.header.typ)
}

// otherTypes are tokens that look like an access token, and are for something else.
var otherTypes = map[string]string{
	"dpop+jwt":                  "a DPoP proof",
	"logout+jwt":                "a logout token",
	"id+jwt":                    "an ID token",
	"rt+jwt":                    "a refresh token",
	"secevent+jwt":              "a security event",
	"oauth-authz-req+jwt":       "an authorization request",
	"token-introspection+jwt":   "the answer of an introspection",
	"client-authentication+jwt": "a client's own assertion",
	"kb+jwt":                    "a key binding proof",
	"oauth-id-jag+jwt":          "a grant to be exchanged for an access token",
}

func (x *explaining) fixType(Reason) string {
	typ := strings.TrimPrefix(strings.ToLower(x.token.header.typ), "application/")
	switch what, known := otherTypes[typ]; {
	case typ == "":
		return `the issuer's tokens have no typ (Okta, Cognito): set token_types: [""] for it in auth.issuers`
	case known:
		return "this is " + what + ": send the access token"
	case typ == "jwt":
		return "have the issuer give tokens by RFC 9068 (Auth0: APIs > Settings > JSON Web Token Profile), or add " + show(x.token.header.typ) + " to token_types"
	default:
		return "if this is an access token, add " + show(x.token.header.typ) + " to the issuer's token_types (auth.issuers)"
	}
}

func (x *explaining) expectedKeyID() string {
	if x.issuer.keys.soleKeyID() == "" {
		return "a kid"
	}
	return "a kid, or none"
}

func (x *explaining) gotKeyID() string {
	kid := x.keyID()
	switch named := show(kid) + ", in the log " + keyFingerprint(kid); {
	case x.token.header.kid != "":
		return named
	case kid == "", x.keys().Error == badFile:
		return "no kid"
	default:
		return "no kid; the issuer's one key is " + named
	}
}

func (x *explaining) fixKeyID(Reason) string {
	return "have the issuer name its key in the header; without, the issuer must have one key alone, set as public_key or public_key_file"
}
