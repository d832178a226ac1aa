package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// wordsOf is an error's text, "" for none.
func wordsOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// denying returns a denylist with that content.
func denying(t testing.TB, content string) *denylist {
	t.Helper()
	d := &denylist{log: testLogger(&syncBuffer{})}
	if err := d.use([]byte(content)); err != nil {
		t.Fatal(err)
	}
	return d
}

// Each row has its twin: the same file without the fault, which is accepted.
func TestDenylistRefuses(t *testing.T) {
	const known = "is not a known key: there are issuers, kids, client_ids, subjects, jti"
	entries := func(n int) string { return "kids:\n" + strings.Repeat("- k\n", n) }
	for _, tt := range []struct {
		name, bad, want, good string
	}{
		{"unknown list", "kid: [s3cret]", "line 1: " + known, "kids: [s3cret]"},
		{"list twice", "kids: [a]\nkids: [s3cret]", "line 2: kids: stands twice, first on line 1", "kids: [a]\njti: [s3cret]"},
		{"text for a list", "client_ids: s3cret", `line 1: client_ids: must be a list: [a, b], or one "- a" to a line`, "client_ids: [s3cret]"},
		{"a list for the whole", "- s3cret", "line 1: must be a section: its keys, each on a line of its own", "subjects:\n- s3cret"},
		{"null as an entry", "subjects: [s3cret, null]", "line 1: subjects[1]: is empty: write text, in quotes where YAML would read nothing", "subjects: [s3cret, 'null']"},
		{"nothing as an entry", "subjects:\n- s3cret\n-\n", "line 3: subjects[1]: is empty: write text, in quotes where YAML would read nothing", "subjects:\n- s3cret\n"},
		{"empty text as an entry", "jti: ['']", "line 1: jti[0]: is empty: write text, in quotes where YAML would read nothing", "jti: [' ']"},
		{"alias", "kids: &k [s3cret]\njti: *k", "line 1: kids: must be written out: YAML anchors and aliases are not accepted", "kids: [s3cret]\njti: [s3cret]"},
		{"one entry too many", entries(maxDenylistEntries + 1), "has 10001 entries, and at most 10000 are read", entries(maxDenylistEntries)},
		{"one entry too many over two lists", entries(maxDenylistEntries) + "issuers: [s3cret]", "has 10001 entries, and at most 10000 are read", entries(maxDenylistEntries-1) + "issuers: [s3cret]"},
		{"not YAML", "kids: [s3cret", "line 1: not valid YAML", "kids: [s3cret]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := parseDenylist([]byte(tt.bad)); wordsOf(err) != tt.want {
				t.Errorf("error %q, want %q", wordsOf(err), tt.want)
			}
			if _, err := parseDenylist([]byte(tt.good)); err != nil {
				t.Errorf("the twin is refused: %v", err)
			}
		})
	}
}

func TestDenies(t *testing.T) {
	whole := bearing{issuer: "https://i.example/", kid: "k", clientID: "c", subject: "s", jti: "j"}
	for _, tt := range []struct {
		name, list string
		of         bearing
		want       bool
	}{
		{"issuer", "issuers: ['https://i.example/']", whole, true},
		{"issuer without its slash", "issuers: ['https://i.example']", whole, false},
		{"kid", "kids: [x, k]", whole, true},
		{"kid in another case", "kids: [K]", whole, false},
		{"client", "client_ids: [c]", whole, true},
		{"a client's name with more behind it", "client_ids: [cc]", whole, false},
		{"subject", "subjects: [s]", whole, true},
		{"jti", "jti: [j]", whole, true},
		{"every value in the lists of the others", "issuers: [k, c, s, j]\nkids: ['https://i.example/', c, s, j]\nclient_ids: ['https://i.example/', k, s, j]\n" +
			"subjects: ['https://i.example/', k, c, j]\njti: ['https://i.example/', k, c, s]", whole, false},
		{"an id that is a number in the file", "client_ids: [1, 2]", bearing{clientID: "2"}, true},
		{"a number written in another way", "client_ids: [1.0, 01]", bearing{clientID: "1"}, false},
		{"true", "subjects: [true]", bearing{subject: "true"}, true},
		{"a date", "jti: [2026-08-01]", bearing{jti: "2026-08-01"}, true},
		{"a line break in quotes", `subjects: ["a\nb"]`, bearing{subject: "a\nb"}, true},
		{"nothing of anything", "issuers: [' ']\nkids: ['~']\nclient_ids: ['null']\nsubjects: [a]\njti: [b]", bearing{}, false},
		{"empty file", "", whole, false},
		{"comments alone", "# kids:\n#   - k\n", whole, false},
		{"lists with nothing in them", "issuers:\nkids: []\nclient_ids: ~\nsubjects:\n  # - s\njti:\n", whole, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := denying(t, tt.list).denies(tt.of); got != tt.want {
				t.Errorf("denies %v, want %v", got, tt.want)
			}
		})
	}
	if (*denylist)(nil).denies(whole) {
		t.Error("no denylist denies")
	}
}

// What is denied is refused before its key is looked up: an attacker's key id, or
// one of which the issuer is not rid yet, costs no fetch.
func TestDenylistAtTheVerifier(t *testing.T) {
	for _, tt := range []struct {
		name, deny, near string
		edit             func(*draft)
	}{
		{"issuer", "issuers: ['" + testIssuer + "']", "issuers: ['" + otherIssuer + "']", nil},
		{"kid", "kids: [" + testKID + "]", "kids: [another]", nil},
		{"client", "client_ids: [client-of-the-token]", "client_ids: [subject-of-the-token]", nil},
		{"client in azp", "client_ids: [7]", "client_ids: [8]", func(d *draft) {
			d.claims = goodClaims().with("client_id", "").with("azp", `"7"`).String()
		}},
		{"subject", "subjects: [subject-of-the-token]", "subjects: [client-of-the-token]", nil},
		{"jti", "jti: [identifier-of-the-token]", "jti: [identifier-of-the-token-2]", nil},
		{"client of a token without one", "subjects: [subject-of-the-token]", "client_ids: [' ']", claim("client_id", "")},
		{"jti of a token without one", "subjects: [subject-of-the-token]", "jti: ['null']", claim("jti", "")},
		{"a name that the token escapes", "subjects: [subject-of-the-token]", `subjects: ['\u0073ubject-of-the-token']`, claim("sub", `"\u0073ubject-of-the-token"`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft()
			if tt.edit != nil {
				tt.edit(&d)
			}
			raw := d.token()
			v, keys := testVerifier(testNow, nil)
			v.trust.denylist = denying(t, tt.deny)
			_, err := v.Verify(t.Context(), raw)
			if got := reason(t, err); got != ReasonRevoked {
				t.Errorf("reason %q, want %q", got, ReasonRevoked)
			}
			if keys.asked != 0 {
				t.Errorf("%d keys were looked up", keys.asked)
			}
			v.trust.denylist = denying(t, tt.near)
			if _, err := v.Verify(t.Context(), raw); err != nil || keys.asked != 1 {
				t.Errorf("another entry: %v after %d look-ups", err, keys.asked)
			}
		})
	}
}

// A kid that nobody knows forces a fetch; one that is denied does not.
func TestDeniedKeyIsNotFetched(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		v, _ := testVerifier(time.Now(), nil)
		v.issuers[testIssuer].keys = r.keyStore
		d := goodDraft()
		d.header = goodHeader().with("kid", `"stolen"`).String()
		d.claims = goodClaims().with("iat", "").with("exp", fmt.Sprint(time.Now().Add(time.Hour).Unix())).String()
		raw := d.token()
		fetches, _ := r.issuer.counts()

		v.trust.denylist = denying(t, "kids: [stolen]")
		for range 10 {
			if _, err := v.Verify(t.Context(), raw); reason(t, err) != ReasonRevoked {
				t.Fatal(err)
			}
		}
		if now, _ := r.issuer.counts(); now != fetches {
			t.Errorf("%d fetches for a denied key", now-fetches)
		}
		v.trust.denylist = nil
		if _, err := v.Verify(t.Context(), raw); reason(t, err) != ReasonUnknownKID {
			t.Errorf("not denied: %v", err)
		}
		if now, _ := r.issuer.counts(); now != fetches+1 {
			t.Errorf("%d fetches for an unknown key, want 1", now-fetches)
		}
	})
}

// What is read denies each of its entries, and never what a token does not have.
func FuzzParseDenylist(f *testing.F) {
	for _, s := range []string{
		"", "issuers: ['https://i.example/']\nkids: [k]\nclient_ids: [1]\nsubjects: [s]\njti: [j]\n", "kids:\n- a\n- b\n",
		"kids: [~]", "kids: ['']", "kids: &a [b]\njti: *a", "kid: [a]", "kids: [a]\nkids: [b]", "kids: |\n a", "- a", "kids: {a: b}", "---\n---\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := parseDenylist(content)
		if err != nil {
			if all != nil {
				t.Error("a list beside an error")
			}
			return
		}
		d := &denylist{}
		d.denied.Store(all)
		if d.denies(bearing{}) {
			t.Error("nothing is denied")
		}
		n := 0
		for list, of := range map[*entrySet]func(string) bearing{
			&all.issuers:   func(s string) bearing { return bearing{issuer: s} },
			&all.kids:      func(s string) bearing { return bearing{kid: s} },
			&all.clientIDs: func(s string) bearing { return bearing{clientID: s} },
			&all.subjects:  func(s string) bearing { return bearing{subject: s} },
			&all.jti:       func(s string) bearing { return bearing{jti: s} },
		} {
			n += len(*list)
			for entry := range *list {
				if !d.denies(of(entry)) {
					t.Errorf("%q is listed, and not denied", entry)
				}
			}
		}
		if n > maxDenylistEntries {
			t.Errorf("%d entries", n)
		}
	})
}
