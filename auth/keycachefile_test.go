package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/ownfile"
)

// One file for each issuer, whose name tells nothing, for this user alone.
func TestKeyCacheFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "keys")
	cfg := DefaultConfig().JWKS
	if newKeyCache(IssuerConfig{Issuer: testIssuer}, cfg) != nil {
		t.Error("without a directory keys are kept all the same")
	}
	cfg.CacheDir = dir
	for _, issuer := range []string{testIssuer, otherIssuer, "https://issuer.example/../../x"} {
		c := newKeyCache(IssuerConfig{Issuer: issuer}, cfg)
		if err := c.store([]byte(set(good("one"))), time.Now()); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(issuer))
		info, err := os.Stat(filepath.Join(dir, hex.EncodeToString(sum[:])+".json"))
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", issuer, info, err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("the directory: %v, %v", info, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 {
		t.Errorf("in the directory are %v, %v", files, err)
	}
}

// keptFor returns a good file of testIssuer, of an hour ago, changed by change.
func keptFor(t testing.TB, now time.Time, change func(map[string]any)) []byte {
	t.Helper()
	m := map[string]any{
		"issuer": testIssuer, "jwks_url": "", "fetched": now.Add(-time.Hour).Unix(), "key_set": json.RawMessage(set(good("one"))),
	}
	if change != nil {
		change(m)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Whatever is odd about a file makes it one that is not there: it is told once, and
// written anew. Each row spoils the file that is good without it.
func TestKeyCacheOddFiles(t *testing.T) {
	edit := func(change func(m map[string]any)) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, keptFor(t, time.Now(), change), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	member := func(name string, value any) func(*testing.T, string) {
		return edit(func(m map[string]any) { m[name] = value })
	}
	keys := func(document string) func(*testing.T, string) {
		return member("key_set", json.RawMessage(document))
	}
	fetched := func(ago time.Duration) func(*testing.T, string) {
		return edit(func(m map[string]any) { m["fetched"] = time.Now().Add(-ago).Unix() })
	}
	text := func(s string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	do := func(f func(path string) error) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := f(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	ec := set(jwkOf(&ec256Key().PublicKey, "one"))
	maxStale := DefaultConfig().JWKS.MaxStale
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error // nil: it is used
	}{
		{"nothing is odd", edit(nil), nil},
		{"as old as can be", fetched(maxStale), nil},
		{"a second older", fetched(maxStale + time.Second), errKeptKeysTooOld},
		{"of 1969", fetched(1 << 62), errKeptKeysTooOld},
		{"before all time", member("fetched", int64(-1<<63)), errKeptKeysTooOld},
		{"of a clock a little ahead", fetched(-keyCacheSkew), nil},
		{"of a clock far ahead", fetched(-keyCacheSkew - time.Second), errKeptInFuture},
		{"after all time", member("fetched", int64(1<<62)), errKeptInFuture},
		{"a time that is text", member("fetched", "1"), errNotKeptKeys},
		{"a time that is no whole number", member("fetched", 1.5), errNotKeptKeys},
		{"no time", edit(func(m map[string]any) { delete(m, "fetched") }), errKeptKeysTooOld},
		{"of another issuer", member("issuer", otherIssuer), errKeptElsewhere},
		{"of the issuer without its slash", member("issuer", strings.TrimSuffix(testIssuer, "/")), errKeptElsewhere},
		{"of no issuer", edit(func(m map[string]any) { delete(m, "issuer") }), errKeptElsewhere},
		{"from an address that is not configured now", member("jwks_url", "https://keys.example/"), errKeptElsewhere},
		{"no key set", edit(func(m map[string]any) { delete(m, "key_set") }), errNotAKeySet},
		{"a key set that is text", member("key_set", set(good("one"))), errNotAKeySet},
		{"an empty key set", keys(`{"keys":[]}`), errNoUsableKey},
		{"keys that this issuer does not use", keys(ec), errNoUsableKey},
		{"keys under one id", keys(set(good("one"), good2("one"))), errNoUsableKey},
		{"101 keys", keys(`{"keys":[` + strings.Repeat("{},", 100) + `{}]}`), errTooManyKeys},
		{"a key set that nests too deeply", keys(`{"keys":[` + nested(20) + `]}`), errNotAKeySet},
		{"a member more", member("more", 1), errNotKeptKeys},
		{"a member twice", text(`{"issuer":"` + testIssuer + `","issuer":"` + testIssuer + `"}`), errNotKeptKeys},
		{"a member in another case", edit(func(m map[string]any) { m["Issuer"] = m["issuer"]; delete(m, "issuer") }), errNotKeptKeys},
		{"empty", text(""), errNotKeptKeys},
		{"null", text("null"), errKeptElsewhere},
		{"cut off", text(`{"issuer":"` + testIssuer), errNotKeptKeys},
		{"HTML", text("<!DOCTYPE html>"), errNotKeptKeys},
		{"too large", text(`{}` + strings.Repeat(" ", maxKeyCacheBytes)), ownfile.ErrTooLarge},
		{"readable by the group", do(func(p string) error { return os.Chmod(p, 0o640) }), ownfile.ErrNotOwn},
		{"writable by others", do(func(p string) error { return os.Chmod(p, 0o602) }), ownfile.ErrNotOwn},
		{"a symbolic link", do(func(p string) error { return errors.Join(os.Rename(p, p+".real"), os.Symlink(p+".real", p)) }), ownfile.ErrNotOwn},
		{"in a directory of everybody's", do(func(p string) error { return os.Chmod(filepath.Dir(p), 0o777) }), ownfile.ErrDirNotOwn},
		{"not there", do(os.Remove), fs.ErrNotExist},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, cached(t), func(t *testing.T, r running) {
				tt.spoil(t, r.cache.path)
				r.issuer.publish("two")
				if _, _, err := r.cache.load(time.Now()); !errors.Is(err, tt.want) {
					t.Errorf("load: %v, want %v", err, tt.want)
				}
				r = r.again()
				_, err := r.key(t.Context(), "one")
				if (err == nil) != (tt.want == nil) || r.Status().Cached != (tt.want == nil) {
					t.Errorf("the kept key: %v, status %+v", err, r.Status())
				}
				told := strings.Count(r.log.String(), `"level":"WARN"`)
				if quiet := tt.want == nil || errors.Is(tt.want, fs.ErrNotExist); (told == 0) != quiet || told > 1 {
					t.Errorf("log:\n%s", r.log)
				}
				mustHide(t, r.log.String(), "DOCTYPE", otherIssuer, "keys.example")
				r = r.run()
				r.wants("two", nil)
				if tt.want == ownfile.ErrDirNotOwn { //nolint:errorlint // the row itself
					return
				}
				r = r.again() // it was written anew
				r.wants("two", nil)
			})
		})
	}
}

// What comes from a file is keys of the right issuer and age, or an error in our words.
func FuzzKeyCacheParse(f *testing.F) {
	now := testNow
	for _, change := range []func(map[string]any){
		nil,
		func(m map[string]any) { m["fetched"] = now.Add(-25 * time.Hour).Unix() },
		func(m map[string]any) { m["fetched"] = now.Add(30 * time.Second).Unix() },
		func(m map[string]any) { m["issuer"] = otherIssuer },
		func(m map[string]any) { m["key_set"] = json.RawMessage(`{"keys":[]}`) },
		func(m map[string]any) { m["more"] = []any{nil} },
	} {
		f.Add(keptFor(f, now, change))
	}
	f.Add([]byte(`{"issuer":"` + testIssuer + `","fetched":1e400}`))
	f.Add([]byte("null"))
	cfg := DefaultConfig().JWKS
	cfg.CacheDir = "unused"
	cache := newKeyCache(IssuerConfig{Issuer: testIssuer}.withDefaults(), cfg)
	known := []error{
		errNotKeptKeys, errKeptElsewhere, errKeptInFuture, errKeptKeysTooOld, errNotAKeySet, errTooManyKeys, errNoUsableKey,
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, age, err := cache.parse(data, now)
		if err != nil {
			for _, k := range known {
				if errors.Is(err, k) {
					return
				}
			}
			t.Fatalf("err = %v", err)
		}
		if age < 0 || age > cfg.MaxStale || len(set.keys) == 0 || len(set.keys) > maxKeys {
			t.Errorf("%d keys of %v ago", len(set.keys), age)
		}
		var kept struct {
			Issuer string `json:"issuer"`
		}
		if err := json.Unmarshal(data, &kept); err != nil || kept.Issuer != testIssuer {
			t.Errorf("issuer %q, %v", kept.Issuer, err)
		}
	})
}
