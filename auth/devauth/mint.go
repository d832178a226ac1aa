package devauth

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Profile is the shape of an access token: its typ and its claims.
type Profile string

// The two token profiles that an Auth0 API can choose between.
const (
	// ProfileAuth0 is Auth0's default: typ JWT, azp, gty and no jti.
	ProfileAuth0 Profile = "auth0"
	// ProfileRFC9068 is the JWT profile of RFC 9068: typ at+jwt, client_id and jti.
	ProfileRFC9068 Profile = "rfc9068"
)

func (p Profile) known() bool { return p == ProfileAuth0 || p == ProfileRFC9068 }

// tokenType is the header's typ; RFC 9068 §2.1 asks for its own so that no ID token passes for an access token.
func (p Profile) tokenType() string {
	if p == ProfileRFC9068 {
		return "at+jwt"
	}
	return "JWT"
}

// MintSpec says what to sign. It is never checked for sense: tokens that a verifier has to refuse are what it is for.
type MintSpec struct {
	// Claims is the payload. Default an empty object.
	Claims map[string]any
	// Header overrides members of the default header {alg, typ, kid}, whose typ is the configured profile's; a nil value
	// deletes one. The signature is RS256 whatever alg says.
	Header map[string]any
	// Key signs. Default the server's current key.
	Key *rsa.PrivateKey
	// KeyID is the header's kid. Default the thumbprint of the key that signs.
	KeyID string
}

// Mint signs any header and claims, for tests and tools inside the process; nothing reaches it over HTTP. It gives the
// compact serialization (RFC 7515 §7.1).
func (s *Server) Mint(spec MintSpec) (string, error) {
	key := s.keys.set.Load().current
	if spec.Key != nil {
		key = &signingKey{private: spec.Key, public: newJWK(&spec.Key.PublicKey)}
	}
	header := tokenHeader(s.cfg.Profile, cmp.Or(spec.KeyID, key.public.KeyID))
	maps.Copy(header, spec.Header)
	maps.DeleteFunc(header, func(_ string, v any) bool { return v == nil })
	claims := spec.Claims
	if claims == nil {
		claims = map[string]any{}
	}
	return sign(key.private, header, claims)
}

// KeyID is the kid of the key that signs now.
func (s *Server) KeyID() string { return s.keys.set.Load().current.public.KeyID }

// Claims gives the claims that the token endpoint would issue now, in the configured profile, so that a test can alter
// one of them and Mint the result. It checks nothing against the configured clients. An empty audience means the
// default one; empty scopes mean a token without a scope claim, as in Auth0. The map is the caller's own; times are
// int64 seconds, aud is a string or a []string.
func (s *Server) Claims(clientID string, audience, scopes []string) map[string]any {
	if len(audience) == 0 {
		audience = s.cfg.Audiences[:1]
	}
	return s.claims(s.cfg.Profile, clientID, audience, scopes)
}

func (s *Server) claims(profile Profile, clientID string, audience, scopes []string) map[string]any {
	now := s.now().Unix()
	claims := map[string]any{
		"iss": s.issuer,
		"sub": clientID + "@clients",
		"aud": audienceClaim(audience),
		"iat": now,
		"exp": now + s.ttlSeconds(),
	}
	// An empty string is not a scope value (RFC 6749 §3.3), so a token without scopes has no such claim.
	if len(scopes) > 0 {
		claims["scope"] = strings.Join(scopes, " ")
	}
	switch profile {
	case ProfileRFC9068:
		claims["client_id"] = clientID
		claims["jti"] = rand.Text()
	default:
		claims["azp"] = clientID
		claims["gty"] = "client-credentials"
	}
	return claims
}

// audienceClaim writes one audience as a string, as RFC 7519 §4.1.3 allows and Auth0 does.
func audienceClaim(audience []string) any {
	if len(audience) == 1 {
		return audience[0]
	}
	return slices.Clone(audience)
}

func tokenHeader(profile Profile, keyID string) map[string]any {
	return map[string]any{"alg": "RS256", "typ": profile.tokenType(), "kid": keyID}
}

func sign(key *rsa.PrivateKey, header, claims map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("devauth: encoding the header: %w", err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("devauth: encoding the claims: %w", err)
	}
	input := encode(h) + "." + encode(c)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("devauth: signing: %w", err)
	}
	return input + "." + encode(signature), nil
}
