package auth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mcp-resource-server/internal/strictyaml"
)

const (
	maxStaticTokens    = 1_000
	maxStaticTokenName = 128 // bytes
)

// staticTokenEntry is one entry of the list that auth.static_tokens_file is, as
// somebody wrote it.
type staticTokenEntry struct {
	Line    strictyaml.Line
	Name    string   `yaml:"name"`
	SHA256  string   `yaml:"sha256"`
	Scopes  []string `yaml:"scopes"`
	Expires string   `yaml:"expires"`
}

// writtenToken finds a token where only its digest should be, in a comment, too.
var writtenToken = regexp.MustCompile(staticTokenPrefix + `[A-Za-z0-9_-]{` + strconv.Itoa(staticTokenChars) + `}`)

// parseStaticTokens reads the file. What it does not understand of an entry refuses
// the whole: a token that is dropped without a word is a caller who is locked out.
func parseStaticTokens(content []byte) ([]staticToken, error) {
	if at := writtenToken.FindIndex(content); at != nil {
		line := 1 + bytes.Count(content[:at[0]], []byte("\n"))
		return nil, fmt.Errorf("line %d: holds a token itself: the file takes its SHA-256, and this token is no longer a secret", line)
	}
	var entries []staticTokenEntry
	if err := strictyaml.Decode(content, &entries); err != nil {
		return nil, err
	}
	if len(entries) > maxStaticTokens {
		return nil, fmt.Errorf("has %d tokens, and at most %d are read", len(entries), maxStaticTokens)
	}
	tokens := make([]staticToken, len(entries))
	names, digests := map[string]strictyaml.Line{}, map[[sha256.Size]byte]strictyaml.Line{}
	for i, e := range entries {
		t, err := e.token()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", e.Line, err)
		}
		if first, twice := names[t.name]; twice {
			return nil, fmt.Errorf("line %d: name: stands twice, first in the entry on line %d", e.Line, first)
		}
		if first, twice := digests[t.digest]; twice {
			return nil, fmt.Errorf("line %d: sha256: stands twice, first in the entry on line %d", e.Line, first)
		}
		names[t.name], digests[t.digest], tokens[i] = e.Line, e.Line, t
	}
	return tokens, nil
}

var errStaticDigest = errors.New("sha256: must be the SHA-256 of the token, as 64 hex digits")

// token checks an entry. Nothing has a default but the scopes, of which there are
// none: a token without an end is refused as one without a name.
func (e staticTokenEntry) token() (staticToken, error) {
	t := staticToken{name: e.Name, scopes: e.Scopes}
	if err := checkStaticTokenName(e.Name); err != nil {
		return staticToken{}, fmt.Errorf("name: %w", err)
	}
	digest, err := hex.DecodeString(e.SHA256)
	if err != nil || len(digest) != sha256.Size {
		return staticToken{}, errStaticDigest
	}
	t.digest = [sha256.Size]byte(digest)
	if err := checkScopes(e.Scopes); err != nil {
		return staticToken{}, fmt.Errorf("scopes: %w", err)
	}
	if t.expires, err = ParseExpiry(e.Expires); err != nil {
		return staticToken{}, fmt.Errorf("expires: %w", err)
	}
	return t, nil
}

// checkStaticTokenName keeps to what stands in a log line as it was written: the
// name is the caller's there.
func checkStaticTokenName(name string) error {
	switch {
	case name == "":
		return errors.New("is required")
	case len(name) > maxStaticTokenName:
		return fmt.Errorf("must be at most %d bytes", maxStaticTokenName)
	case !utf8.ValidString(name) || strings.TrimSpace(name) != name || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("must be printable, without a space at either end")
	}
	return nil
}

func checkScopes(scopes []string) error {
	for i, s := range scopes {
		if !ValidScope(s) {
			return fmt.Errorf("entry %d is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)", i+1)
		}
	}
	return nil
}

var errExpiry = errors.New("must be a date, such as 2027-01-31, or a time as in RFC 3339, such as 2027-01-31T12:00:00Z")

// ParseExpiry reads when a static token expires: an RFC 3339 time, or a date, which
// means the end of that day in UTC.
func ParseExpiry(text string) (time.Time, error) {
	var t time.Time
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		t = day.AddDate(0, 0, 1)
	} else if err := t.UnmarshalText([]byte(text)); err != nil {
		return time.Time{}, errExpiry
	}
	if t.Unix() <= 0 || t.Unix() >= maxNumericDate { // as for exp
		return time.Time{}, errExpiry
	}
	return t, nil
}
