package auth

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

// neverAsked is a client that nobody may use.
type neverAsked struct{ t *testing.T }

func (n neverAsked) Do(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s was asked for", r.URL)
	return nil, errors.New("unexpected request")
}

// withStaticKeys is a configuration of one issuer with keys of its own.
func withStaticKeys(change func(*IssuerConfig)) Config {
	c := DefaultConfig()
	c.Issuers = []IssuerConfig{{Issuer: testIssuer, Audiences: []string{testAudience}}}
	change(&c.Issuers[0])
	return c
}

// staticTrust builds what c says, with a client that fails the test.
func staticTrust(t *testing.T, c Config, log *syncBuffer) *Trust {
	t.Helper()
	if err := c.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	var client oauthclient.Doer = neverAsked{t}
	trust, err := NewTrust(c, client, testLogger(log))
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// anonymous is a token that does not name its key.
func anonymous(key any) string {
	d := goodDraft()
	d.header, d.key = goodHeader().with("kid", "").String(), key
	return d.token()
}

// named is a token of the key with the given id.
func named(key any, kid string) string {
	d := goodDraft()
	d.header, d.key = goodHeader().with("kid", strconv.Quote(kid)).String(), key
	return d.token()
}

// A token must name its key unless there is only one.
func TestStaticKeysVerify(t *testing.T) {
	one, two := thumbprintOf(&rsaKey().PublicKey), thumbprintOf(&rsaKey2().PublicKey)
	hs256 := func() string {
		d := goodDraft()
		d.header = goodHeader().with("kid", "").with("alg", `"HS256"`).String()
		d.alg, d.key = "HS256", []byte(rsaPEM())
		return d.token()
	}
	for _, tt := range []struct {
		name  string
		pem   string
		keyID string
		token string
		want  Reason
	}{
		{"one key, named by its thumbprint", rsaPEM(), "", named(rsaKey(), one), ""},
		{"one key, not named", rsaPEM(), "", anonymous(rsaKey()), ""},
		{"one key, another named", rsaPEM(), "", named(rsaKey(), two), ReasonUnknownKID},
		{"one key, another's signature, not named", rsaPEM(), "", anonymous(rsaKey2()), ReasonSignature},
		{"one key, the PEM itself as a secret", rsaPEM(), "", hs256(), ReasonUnsupportedAlg},
		{"key_id, named by it", rsaPEM(), testKID, named(rsaKey(), testKID), ""},
		{"key_id, not named", rsaPEM(), testKID, anonymous(rsaKey()), ""},
		{"key_id, named by its thumbprint", rsaPEM(), testKID, named(rsaKey(), one), ReasonUnknownKID},
		{"two keys, the first named", rsaPEM() + rsa2PEM(), "", named(rsaKey(), one), ""},
		{"two keys, the second named", rsaPEM() + rsa2PEM(), "", named(rsaKey2(), two), ""},
		{"two keys, not named", rsaPEM() + rsa2PEM(), "", anonymous(rsaKey()), ReasonHeader},
		{"two keys, the other one named", rsaPEM() + rsa2PEM(), "", named(rsaKey(), two), ReasonSignature},
		{"two keys, an unknown one named", rsaPEM() + rsa2PEM(), "", named(rsaKey(), testKID), ReasonUnknownKID},
		{"one key twice, not named", rsaPEM() + rsaPEM(), "", anonymous(rsaKey()), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKey, ic.KeyID = tt.pem, tt.keyID })
			v := NewVerifier(c, staticTrust(t, c, &syncBuffer{}), func() time.Time { return testNow })
			_, err := v.Verify(t.Context(), tt.token)
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}

// A key that was configured for one issuer verifies no other's tokens.
func TestStaticKeysAreOneIssuersOwn(t *testing.T) {
	c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKey = rsaPEM() })
	c.Issuers = append(c.Issuers, IssuerConfig{Issuer: otherIssuer, Audiences: []string{testAudience}, PublicKey: rsa2PEM()})
	v := NewVerifier(c, staticTrust(t, c, &syncBuffer{}), func() time.Time { return testNow })
	for _, tt := range []struct {
		issuer string
		key    any
		want   Reason
	}{
		{testIssuer, rsaKey(), ""},
		{testIssuer, rsaKey2(), ReasonSignature},
		{otherIssuer, rsaKey2(), ""},
		{otherIssuer, rsaKey(), ReasonSignature},
	} {
		d := goodDraft()
		d.header, d.key = goodHeader().with("kid", "").String(), tt.key
		claim("iss", strconv.Quote(tt.issuer))(&d)
		_, err := v.Verify(t.Context(), d.token())
		if got := reason(t, err); got != tt.want {
			t.Errorf("%s: reason %q, want %q", tt.issuer, got, tt.want)
		}
	}
}

// Tokens of an issuer with static keys cause no request, whatever they name; an
// issuer beside it that is down changes nothing.
func TestStaticKeysAreNeverFetched(t *testing.T) {
	rsaKey()
	synctest.Test(t, func(t *testing.T) {
		c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKey, ic.Required = rsaPEM(), true })
		log := &syncBuffer{}
		trust := staticTrust(t, c, log)
		v := NewVerifier(c, trust, func() time.Time { return testNow })
		go trust.Run(t.Context())
		time.Sleep(3 * time.Hour)
		for i := range 100 {
			_, err := v.Verify(t.Context(), named(rsaKey(), "junk-"+strconv.Itoa(i)))
			if got := reason(t, err); got != ReasonUnknownKID {
				t.Fatalf("reason %q, want %q", got, ReasonUnknownKID)
			}
		}
		ready, all := trust.Ready()
		want := KeyStatus{Issuer: testIssuer, Required: true, Usable: true, Keys: 1, LastSuccess: time.Now().Add(-3 * time.Hour)}
		if !ready || len(all) != 1 || all[0] != want {
			t.Errorf("ready %v, %+v, want %+v", ready, all, want)
		}
		if got := strings.Count(log.String(), "public keys loaded"); got != 1 {
			t.Errorf("%d lines of the keys in the log:\n%s", got, log)
		}
	})
}

// keyFile is a static key file in a bubble.
type keyFile struct {
	*staticKeys
	t    *testing.T
	path string
	log  *syncBuffer
}

// soon is how long a change may take to be in use.
const soon = 2 * time.Second

// withKeyFile runs f in a bubble with the keys of a file at path, which holds
// content at first.
func withKeyFile(t *testing.T, path, content string, f func(keyFile)) {
	t.Helper()
	put(t, path, content)
	synctest.Test(t, func(t *testing.T) {
		log := &syncBuffer{}
		c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKeyFile = path })
		keys, ok := staticTrust(t, c, log).keys[testIssuer].(*staticKeys)
		if !ok {
			t.Fatal("the issuer has no static keys")
		}
		ctx, stop := context.WithCancel(t.Context())
		go keys.Run(ctx)
		f(keyFile{keys, t, path, log})
		stop()
		synctest.Wait()
	})
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// has waits and says which of the two test keys are there.
func (f keyFile) has(want ...string) {
	f.t.Helper()
	time.Sleep(soon)
	synctest.Wait()
	var got []string
	for name, key := range map[string]any{"one": &rsaKey().PublicKey, "two": &rsaKey2().PublicKey} {
		if k, err := f.key(f.t.Context(), thumbprintOf(key)); err == nil && k.equal(publicKey{key: key}) {
			got = append(got, name)
		} else if !errors.Is(err, errUnknownKey) {
			f.t.Errorf("key %s: err = %v, want %v", name, err, errUnknownKey)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		f.t.Errorf("keys %q, want %q", got, want)
	}
	if _, err := f.key(f.t.Context(), ""); (err == nil) != (len(want) == 1) {
		f.t.Errorf("without a key id, of %d keys: err = %v", len(want), err)
	}
	if (f.soleKeyID() == "") != (len(want) != 1) || f.Status().Keys != len(want) {
		f.t.Errorf("the sole key is %q, status %+v", f.soleKeyID(), f.Status())
	}
}

// A file with a rotation: the next key comes, the old one goes.
func TestStaticKeyFileChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.pem")
	withKeyFile(t, path, rsaPEM(), func(f keyFile) {
		f.has("one")
		put(t, path, rsaPEM()+rsa2PEM())
		f.has("one", "two")
		began := time.Now()
		put(t, path, rsa2PEM())
		f.has("two")
		if s := f.Status(); !s.Usable || s.LastError != "" || s.LastSuccess.Before(began) || s.LastSuccess.After(began.Add(soon)) {
			t.Errorf("status %+v, want a success after %v", s, began)
		}
		before := strings.Count(f.log.String(), "public keys loaded")
		put(t, path, "# a comment more\n"+rsa2PEM())
		f.has("two")
		if got := strings.Count(f.log.String(), "public keys loaded"); before != 3 || got != before {
			t.Errorf("%d and %d lines of new keys in the log, want 3 and 3:\n%s", before, got, f.log)
		}
	})
}

// Kubernetes changes a volume by swapping one symbolic link to a directory.
func TestStaticKeyFileSymlinkSwap(t *testing.T) {
	dir := t.TempDir()
	volume := func(name, content string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name, "keys.pem"), content)
		if err := os.Symlink(name, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	volume("..2026_08_01", rsaPEM())
	path := filepath.Join(dir, "keys.pem")
	if err := os.Symlink(filepath.Join("..data", "keys.pem"), path); err != nil {
		t.Fatal(err)
	}
	withKeyFile(t, path, rsaPEM(), func(f keyFile) {
		f.has("one")
		volume("..2026_08_02", rsa2PEM())
		if err := os.RemoveAll(filepath.Join(dir, "..2026_08_01")); err != nil {
			t.Fatal(err)
		}
		f.has("two")
	})
}

// Whatever becomes of the file, the last good keys stay, and the fault is told.
func TestStaticKeyFileBreaks(t *testing.T) {
	private := block("PRIVATE KEY", []byte("the private half"))
	for name, spoil := range map[string]func(*testing.T, string){
		"removed":       func(t *testing.T, path string) { must(t, os.Remove(path)) },
		"a directory":   func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o700)) },
		"empty":         func(t *testing.T, path string) { put(t, path, "") },
		"cut":           func(t *testing.T, path string) { put(t, path, rsa2PEM()[:200]) },
		"a private key": func(t *testing.T, path string) { put(t, path, private) },
		"too large":     func(t *testing.T, path string) { put(t, path, rsa2PEM()+strings.Repeat(" ", MaxKeySetBytes)) },
		"good and cut":  func(t *testing.T, path string) { put(t, path, rsa2PEM()+rsaPEM()[:200]) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys.pem")
			withKeyFile(t, path, rsaPEM(), func(f keyFile) {
				f.has("one")
				spoil(t, path)
				f.has("one")
				if s := f.Status(); !s.Usable || s.LastError != "bad_file" {
					t.Errorf("status %+v, want usable keys and bad_file", s)
				}
				if log := f.log.String(); !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, testIssuer) || sample(log, private+rsa2PEM()[30:]) != "" {
					t.Errorf("the log does not tell of it, or tells too much:\n%s", log)
				}
				must(t, os.RemoveAll(path))
				put(t, path, rsa2PEM())
				f.has("two")
				if s := f.Status(); s.LastError != "" {
					t.Errorf("status %+v after the file was repaired", s)
				}
			})
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Nothing starts with keys that cannot be used; the error says where they are.
func TestStaticKeysRefuseTheStart(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name, content string
		want          string // behind the path
	}{
		{"absent.pem", "", ""},
		{"good.pem", rsaPEM(), ""},
		{"broken.pem", rsaPEM()[:200], "key 1: is cut: its BEGIN or END line is not exact, or missing"},
		{"two.pem", rsaPEM() + rsa2PEM(), "holds 2 keys, and key_id can name only one: leave it out"},
		{"ec.pem", pkixOf(&ec256Key().PublicKey), "key 1: an EC P-256 key, but algorithms allows RS256 alone: list ES256 in auth.issuers[].algorithms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, tt.name)
			if tt.content != "" {
				put(t, path, tt.content)
			}
			c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKeyFile, ic.KeyID = path, testKID })
			_, err := NewTrust(c, neverAsked{t}, slog.New(slog.DiscardHandler))
			const where = "auth.public_key_file of the issuer " + testIssuer + ": "
			switch {
			case tt.content == "":
				if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), where) {
					t.Errorf("err = %v, want %v at %s", err, fs.ErrNotExist, where)
				}
			case tt.want == "":
				if err != nil {
					t.Error(err)
				}
			default:
				if want := where + path + ": " + tt.want; err == nil || err.Error() != want {
					t.Errorf("err = %v, want %s", err, want)
				}
			}
		})
	}
	t.Run("inline", func(t *testing.T) {
		const want = "auth.public_key of the issuer " + testIssuer + ": has no public key: PEM blocks of the kind PUBLIC KEY or CERTIFICATE are expected"
		c := withStaticKeys(func(ic *IssuerConfig) { ic.PublicKey = "x" })
		if _, err := NewTrust(c, neverAsked{t}, slog.New(slog.DiscardHandler)); err == nil || err.Error() != want {
			t.Errorf("err = %v, want %s", err, want)
		}
	})
}
