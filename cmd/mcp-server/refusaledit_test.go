package main

import (
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/internal/jwstest"
)

// edits makes one edit of several.
func edits(all ...edit) edit {
	return func(d *draft) {
		for _, e := range all {
			e(d)
		}
	}
}

// member sets a member of the header, or removes it where value is "".
func member(name, value string) edit {
	return func(d *draft) { d.header = d.header.with(name, value) }
}

// claim sets a claim, or removes it where value is "".
func claim(name, value string) edit {
	return func(d *draft) { d.claims = d.claims.with(name, value) }
}

func headerText(change func(string) string) edit { return func(d *draft) { d.headerText = change } }
func claimsText(change func(string) string) edit { return func(d *draft) { d.claimsText = change } }
func spoiled(change func(string) string) edit    { return func(d *draft) { d.spoil = change } }

// signedBy signs with another key or by another algorithm than the header says.
func signedBy(alg string, key any) edit {
	return func(d *draft) { d.alg, d.key = alg, key }
}

// later sends the token so long after draftNow.
func later(after time.Duration) edit { return func(d *draft) { d.after = after } }

// keyID names the key.
func keyID(name string) edit { return member("kid", strconv.Quote(name)) }

// algorithm signs by alg, and says so.
func algorithm(alg, kid string, key any) edit {
	return edits(member("alg", strconv.Quote(alg)), keyID(kid), signedBy(alg, key))
}

// always replaces the whole.
func always(s string) func(string) string { return func(string) string { return s } }

// inFront puts text in front of the first member of an object.
func inFront(s string) func(string) string {
	return func(object string) string { return "{" + s + object[1:] }
}

func behind(s string) func(string) string { return func(text string) string { return text + s } }

// insert puts text into the middle of a part.
func insert(s string) func(string) string {
	return func(part string) string { return part[:8] + s + part[8:] }
}

// signatureBytes changes the signature as it is before it is encoded.
func signatureBytes(change func(string) string) edit {
	return spoiled(jwstest.Part(2, func(p string) string { return b64(change(unb64(p))) }))
}

// nested is n arrays, each within the one before.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// letters is a JSON string of n letters.
func letters(n int) string { return `"` + strings.Repeat("s", n) + `"` }
