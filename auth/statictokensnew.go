package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// NewStaticToken makes a static token of 256 random bits, and the entry for
// auth.static_tokens_file that makes it good: YAML, an element of the list that the
// file is, of which the token cannot be found out.
func NewStaticToken(name string, scopes []string, expires time.Time) (token, entry string, err error) {
	random := make([]byte, staticTokenEntropy)
	_, _ = rand.Read(random) // it never fails
	token = staticTokenPrefix + base64url.EncodeToString(random)
	digest := sha256.Sum256([]byte(token))

	e := staticTokenEntry{
		Name:    name,
		SHA256:  hex.EncodeToString(digest[:]),
		Scopes:  scopes,
		Expires: expires.UTC().Format(time.RFC3339),
	}
	if _, err := e.token(); err != nil {
		return "", "", err
	}
	entry = e.yaml()
	if _, err := parseStaticTokens([]byte(entry)); err != nil {
		return "", "", err
	}
	return token, entry, nil
}

// yaml writes a checked entry. All text is in quotes, because a name may look like
// a number; a scope has neither quotes nor backslashes.
func (e staticTokenEntry) yaml() string {
	scopes := make([]string, len(e.Scopes))
	for i, s := range e.Scopes {
		scopes[i] = `"` + s + `"`
	}
	return fmt.Sprintf("- name: %q\n  sha256: %q\n  scopes: [%s]\n  expires: %s\n",
		e.Name, e.SHA256, strings.Join(scopes, ", "), e.Expires)
}
