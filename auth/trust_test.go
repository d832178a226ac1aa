package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mcp-resource-server/internal/ownfile"
)

// A token that does not name the one static key is one of that key all the same: a
// denied key cannot be used by leaving its name out.
func TestDeniedSoleKey(t *testing.T) {
	parsed, err := parsePublicKeys([]byte(rsaPEM()), "", []string{"RS256"})
	if err != nil {
		t.Fatal(err)
	}
	thumbprint := ""
	for kid := range parsed {
		thumbprint = kid
	}
	for _, tt := range []struct {
		name, keyID, kid, deny string
		want                   Reason
	}{
		{"by its thumbprint, and not named", "", "", thumbprint, ReasonRevoked},
		{"by its thumbprint, and named", "", thumbprint, thumbprint, ReasonRevoked},
		{"by its configured name, and not named", "k1", "", "k1", ReasonRevoked},
		{"by its configured name, and named", "k1", "k1", "k1", ReasonRevoked},
		{"another key, and not named", "", "", "another", ""},
		{"another key, and named", "k1", "k1", "another", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := validShort()
			c.PublicKey, c.KeyID, c.DenylistFile = rsaPEM(), tt.keyID, filepath.Join(t.TempDir(), "denylist.yaml")
			put(t, c.DenylistFile, "kids: ['"+tt.deny+"']\n")
			v := NewVerifier(c, staticTrust(t, c, &syncBuffer{}), func() time.Time { return testNow })
			d := goodDraft()
			quoted := ""
			if tt.kid != "" {
				quoted = `"` + tt.kid + `"`
			}
			d.header = goodHeader().with("kid", quoted).String()
			_, err := v.Verify(t.Context(), d.token())
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}

// All files that cannot be used are named at once.
func TestNewTrustNamesEveryFault(t *testing.T) {
	c := validLong()
	c.Issuers[0].PublicKeyFile = "/nowhere/keys.pem"
	c.DenylistFile, c.StaticTokensFile = "/nowhere/denylist.yaml", "/nowhere/tokens.yaml"
	c.JWKS.CacheDir = fileOf(t, "x")
	_, err := NewTrust(c, neverAsked{t}, testLogger(&syncBuffer{}))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("err = %v", err)
	}
	for _, name := range []string{"auth.jwks.cache_dir: ", "auth.public_key_file of the issuer " + testIssuer + ": ", "auth.denylist_file: ", "auth.static_tokens_file: "} {
		if strings.Count(err.Error(), name) != 1 {
			t.Errorf("%q is not in\n%v", name, err)
		}
	}
}

// A directory for keys that cannot be used is a fault at the start, not a surprise in
// an outage; to look at it makes nothing.
func TestCacheDir(t *testing.T) {
	parent := t.TempDir()
	shared := filepath.Join(parent, "shared")
	if err := errors.Join(os.Mkdir(shared, 0o700), os.Chmod(shared, 0o777)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, dir string
		want      error
	}{
		{"none", "", nil},
		{"one that is to be made", filepath.Join(parent, "new", "er"), nil},
		{"one that others may write to", shared, ownfile.ErrDirNotOwn},
		{"a file", fileOf(t, "x"), syscall.ENOTDIR},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := validShort()
			c.JWKS.CacheDir = tt.dir
			_, before := os.Stat(tt.dir)
			if err := c.JWKS.CheckCacheDir(); !errors.Is(err, tt.want) {
				t.Errorf("CheckCacheDir = %v, want %v", err, tt.want)
			}
			if _, after := os.Stat(tt.dir); (before == nil) != (after == nil) {
				t.Error("to look has made the directory")
			}
			if _, err := NewTrust(c, neverAsked{t}, testLogger(&syncBuffer{})); !errors.Is(err, tt.want) {
				t.Errorf("NewTrust = %v, want %v", err, tt.want)
			}
		})
	}
}

// Static tokens are for where there is no issuer: beside one they do not make a
// server ready that can verify none of its tokens.
func TestReadyWithStaticTokens(t *testing.T) {
	tokens := holding(t, "# none\n")
	down := &keyStore{cfg: DefaultConfig().JWKS}
	up := &keyStore{cfg: DefaultConfig().JWKS}
	up.snapshot.Store(&keySnapshot{fetched: time.Now()})
	for _, tt := range []struct {
		name  string
		trust Trust
		want  bool
	}{
		{"static tokens alone", Trust{static: tokens}, true},
		{"beside an issuer with keys", Trust{static: tokens, keys: map[string]keySource{"a": up}}, true},
		{"beside an issuer without", Trust{static: tokens, keys: map[string]keySource{"a": down}}, false},
		{"nothing", Trust{}, false},
	} {
		if got, _ := tt.trust.Ready(); got != tt.want {
			t.Errorf("%s: ready = %v, want %v", tt.name, got, tt.want)
		}
	}
}
