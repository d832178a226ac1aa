package auth

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func testLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// The metadata must not be able to send us to another origin for the keys, unless
// the address was set by hand.
func TestKeyStoreWhereTheKeysAre(t *testing.T) {
	for _, tt := range []struct {
		name       string
		discovered string
		configured string
		class      string // "" is success
	}{
		{"the issuer's own origin", testIssuer + "keys", "", ""},
		{"its port written out", "https://issuer.example:443/keys", "", ""},
		{"deeper down", testIssuer + ".well-known/keys", "", ""},
		{"another host", "https://evil.example/keys", "", "bad_metadata"},
		{"a host below", "https://keys.issuer.example/keys", "", "bad_metadata"},
		{"a host that begins alike", "https://issuer.example.evil.example/keys", "", "bad_metadata"},
		{"another port", "https://issuer.example:8443/keys", "", "bad_metadata"},
		{"http", "http://issuer.example/keys", "", "bad_metadata"},
		{"a user in front of another host", "https://issuer.example@evil.example/keys", "", "bad_metadata"},
		{"no URL", "keys", "", "bad_metadata"},
		{"none", "", "", "bad_metadata"},
		{"another host, set by hand", "https://evil.example/no", "https://keys.example/keys", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conf := func(ic *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) {
				ic.JWKSURL, f.jwksURI = tt.configured, tt.discovered
			}
			inBubble(t, conf, func(t *testing.T, r running) {
				keys, metadata := r.issuer.counts()
				if status := r.Status(); status.LastError != tt.class || status.Usable != (tt.class == "") {
					t.Errorf("status %+v, want the error class %q", status, tt.class)
				}
				if tt.class != "" && keys > 0 {
					t.Error("the keys were asked for all the same")
				}
				if tt.configured != "" && metadata > 0 {
					t.Error("the metadata was asked for although the address is set")
				}
			})
		})
	}
}

// The address is read again after an hour, and after any failure.
func TestKeyStoreRediscovers(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		time.Sleep(55 * time.Minute)
		if keys, metadata := r.issuer.counts(); metadata != 1 || keys < 5 {
			t.Errorf("%d reads of the metadata for %d fetches, want one", metadata, keys)
		}
		time.Sleep(20 * time.Minute)
		if _, metadata := r.issuer.counts(); metadata != 2 {
			t.Errorf("%d reads of the metadata after an hour, want two", metadata)
		}
		// The issuer moves its keys: the old address fails once, the new one is found.
		r.issuer.set(func(f *fakeIssuer) { f.fault = keyFaults()["404"].give })
		time.Sleep(r.cfg.RefreshInterval)
		r.issuer.set(func(f *fakeIssuer) { f.fault, f.jwksURI = nil, testIssuer+"moved/keys" })
		r.issuer.publish("moved")
		r.eventually("moved", maxBackoff+time.Second)
		if _, metadata := r.issuer.counts(); metadata < 3 {
			t.Errorf("%d reads of the metadata after a failure", metadata)
		}
	})
}

// Keys are fetched on from where they were while the metadata cannot be had; of
// metadata that has become somebody else's nothing is taken.
func TestKeyStoreOutlivesItsMetadata(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*fakeIssuer)
		want  error
	}{
		"metadata gone":  {func(f *fakeIssuer) { f.noMetadata = true }, nil},
		"metadata hangs": {func(f *fakeIssuer) { f.metadataHangs = true }, nil},
		"metadata down, another issuer's at the other address": {func(f *fakeIssuer) { f.metadataFails = true }, nil},
		"metadata of another issuer":                           {func(f *fakeIssuer) { f.metadataIssuer = otherIssuer }, errKeysUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, r running) {
				r.issuer.set(tt.spoil)
				time.Sleep(r.cfg.MaxStale + time.Hour)
				r.wants("one", tt.want)
			})
		})
	}
}

// A metadata document of another issuer is no document (RFC 8414 §3.3).
func TestKeyStoreIssuerMismatch(t *testing.T) {
	for name, class := range map[string]string{testIssuer: "", strings.TrimSuffix(testIssuer, "/"): "issuer_mismatch"} {
		issuer := newFakeIssuer()
		ic := IssuerConfig{Issuer: name, Algorithms: defaultAlgorithms}
		_, err := newKeyStore(ic, DefaultConfig().JWKS, issuer, testLogger(io.Discard)).fetcher.fetch(t.Context())
		keys, _ := issuer.counts()
		if (err == nil) != (class == "") || (keys == 1) != (class == "") {
			t.Errorf("%s: err = %v after %d fetches", name, err, keys)
		}
		if err != nil && fetchErrorClass(err) != class {
			t.Errorf("%s: class %q, want %q", name, fetchErrorClass(err), class)
		}
	}
}

// Two keys under one kid are an alarm in the log, which names no kid.
func TestKeyStoreAmbiguousKeysAreAnAlarm(t *testing.T) {
	two := func(_ *IssuerConfig, _ *JWKSConfig, f *fakeIssuer) {
		f.keys = []object{good("twice-published"), good2("twice-published"), good("one")}
	}
	inBubble(t, two, func(t *testing.T, r running) {
		r.wants("one", nil)
		r.wants("twice-published", errUnknownKey)
		log := r.log.String()
		if !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, "different keys under one key id") || strings.Contains(log, "twice-published") {
			t.Errorf("log:\n%s", log)
		}
	})
}
