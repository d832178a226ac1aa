package main

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/internal/jwstest"
)

// What a good token says. No value has twelve bytes in common with what an answer
// or the log may hold: the search for leaks counts on it.
const (
	draftAudience = "https://mcp.example.com/mcp"
	draftKID      = "signing-key-one"
	draftClient   = "client-of-the-token"
	draftSubject  = "subject-of-the-token"
	draftID       = "identifier-of-the-token"
	// The scope that everything needs, and that of the tool that is called.
	draftScope = "base tool:probe"
)

var draftNow = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// members is a JSON object whose values are JSON as it is to stand in the token.
// It is written with spaces, as our log is not.
type members map[string]string

// with returns a copy that has one member changed or, where value is "", gone.
func (m members) with(name, value string) members {
	c := maps.Clone(m)
	if c[name] = value; value == "" {
		delete(c, name)
	}
	return c
}

func (m members) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(name) + ": " + m[name])
	}
	return "{" + b.String() + "}"
}

// draft is a request's credential before it is signed and sent. Header and claims
// become any bytes at all.
type draft struct {
	header, claims         members
	headerText, claimsText func(string) string // change what was written; nil where nothing does
	alg                    string              // how it is signed, whatever the header says
	key                    any
	after                  time.Duration               // how long after draftNow it is sent
	spoil                  func(string) string         // changes the signed token; nil where nothing does
	carry                  func(*http.Request, string) // puts it into the request; nil: as a bearer
	nobody                 string                      // an address that no token may make us ask
}

// edit changes a draft.
type edit = func(*draft)

func goodDraft(issuer string) *draft {
	return &draft{
		header: members{"alg": `"RS256"`, "typ": `"at+jwt"`, "kid": strconv.Quote(draftKID)},
		claims: members{
			"iss": strconv.Quote(issuer), "sub": strconv.Quote(draftSubject), "aud": strconv.Quote(draftAudience),
			"iat": second(0), "exp": second(3600), "jti": strconv.Quote(draftID),
			"azp": strconv.Quote(draftClient), "scope": strconv.Quote(draftScope),
		},
		alg: "RS256", key: ownRSA(),
	}
}

// second gives the NumericDate so many seconds after draftNow.
func second(n int64) string { return strconv.FormatInt(draftNow.Unix()+n, 10) }

func (d *draft) texts() (header, claims string) {
	header, claims = d.header.String(), d.claims.String()
	if d.headerText != nil {
		header = d.headerText(header)
	}
	if d.claimsText != nil {
		claims = d.claimsText(claims)
	}
	return header, claims
}

// token signs the draft.
func (d *draft) token() string {
	header, claims := d.texts()
	input := b64(header) + "." + b64(claims)
	raw := input + "." + b64(string(jwstest.Sign(d.alg, d.key, input)))
	if d.spoil != nil {
		raw = d.spoil(raw)
	}
	return raw
}

// put puts the token into a request.
func (d *draft) put(r *http.Request, raw string) {
	if d.carry != nil {
		d.carry(r, raw)
		return
	}
	r.Header.Set("Authorization", "Bearer "+raw)
}
