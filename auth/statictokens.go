package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"mcp-resource-server/internal/filewatch"
)

// StaticIssuer is the issuer of the principals of static tokens. It is no URL, and
// the configuration takes no issuer of that name: no token of an authorization server
// can come to the same principal.
const StaticIssuer = "static"

// A static token is staticTokenPrefix, by which people and scanners for secrets know
// it, and 256 random bits in base64url: nothing that could be guessed, which is why
// a plain digest of it may be kept.
const (
	staticTokenPrefix  = "mcprs_"
	staticTokenEntropy = 32 // bytes
	staticTokenChars   = 43 // of base64url
)

// maxStaticTokensBytes bounds the file.
const maxStaticTokensBytes = 1 << 20

// staticTokens is the content of auth.static_tokens_file.
type staticTokens struct {
	file   *filewatch.File
	log    *slog.Logger
	tokens atomic.Pointer[[]staticToken] // never changed
}

// staticToken is one entry of the file: of the token it has the digest alone.
type staticToken struct {
	name    string
	digest  [sha256.Size]byte
	scopes  []string
	expires time.Time
}

// openStaticTokens reads the file, which must be good.
func openStaticTokens(path string, log *slog.Logger) (*staticTokens, error) {
	s := &staticTokens{log: log}
	file, err := filewatch.Open(filewatch.Options{Path: path, MaxBytes: maxStaticTokensBytes, Use: s.use, Log: log})
	if err != nil {
		return nil, fmt.Errorf("auth.static_tokens_file: %w", err)
	}
	s.file = file
	return s, nil
}

// use takes over a file's content. That there are static tokens at all is worth a
// warning: no issuer answers for them, and who holds one is who it names.
func (s *staticTokens) use(content []byte) error {
	tokens, err := parseStaticTokens(content)
	if err != nil {
		return err
	}
	s.tokens.Store(&tokens)
	now, expired := time.Now(), 0
	for _, t := range tokens {
		if t.expired(now) {
			expired++
		}
	}
	s.log.Warn("static tokens are accepted", "tokens", len(tokens), "expired", expired)
	return nil
}

// expired needs no skew: the time is of our own making.
func (t staticToken) expired(now time.Time) bool { return !now.Before(t.expires) }

// isStaticToken reports whether raw has the form of a static token, whatever the
// file says of it. No JWT has.
func isStaticToken(raw string) bool {
	random, ok := strings.CutPrefix(raw, staticTokenPrefix)
	if !ok || len(random) != staticTokenChars {
		return false
	}
	_, ok = decodePart(random)
	return ok
}

// principal returns the caller that a token of that form belongs to, or why it is
// refused.
func (s *staticTokens) principal(raw string, now time.Time) (Principal, error) {
	tokens := *s.tokens.Load()
	i := find(tokens, sha256.Sum256([]byte(raw)))
	if i < 0 {
		return Principal{}, refuse(ReasonUnknownToken)
	}
	t := tokens[i]
	if t.expired(now) {
		return Principal{}, refuse(ReasonExpired)
	}
	return Principal{
		Issuer:    StaticIssuer,
		Subject:   t.name,
		ClientID:  t.name,
		Scopes:    slices.Clone(t.scopes),
		ExpiresAt: t.expires,
		asking:    asking{final: true}, // whoever keeps the file assigns
		standing:  standing{until: t.expires, digest: t.digest},
	}, nil
}

// find returns the index of a digest, or -1. It takes as long for the first entry as
// for the last and for none: it compares with every one, whatever it has found.
func find(tokens []staticToken, digest [sha256.Size]byte) int {
	found := -1
	for i := range tokens {
		same := subtle.ConstantTimeCompare(tokens[i].digest[:], digest[:])
		found = subtle.ConstantTimeSelect(same, i, found)
	}
	return found
}

// Run reads the file again when it changes, until ctx is done.
func (s *staticTokens) Run(ctx context.Context) { s.file.Run(ctx) }
