package auth

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// onceVerifier judges one token by c, and says which files cannot be used.
func onceVerifier(t *testing.T, c Config) (*Verifier, []string) {
	t.Helper()
	trust, faults, err := NewTrustOnce(c, noFetch{t}, []byte(set(good(testKID))))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, fault := range faults {
		texts = append(texts, fault.Error())
	}
	return NewVerifier(c, trust, func() time.Time { return testNow }), texts
}

// A server that runs goes on without a file that is broken; so does explain, and
// says it.
func TestNewTrustOnceBrokenDenylist(t *testing.T) {
	c := testConfig()
	c.DenylistFile = written(t, "kids: [\n  secret-of-the-file")
	v, faults := onceVerifier(t, c)
	want := "auth.denylist_file: " + c.DenylistFile + ": line "
	if len(faults) != 1 || !strings.HasPrefix(faults[0], want) || strings.Contains(faults[0], "secret") {
		t.Errorf("faults %q, want %q", faults, want)
	}
	raw := goodDraft().token()
	e := v.Explain(t.Context(), raw)
	agrees(t, e, "")
	sound(t, e, raw)
	if got := e.check(t, checkRevocation).Got; got != "not judged: auth.denylist_file cannot be used" {
		t.Errorf("got %q", got)
	}

	c.DenylistFile = written(t, "kids: [another]")
	v, faults = onceVerifier(t, c)
	if got := v.Explain(t.Context(), raw).check(t, checkRevocation).Got; got != "not denied" || faults != nil {
		t.Errorf("the twin: got %q, faults %q", got, faults)
	}
}

func TestNewTrustOnceBrokenStaticTokens(t *testing.T) {
	token, entry, err := NewStaticToken("ci", nil, testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig()
	c.StaticTokensFile = written(t, entry+"- name: secret-of-the-file")
	v, faults := onceVerifier(t, c)
	want := "auth.static_tokens_file: " + c.StaticTokensFile + ": line 5: sha256: must be the SHA-256 of the token, as 64 hex digits"
	if !slices.Equal(faults, []string{want}) {
		t.Errorf("faults %q, want %q", faults, want)
	}
	e := v.Explain(t.Context(), token)
	agrees(t, e, ReasonUnknownToken)
	sound(t, e, token)
	if fix := e.check(t, checkStaticToken).Fix; !strings.HasPrefix(fix, "auth.static_tokens_file cannot be used: mend it") {
		t.Errorf("fix %q", fix)
	}
	agrees(t, v.Explain(t.Context(), goodDraft().token()), "")

	c.StaticTokensFile = written(t, entry)
	v, faults = onceVerifier(t, c)
	agrees(t, v.Explain(t.Context(), token), "")
	if faults != nil {
		t.Errorf("the twin has the faults %q", faults)
	}
}

// Without its file of keys an issuer has keys that nobody knows, whatever kid the
// token has or has not; all else is judged.
func TestNewTrustOnceBrokenPublicKeyFile(t *testing.T) {
	c := testConfig()
	c.Issuers[0].PublicKeyFile = written(t, "secret-of-the-file")
	v, faults := onceVerifier(t, c)
	cause := c.Issuers[0].PublicKeyFile + ": has no public key: PEM blocks of the kind PUBLIC KEY or CERTIFICATE are expected"
	if !slices.Equal(faults, []string{"auth.public_key_file of the issuer " + testIssuer + ": " + cause}) {
		t.Errorf("faults %q", faults)
	}
	named, nameless := goodDraft(), goodDraft()
	member("kid", "")(&nameless)
	for name, d := range map[string]draft{"kid": named, "no kid": nameless} {
		t.Run(name, func(t *testing.T) {
			raw := d.token()
			e := v.Explain(t.Context(), raw)
			agrees(t, e, ReasonKeysUnavailable)
			sound(t, e, raw)
			if k := e.Keys; k.Origin != KeysConfigured || k.Error != "bad_file" || k.Detail != cause {
				t.Errorf("keys %+v", k)
			}
			if got := e.check(t, checkKey); !strings.HasPrefix(got.Got, "no keys: bad_file, ") || !strings.HasPrefix(got.Fix, "auth.public_key_file cannot be used: mend it") {
				t.Errorf("%+v", got)
			}
			if got := e.check(t, checkKeyID).Got; strings.Contains(got, "?") {
				t.Errorf("key id %q: nobody knows it", got)
			}
			c := testConfig()
			c.Issuers[0].PublicKey = rsaPEM()
			c.Issuers[0].KeyID = testKID
			twin, _ := onceVerifier(t, c)
			agrees(t, twin.Explain(t.Context(), raw), "")
		})
	}
	if status := v.trust.keys[testIssuer].Status(); status.Issuer != testIssuer || status.LastError != "bad_file" || status.Usable {
		t.Errorf("status %+v", status)
	}
}

// All files are looked at, whatever is wrong with the first.
func TestNewTrustOnceListsAllFiles(t *testing.T) {
	c := testConfig()
	missing := written(t, "x") + ".missing"
	c.DenylistFile, c.StaticTokensFile, c.Issuers[0].PublicKeyFile = missing, missing, missing
	_, faults := onceVerifier(t, c)
	no := ": open " + missing + ": no such file or directory"
	want := []string{"auth.public_key_file of the issuer " + testIssuer + no, "auth.denylist_file" + no, "auth.static_tokens_file" + no}
	if !slices.Equal(faults, want) {
		t.Errorf("faults %q, want %q", faults, want)
	}
}
