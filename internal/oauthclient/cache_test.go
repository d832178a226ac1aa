package oauthclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	testKey   = cacheKey{Issuer: testIssuer, ClientID: "agent", Audience: testResource, Resource: testResource, Scopes: []string{"a", "b"}}
	testToken = Token{Value: "cached-t0ken", Scopes: []string{"a"}, Expiry: testTime.Add(time.Hour)}
)

// stored returns a cache that holds testToken, and the path of its file.
func stored(t *testing.T) (*fileCache, string) {
	t.Helper()
	c := &fileCache{dir: filepath.Join(t.TempDir(), "new", "tokens"), now: testNow}
	unlock, err := c.lock(t.Context(), testKey)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := c.store(testKey, newHeld(testToken, wish{}, []string{"b"}, testTime)); err != nil {
		t.Fatal(err)
	}
	path, err := c.path(testKey)
	if err != nil {
		t.Fatal(err)
	}
	return c, path
}

func TestCacheFile(t *testing.T) {
	c, path := stored(t)
	for name, want := range map[string]fs.FileMode{path: 0o600, c.dir: 0o700 | fs.ModeDir, path + ".lock": 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	if left, err := os.ReadDir(c.dir); err != nil || len(left) != 2 {
		t.Errorf("in the directory are %v, %v; want the file and its lock", left, err)
	}
	h, err := c.load(testKey, need{wish: wish{scopes: []string{"a", "b"}}})
	if err != nil || h == nil {
		t.Fatalf("load = %v, %v", h, err)
	}
	if h.token.Value != testToken.Value || !h.token.Expiry.Equal(testToken.Expiry) || !slices.Equal(h.token.Scopes, testToken.Scopes) ||
		!slices.Equal(h.asked, []string{"b"}) || !h.obtained.Equal(testTime) || !h.fromFile || !h.renewAt.Equal(testTime.Add(59*time.Minute)) {
		t.Errorf("load = %+v", h)
	}
	if h.replaces {
		t.Error("a token that replaces none was read as one that does")
	}
	if h, err := c.load(testKey, need{failed: h}); h != nil || err != nil {
		t.Errorf("the token that failed: %v, %v; want none", h, err)
	}
	h.replaces = true
	if err := c.store(testKey, h); err != nil {
		t.Fatal(err)
	}
	if h, err := c.load(testKey, need{}); err != nil || h == nil || !h.replaces {
		t.Errorf("a token that replaces another: %+v, %v", h, err)
	}
	if err := errors.Join(c.remove(testKey), c.remove(testKey)); err != nil {
		t.Errorf("removing it twice: %v", err)
	}
	if h, err := c.load(testKey, need{}); h != nil || err != nil {
		t.Errorf("after it was removed: %v, %v; want none", h, err)
	}
}

// Keys that differ have files of different names, however their parts are cut.
func TestCacheKeys(t *testing.T) {
	keys := []cacheKey{
		testKey,
		{Issuer: testIssuer + "a", ClientID: "gent", Audience: testResource, Resource: testResource, Scopes: []string{"a", "b"}},
		{Issuer: testIssuer, ClientID: "agent", Audience: testResource, Scopes: []string{"a", "b"}},
		{Issuer: testIssuer, ClientID: "agent", Resource: testResource, Scopes: []string{"a", "b"}},
		{Issuer: testIssuer, ClientID: "agent", Audience: testResource, Resource: testResource, Scopes: []string{"a b"}},
		{Issuer: testIssuer, ClientID: "agent", Audience: testResource, Resource: testResource, Scopes: []string{`a","b`}},
		{Issuer: testIssuer, ClientID: "agent", Audience: testResource, Resource: testResource, Scopes: []string{"a"}},
		{Issuer: testIssuer, ClientID: "agent", Audience: testResource, Resource: testResource},
	}
	names := map[string]cacheKey{}
	for _, k := range keys {
		name, err := k.name()
		if err != nil || len(name) != 64 || strings.Trim(name, "0123456789abcdef") != "" {
			t.Fatalf("name of %+v = %q, %v", k, name, err)
		}
		if other, taken := names[name]; taken {
			t.Errorf("%+v and %+v have one name", k, other)
		}
		names[name] = k
	}
	if _, err := (cacheKey{ClientID: "\xff"}).name(); !errors.Is(err, errBadCache) {
		t.Errorf("a key that is not text: %v", err)
	}
	a := &Authorizer{o: Options{Client: testClient}, source: &source{}}
	one, _ := a.keyOf(wish{scopes: []string{"b", "a", "b"}}).name()
	two, _ := a.keyOf(wish{scopes: []string{"a", "b"}}).name()
	if one != two {
		t.Error("the order of scopes makes another file")
	}
}

// Whatever is odd about a file makes it one that is not there: it is told, and written
// anew. Each row spoils the file that is good without it.
func TestOddCacheFile(t *testing.T) {
	edit := func(change func(m map[string]any)) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			data, err := os.ReadFile(path)
			var m map[string]any
			if err = errors.Join(err, json.Unmarshal(data, &m)); err != nil {
				t.Fatal(err)
			}
			change(m)
			rewrite(t, path, m)
		}
	}
	text := func(s string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		quiet bool // it is merely of no use any more
	}{
		{"readable by the group", func(t *testing.T, path string) { t.Helper(); chmod(t, path, 0o640) }, false},
		{"readable by all", func(t *testing.T, path string) { t.Helper(); chmod(t, path, 0o604) }, false},
		{"a symbolic link", func(t *testing.T, path string) {
			t.Helper()
			if err := errors.Join(os.Rename(path, path+".moved"), os.Symlink(path+".moved", path)); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"empty", text(``), false},
		{"truncated", text(`{"key":`), false},
		{"null", text(`null`), false},
		{"not JSON", text(`token`), false},
		{"too large", text(strings.Repeat(" ", maxCacheBytes) + `{}`), false},
		{"a member more", edit(func(m map[string]any) { m["more"] = 1 }), false},
		{"a member twice", text(`{"access_token":"a","access_token":"b"}`), false},
		{"another issuer", edit(func(m map[string]any) { m["key"].(map[string]any)["issuer"] = "https://evil.example" }), false},
		{"another client", edit(func(m map[string]any) { m["key"].(map[string]any)["client_id"] = "other" }), false},
		{"another audience", edit(func(m map[string]any) { m["key"].(map[string]any)["audience"] = "other" }), false},
		{"another resource", edit(func(m map[string]any) { m["key"].(map[string]any)["resource"] = "other" }), false},
		{"other scopes", edit(func(m map[string]any) { m["key"].(map[string]any)["scopes"] = []string{"x"} }), false},
		{"no key", edit(func(m map[string]any) { delete(m, "key") }), false},
		{"no token", edit(func(m map[string]any) { delete(m, "access_token") }), false},
		{"a token that is a header", edit(func(m map[string]any) { m["access_token"] = "a\r\nX-Evil: 1" }), false},
		{"granted what is no scope", edit(func(m map[string]any) { m["granted"] = []string{"a b"} }), false},
		{"asked for what is no scope", edit(func(m map[string]any) { m["asked"] = []string{""} }), false},
		{"no expiry", edit(func(m map[string]any) { delete(m, "expiry") }), false},
		{"an expiry before it began", edit(func(m map[string]any) { m["expiry"] = m["obtained"] }), false},
		{"an expiry in a hundred years", edit(func(m map[string]any) { m["expiry"] = m["expiry"].(float64) + 100*366*24*3600 }), false},
		{"obtained never", edit(func(m map[string]any) { m["obtained"] = 0 }), false},
		{"obtained tomorrow", edit(func(m map[string]any) {
			m["obtained"], m["expiry"] = m["obtained"].(float64)+24*3600, m["expiry"].(float64)+24*3600
		}), false},
		{"expired", edit(func(m map[string]any) {
			m["obtained"], m["expiry"] = m["obtained"].(float64)-7200, m["expiry"].(float64)-7200
		}), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			var told events
			dir := t.TempDir()
			cached := func() *Authorizer {
				return w.authorizer(t, func(o *Options) { o.CacheDir, o.Observe = dir, told.observe })
			}
			good(t, call(t, cached()))
			files, err := filepath.Glob(filepath.Join(dir, "*.json"))
			if err != nil || len(files) != 1 {
				t.Fatalf("files %q, %v", files, err)
			}
			good(t, call(t, cached())) // the twin
			if w.tokens() != 1 || told.count(TokenFromCache) != 1 || told.count(CacheFailed) != 0 {
				t.Fatalf("%d tokens; told %q", w.tokens(), told.kinds())
			}
			tt.spoil(t, files[0])
			good(t, call(t, cached()))
			if w.tokens() != 2 || told.count(TokenFromCache) != 1 || (told.count(CacheFailed) == 0) != tt.quiet {
				t.Errorf("%d tokens; told %q", w.tokens(), told.kinds())
			}
			good(t, call(t, cached())) // it was written anew
			if w.tokens() != 2 || told.count(TokenFromCache) != 2 {
				t.Errorf("afterwards: %d tokens; told %q", w.tokens(), told.kinds())
			}
			for _, e := range told.list {
				if e.Err != nil && strings.Contains(e.Err.Error(), "token-1") {
					t.Errorf("the token shows: %v", e.Err)
				}
			}
		})
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func rewrite(t *testing.T, path string, m map[string]any) {
	t.Helper()
	data, err := json.Marshal(m)
	if err = errors.Join(err, os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// No call fails because tokens cannot be kept, and it is told why they are not.
func TestCacheDirThatCannotBeUsed(t *testing.T) {
	tests := []struct {
		name string
		dir  func(t *testing.T) string
	}{
		{"a file", func(t *testing.T) string {
			t.Helper()
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}},
		{"below a file", func(t *testing.T) string {
			t.Helper()
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(path, "dir")
		}},
		{"others may write to it", func(t *testing.T) string { t.Helper(); dir := t.TempDir(); chmod(t, dir, 0o777); return dir }},
		{"no name for it", func(*testing.T) string { return "a\x00b" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			var told events
			dir := tt.dir(t)
			for range 2 {
				a := w.authorizer(t, func(o *Options) { o.CacheDir, o.Observe = dir, told.observe })
				good(t, call(t, a))
				good(t, call(t, a))
			}
			if w.tokens() != 2 || told.count(CacheFailed) != 2 || told.count(TokenFromCache) != 0 {
				t.Errorf("%d tokens; told %q", w.tokens(), told.kinds())
			}
		})
	}
}

func TestTokenWithoutExpiryIsNotWritten(t *testing.T) {
	w := newWorld()
	w.fault = func(rw http.ResponseWriter) bool {
		w.issued["forever"] = &issuedToken{expiry: time.Now().Add(time.Hour)}
		return answer200(`{"access_token":"forever","token_type":"bearer"}`)(rw)
	}
	dir := t.TempDir()
	good(t, call(t, w.authorizer(t, func(o *Options) { o.CacheDir = dir })))
	if files, err := filepath.Glob(filepath.Join(dir, "*.json")); err != nil || len(files) != 0 {
		t.Errorf("files %q, %v", files, err)
	}
}

// Issuers meter tokens: a hundred runs of a program cost one.
func TestOneTokenForManyWithFiles(t *testing.T) {
	t.Run("a hundred one after the other", func(t *testing.T) {
		w := newWorld()
		dir := t.TempDir()
		for range 100 {
			good(t, call(t, w.authorizer(t, func(o *Options) { o.CacheDir = dir })))
		}
		if len(w.requests) != 1 {
			t.Errorf("%d token requests, want 1", len(w.requests))
		}
	})
	t.Run("thirty at once", func(t *testing.T) {
		w := newWorld()
		w.latency = 50 * time.Millisecond
		dir := t.TempDir()
		inParallel(30, func(int) {
			good(t, call(t, w.authorizer(t, func(o *Options) { o.CacheDir = dir })))
		})
		if len(w.requests) != 1 {
			t.Errorf("%d token requests, want 1", len(w.requests))
		}
	})
	t.Run("a step-up has a file of its own", func(t *testing.T) {
		w := newWorld()
		w.baseline = []string{"base"}
		var told events
		dir := t.TempDir()
		for range 10 {
			a := w.authorizer(t, func(o *Options) { o.CacheDir, o.Observe = dir, told.observe })
			good(t, call(t, a, "base"))
			good(t, call(t, a, "x"))
		}
		if want := []string{"base", "base x"}; !slices.Equal(w.asked(), want) || told.count(TokenFromCache) != 18 {
			t.Errorf("asked for %q, want %q; told %q", w.asked(), want, told.kinds())
		}
	})
	t.Run("supported scopes that were refused", func(t *testing.T) {
		w := newWorld()
		w.supported, w.granted = []string{"a", "b"}, []string{"a"}
		dir := t.TempDir()
		for range 10 {
			good(t, call(t, w.authorizer(t, func(o *Options) { o.CacheDir = dir }), "a"))
		}
		if want := []string{"a b", ""}; !slices.Equal(w.asked(), want) {
			t.Errorf("asked for %q, want %q", w.asked(), want)
		}
	})
	t.Run("for other clients another", func(t *testing.T) {
		w := newWorld()
		dir := t.TempDir()
		for _, audience := range []string{"", "https://api.example/", "", "https://api.example/"} {
			good(t, call(t, w.authorizer(t, func(o *Options) { o.CacheDir, o.Audience = dir, audience })))
		}
		if len(w.requests) != 2 {
			t.Errorf("%d token requests, want 2", len(w.requests))
		}
	})
}

// A file's token that the server has come to refuse is replaced at once, for this
// process and the next.
func TestCachedTokenThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		dir := t.TempDir()
		cached := func() *Authorizer { return w.authorizer(t, func(o *Options) { o.CacheDir = dir }) }
		other := cached()
		good(t, call(t, other))
		w.revoke()
		good(t, call(t, cached()))
		good(t, call(t, cached()))
		good(t, call(t, other)) // which takes the new one from the file
		if w.tokens() != 2 {
			t.Errorf("%d tokens, want 2", w.tokens())
		}
		time.Sleep(rejectionPause)
		w.set(func(w *world) { w.refuseAll = true })
		if r := call(t, cached()); r.status != http.StatusUnauthorized || w.tokens() != 3 {
			t.Errorf("%+v after %d tokens, want the second 401 after 3", r, w.tokens())
		}
		w.set(func(w *world) { w.refuseAll = false })
		good(t, call(t, other))
		// A refused one does not stay, even if there is no other to be had.
		time.Sleep(rejectionPause)
		w.revoke()
		w.set(func(w *world) { w.down = true })
		if r := call(t, cached()); !errors.Is(r.err, ErrStatus) {
			t.Errorf("%+v, want ErrStatus", r)
		}
		if files, err := filepath.Glob(filepath.Join(dir, "*.json")); err != nil || len(files) != 0 {
			t.Errorf("files %q, %v", files, err)
		}
	})
}

// A server that refuses every token must not cost one in every process.
func TestServerThatRefusesCachedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.refuseAll = true
		dir := t.TempDir()
		cached := func() *Authorizer { return w.authorizer(t, func(o *Options) { o.CacheDir = dir }) }
		for range 10 {
			if r := call(t, cached()); r.status != http.StatusUnauthorized || r.body != "the server's own words" {
				t.Fatalf("%+v, want the server's 401", r)
			}
		}
		if w.tokens() != 2 { // the second replaced the first, which might have been an old one
			t.Errorf("%d tokens, want 2", w.tokens())
		}
		time.Sleep(rejectionPause + time.Second) // files have whole seconds
		for range 10 {
			call(t, cached())
		}
		if w.tokens() != 3 {
			t.Errorf("%d tokens after a while, want 3", w.tokens())
		}
		w.set(func(w *world) { w.refuseAll = false })
		good(t, call(t, cached()))
	})
}

// A file's token that is about to expire is renewed, and serves if that fails.
func TestCachedTokenThatIsAboutToExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		dir := t.TempDir()
		var told events
		cached := func() *Authorizer {
			return w.authorizer(t, func(o *Options) { o.CacheDir, o.Observe = dir, told.observe })
		}
		good(t, call(t, cached()))
		time.Sleep(59*time.Minute + time.Second)
		w.set(func(w *world) { w.down = true })
		good(t, call(t, cached()))
		if told.count(RenewalFailed) != 1 || told.count(TokenFromCache) != 1 {
			t.Errorf("told %q", told.kinds())
		}
		w.set(func(w *world) { w.down = false })
		good(t, call(t, cached()))
		good(t, call(t, cached()))
		if w.tokens() != 2 {
			t.Errorf("%d tokens, want 2", w.tokens())
		}
	})
}

// Who holds a lock for too long does not hold up the others for ever.
func TestCacheLockThatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		dir := t.TempDir()
		var told events
		a := w.authorizer(t, func(o *Options) { o.CacheDir, o.Observe = dir, told.observe })
		if _, err := a.discover(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		unlock, err := a.files.lock(t.Context(), a.keyOf(wish{}))
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		began := time.Now()
		good(t, call(t, a))
		if took := time.Since(began); took != maxLockWait || told.count(CacheFailed) != 1 {
			t.Errorf("the call took %v, want %v; told %q", took, maxLockWait, told.kinds())
		}
	})
}

// Of many processes one asks.
func TestOneTokenForManyProcesses(t *testing.T) {
	if endpoint := os.Getenv("OAUTHCLIENT_TEST_ENDPOINT"); endpoint != "" {
		callAsProcess(t, endpoint)
		return
	}
	var mu sync.Mutex
	requests := 0
	srv := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		self := "http://" + r.Host
		switch {
		case r.URL.Path == wellKnownResource+"/mcp":
			fmt.Fprintf(rw, `{"resource":%q,"authorization_servers":[%q]}`, self+"/mcp", self)
		case r.URL.Path == oidc:
			fmt.Fprint(rw, document(self))
		case r.URL.Path == "/token":
			mu.Lock()
			defer mu.Unlock()
			requests++
			fmt.Fprintf(rw, `{"access_token":"token-%d","token_type":"Bearer","expires_in":3600}`, requests)
		case r.Header.Get("Authorization") != "Bearer token-1":
			rw.WriteHeader(http.StatusUnauthorized)
		}
	})
	dir := t.TempDir()
	inParallel(6, func(int) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOneTokenForManyProcesses$", "-test.v")
		cmd.Env = append(os.Environ(), "OAUTHCLIENT_TEST_ENDPOINT="+srv.URL+"/mcp", "OAUTHCLIENT_TEST_CACHE="+dir)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "answered") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if requests != 1 {
		t.Errorf("%d token requests, want 1", requests)
	}
}

func callAsProcess(t *testing.T, endpoint string) {
	t.Helper()
	a, err := NewAuthorizer(Options{Endpoint: endpoint, Client: testClient, CacheDir: os.Getenv("OAUTHCLIENT_TEST_CACHE")})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, endpoint, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if r := roundTrip(a, req); r.status != http.StatusOK {
		t.Fatalf("%+v", r)
	}
	t.Log("answered")
}

func FuzzCacheFile(f *testing.F) {
	entry := cacheEntry{
		Key: testKey, AccessToken: "t", Asked: []string{"a"}, Granted: []string{"a"},
		Obtained: testTime.Unix(), Expiry: testTime.Add(time.Hour).Unix(),
	}
	whole, err := json.Marshal(entry)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(whole), string(whole) + "{}", `{}`, `null`, strings.Replace(string(whole), `"t"`, `"t\n"`, 1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := parseEntry(data, testKey)
		if err != nil {
			if !errors.Is(err, errBadCache) || len(err.Error()) > 120 {
				t.Errorf("err = %v", err)
			}
			return
		}
		h := e.held(wish{})
		if !isBearerToken(h.token.Value) || h.margin() < 0 || h.margin() > maxRenewalMargin || !h.token.Expiry.After(h.obtained) || !e.Key.equal(testKey) {
			t.Errorf("%+v", e)
		}
	})
}
