package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/strictyaml"
)

var testDigest = hex.EncodeToString(make([]byte, sha256.Size))

// Each row has its twin: the same file without the fault, which is accepted.
func TestStaticTokensFileRefuses(t *testing.T) {
	const (
		wantDigest = "line 1: sha256: must be the SHA-256 of the token, as 64 hex digits"
		wantTime   = "line 1: expires: must be a date, such as 2027-01-31, or a time as in RFC 3339, such as 2027-01-31T12:00:00Z"
		wantScope  = "line 1: scopes: entry 2 is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)"
		wantName   = "line 1: name: must be printable, without a space at either end"
		wantText   = ": is empty: write text, in quotes where YAML would read nothing"
		wantSecret = "holds a token itself: the file takes its SHA-256, and this token is no longer a secret"
	)
	entry := func(name, digest, scopes, expires string) string {
		return "- name: " + name + "\n  sha256: " + digest + "\n  scopes: " + scopes + "\n  expires: " + expires + "\n"
	}
	other := strings.Repeat("0a", sha256.Size)
	raw, _ := staticTokenOf(t, "agent")
	good := entry("a", testDigest, "[]", "2027-01-31")
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			digest := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
			b.WriteString(entry("n"+hex.EncodeToString(digest[:8]), hex.EncodeToString(digest[:]), "[]", "2027-01-31"))
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, bad, want, good string
	}{
		{"no name", "- sha256: " + testDigest + "\n  expires: 2027-01-31\n", "line 1: name: is required", good},
		{"empty name", entry("''", testDigest, "[]", "2027-01-31"), "line 1: [0].name" + wantText, good},
		{"name that is null", entry("null", testDigest, "[]", "2027-01-31"), "line 1: name: is required", entry("'null'", testDigest, "[]", "2027-01-31")},
		{"name with a space in front", entry("' a'", testDigest, "[]", "2027-01-31"), wantName, entry("'a a'", testDigest, "[]", "2027-01-31")},
		{"name with a line break", entry(`"a\nb"`, testDigest, "[]", "2027-01-31"), wantName, entry(`"aéb"`, testDigest, "[]", "2027-01-31")},
		{"name that turns the line around", entry(`"a\u202eb"`, testDigest, "[]", "2027-01-31"), wantName, entry(`"aאb"`, testDigest, "[]", "2027-01-31")},
		{"name of 129 bytes", entry(strings.Repeat("a", 129), testDigest, "[]", "2027-01-31"), "line 1: name: must be at most 128 bytes", entry(strings.Repeat("a", 128), testDigest, "[]", "2027-01-31")},
		{"name twice", good + entry("a", other, "[]", "2027-01-31"), "line 5: name: stands twice, first in the entry on line 1", good + entry("A", other, "[]", "2027-01-31")},
		{"no digest", "- name: a\n  expires: 2027-01-31\n", wantDigest, good},
		{"digest of 63 digits", entry("a", "b"+testDigest[2:], "[]", "2027-01-31"), wantDigest, good},
		{"digest of 62 digits", entry("a", "b0"+testDigest[4:], "[]", "2027-01-31"), wantDigest, good},
		{"digest of 66 digits", entry("a", testDigest+"00", "[]", "2027-01-31"), wantDigest, good},
		{"digest of other characters", entry("a", "g"+testDigest[1:], "[]", "2027-01-31"), wantDigest, entry("a", "F"+testDigest[1:], "[]", "2027-01-31")},
		{"digest with its name", entry("a", "'sha256:"+testDigest+"'", "[]", "2027-01-31"), wantDigest, entry("a", "'"+testDigest+"'", "[]", "2027-01-31")},
		{"digest twice", good + entry("b", testDigest, "[]", "2027-01-31"), "line 5: sha256: stands twice, first in the entry on line 1", good + entry("b", other, "[]", "2027-01-31")},
		{"digest twice, in capitals", entry("a", other, "[]", "2027-01-31") + entry("b", strings.ToUpper(other), "[]", "2027-01-31"), "line 5: sha256: stands twice, first in the entry on line 1", good + entry("b", strings.ToUpper(other), "[]", "2027-01-31")},
		{"scope with a space", entry("a", testDigest, "[x, 'a b']", "2027-01-31"), wantScope, entry("a", testDigest, "[x, 'a', b]", "2027-01-31")},
		{"scope with a quote", entry("a", testDigest, `[x, 'a"']`, "2027-01-31"), wantScope, entry("a", testDigest, "[x, a']", "2027-01-31")},
		{"scope beyond ASCII", entry("a", testDigest, "[x, é]", "2027-01-31"), wantScope, entry("a", testDigest, "[x, e]", "2027-01-31")},
		{"empty scope", entry("a", testDigest, "[x, '']", "2027-01-31"), "line 3: [0].scopes[1]" + wantText, entry("a", testDigest, "[x]", "2027-01-31")},
		{"scopes in one text", entry("a", testDigest, "'x y'", "2027-01-31"), `line 3: [0].scopes: must be a list: [a, b], or one "- a" to a line`, entry("a", testDigest, "[x, y]", "2027-01-31")},
		{"no end", "- name: a\n  sha256: " + testDigest + "\n", wantTime, good},
		{"never", entry("a", testDigest, "[]", "never"), wantTime, good},
		{"a duration", entry("a", testDigest, "[]", "90d"), wantTime, good},
		{"seconds", entry("a", testDigest, "[]", "1803859200"), wantTime, entry("a", testDigest, "[]", "2027-03-01")},
		{"a day that is none", entry("a", testDigest, "[]", "2027-02-29"), wantTime, entry("a", testDigest, "[]", "2028-02-29")},
		{"a time without a zone", entry("a", testDigest, "[]", "2027-01-31T12:00:00"), wantTime, entry("a", testDigest, "[]", "2027-01-31T12:00:00Z")},
		{"an hour that is none", entry("a", testDigest, "[]", "2027-01-31T24:00:00Z"), wantTime, entry("a", testDigest, "[]", "2027-01-31T23:59:59+02:00")},
		{"the last day of all", entry("a", testDigest, "[]", "9999-12-31"), wantTime, entry("a", testDigest, "[]", "9999-12-30")},
		{"before all time", entry("a", testDigest, "[]", "0001-01-01T00:00:00Z"), wantTime, entry("a", testDigest, "[]", "1970-01-01T00:00:01Z")},
		{"a key that does not exist", good + "  token: x\n", "line 5: [0]: is not a known key: there are name, sha256, scopes, expires", good},
		{"a key twice", good + "  name: b\n", "line 5: [0].name: stands twice, first on line 1", good},
		{"an empty entry", good + "-\n", "line 5: [1]: must be a section: its keys, each on a line of its own", good},
		{"entries under a key", "tokens:\n" + good, `line 1: must be a list: [a, b], or one "- a" to a line`, good},
		{"an alias", good + "- *a\n", "not valid YAML", good},
		{"two documents", good + "---\n" + good, "line 5: a second YAML document begins, of which nothing would be read", "---\n" + good},
		{"a token for its digest", entry("a", raw, "[]", "2027-01-31"), "line 2: " + wantSecret, good},
		{"a token in a comment", good + "# the token: " + raw + "\n", "line 5: " + wantSecret, good + "# the token: " + staticTokenPrefix + "…\n"},
		{"a token in what is no YAML", "- [" + raw, "line 1: " + wantSecret, good},
		{"one token too many", many(1001), "has 1001 tokens, and at most 1000 are read", many(1000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseStaticTokens([]byte(tt.bad))
			if wordsOf(err) != tt.want {
				t.Errorf("error %q, want %q", wordsOf(err), tt.want)
			}
			if _, err := parseStaticTokens([]byte(tt.good)); err != nil {
				t.Errorf("the twin is refused: %v", err)
			}
		})
	}
}

func TestParseExpiry(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2027-01-31":                time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
		"2026-12-31":                time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		"2028-02-28":                time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
		"2027-01-31T12:00:00Z":      time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC),
		"2027-01-31T12:00:00+02:00": time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC),
		"1999-12-31":                time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		got, err := ParseExpiry(text)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}

// What is made is accepted from the file that it goes into, whatever the name.
func TestNewStaticToken(t *testing.T) {
	expires := time.Date(2027, 1, 31, 12, 30, 45, 999, time.FixedZone("east", 3600))
	for _, name := range []string{"a", "1", "true", "null", "~", "a: b", "# a", "- a", `"a"`, `a\nb`, "*a", "é ’", "\U0001F600", "a\uFFFDb", strings.Repeat("a", 128)} {
		t.Run(name, func(t *testing.T) {
			raw, entry, err := NewStaticToken(name, []string{"tool:alpha", "a,b]", "'#"}, expires)
			if err != nil {
				t.Fatal(err)
			}
			if !isStaticToken(raw) || strings.Contains(entry, strings.TrimPrefix(raw, staticTokenPrefix)) {
				t.Errorf("token %q in the entry\n%s", raw, entry)
			}
			if want := "  expires: 2027-01-31T11:30:45Z\n"; !strings.HasSuffix(entry, want) {
				t.Errorf("the entry ends not in %q:\n%s", want, entry)
			}
			tokens, err := parseStaticTokens([]byte(entry))
			if err != nil {
				t.Fatal(err)
			}
			got := tokens[0]
			if got.name != name || got.digest != sha256.Sum256([]byte(raw)) || strings.Join(got.scopes, " ") != "tool:alpha a,b] '#" || !got.expires.Equal(expires.Truncate(time.Second)) {
				t.Errorf("token %+v of the entry\n%s", got, entry)
			}
		})
	}
}

func TestNewStaticTokenIsNew(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		raw, _ := staticTokenOf(t, "agent")
		if seen[raw] {
			t.Fatal("the same token twice")
		}
		seen[raw] = true
	}
}

func TestNewStaticTokenRefuses(t *testing.T) {
	whole, _ := staticTokenOf(t, "agent")
	for _, tt := range []struct {
		name, of string
		scopes   []string
		expires  time.Time
		want     string
	}{
		{"no name", "", nil, testNow, "name: is required"},
		{"a name with a tab", "a\tb", nil, testNow, "name: must be printable, without a space at either end"},
		{"a name that is not UTF-8", "a\xffb", nil, testNow, "name: must be printable, without a space at either end"},
		{"a name that is a token", whole, nil, testNow, "line 1: holds a token itself: the file takes its SHA-256, and this token is no longer a secret"},
		{"two scopes in one", "a", []string{"x", "a b"}, testNow, "scopes: entry 2 is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)"},
		{"an empty scope", "a", []string{""}, testNow, "scopes: entry 1 is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)"},
		{"an end that no calendar has", "a", nil, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "expires: " + errExpiry.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, entry, err := NewStaticToken(tt.of, tt.scopes, tt.expires)
			if wordsOf(err) != tt.want || raw+entry != "" {
				t.Errorf("%q, %q, error %v, want %s", raw, entry, err, tt.want)
			}
		})
	}
}

// What is read keeps all that the rest counts on.
func FuzzParseStaticTokens(f *testing.F) {
	raw, entry := staticTokenOf(f, "agent", "tool:alpha")
	for _, s := range []string{
		"", entry, strings.Replace(entry, "agent", "other", 1) + entry, entry + "# " + raw, "- name: a\n", "tokens:\n" + entry, "- &a {}\n- *a\n",
		"- {name: 1, sha256: " + testDigest + ", expires: 2027-01-31}", "- {name: 1, sha256: " + testDigest + ", expires: 0001-01-01T00:00:00Z, scopes: [a]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		tokens, err := parseStaticTokens(content)
		if err != nil {
			if tokens != nil {
				t.Error("tokens beside an error")
			}
			return
		}
		var entries []staticTokenEntry
		if err := strictyaml.Decode(content, &entries); err != nil || len(entries) != len(tokens) {
			t.Fatalf("%d tokens of %d entries, %v", len(tokens), len(entries), err)
		}
		for i, token := range tokens {
			for _, scope := range token.scopes {
				if !ValidScope(scope) {
					t.Errorf("scope %q", scope)
				}
			}
			if find(tokens, token.digest) != i || checkStaticTokenName(token.name) != nil || token.expires.Unix() <= 0 || token.expires.Unix() >= maxNumericDate {
				t.Errorf("token %+v", token)
			}
		}
	})
}

// A name and a scope that are accepted come back from the file as they went in.
func FuzzNewStaticToken(f *testing.F) {
	f.Add("agent", "tool:alpha")
	f.Add("a: \"b\" # c", "[']")
	f.Add("\u2028", "a,b")
	f.Add("\ufeffa", "#")
	f.Fuzz(func(t *testing.T, name, scope string) {
		raw, entry, err := NewStaticToken(name, []string{scope}, testNow)
		if err != nil {
			return
		}
		tokens, err := parseStaticTokens([]byte(entry))
		if err != nil {
			t.Fatal(err)
		}
		if len(tokens) != 1 || tokens[0].name != name || tokens[0].scopes[0] != scope || find(tokens, sha256.Sum256([]byte(raw))) != 0 {
			t.Errorf("%+v from\n%s", tokens, entry)
		}
	})
}

// Whatever has the form is one prefix and one spelling of 32 bytes.
func FuzzIsStaticToken(f *testing.F) {
	raw, _ := staticTokenOf(f, "agent")
	for _, s := range []string{raw, raw + "A", raw[:48], staticTokenPrefix, strings.Replace(raw, "_", "-", 1), raw[:48] + "\n", raw + "=", "a.b.c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if !isStaticToken(raw) {
			return
		}
		random, err := base64url.DecodeString(raw[len(staticTokenPrefix):])
		if err != nil || len(random) != staticTokenEntropy || staticTokenPrefix+encode(string(random)) != raw {
			t.Errorf("%q has the form, and is %x, %v", raw, random, err)
		}
		if _, err := parseToken(raw); !errors.Is(err, refuse(ReasonMalformed)) {
			t.Errorf("%q may be a JWT, too: %v", raw, err)
		}
	})
}
