package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Nothing starts with a file that cannot be read; the error names the key.
func TestStaticTokensRefuseTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.yaml")
	c := DefaultConfig()
	c.StaticTokensFile = path
	start := func() error {
		_, err := NewTrust(c, neverAsked{t}, testLogger(&syncBuffer{}))
		return err
	}
	if err := start(); !errors.Is(err, fs.ErrNotExist) || wordsOf(err) != "auth.static_tokens_file: open "+path+": no such file or directory" {
		t.Errorf("missing: %v", err)
	}
	put(t, path, "- name: s3cret\n")
	if want := "auth.static_tokens_file: " + path + ": line 1: sha256: must be the SHA-256 of the token, as 64 hex digits"; wordsOf(start()) != want {
		t.Errorf("broken: %v, want %s", start(), want)
	}
	put(t, path, "#"+strings.Repeat("x", maxStaticTokensBytes))
	if want := "auth.static_tokens_file: read " + path + ": larger than 1024 KiB"; wordsOf(start()) != want {
		t.Errorf("too large: %v, want %s", start(), want)
	}
	_, entry := staticTokenOf(t, "agent")
	put(t, path, entry)
	if err := start(); err != nil {
		t.Errorf("a good one: %v", err)
	}
}

// A token is good within two seconds of standing in the file, and bad within two of
// its removal; a file that breaks takes none away.
func TestStaticTokensWhileRunning(t *testing.T) {
	one, first := staticTokenOf(t, "agent-one")
	two, second := staticTokenOf(t, "agent-two")
	synctest.Test(t, func(t *testing.T) {
		c, log := DefaultConfig(), &syncBuffer{}
		c.StaticTokensFile = filepath.Join(t.TempDir(), "tokens.yaml")
		put(t, c.StaticTokensFile, first)
		trust := staticTrust(t, c, log)
		if ready, _ := trust.Ready(); !ready {
			t.Error("not ready with static tokens alone")
		}
		ctx, stop := context.WithCancel(t.Context())
		go trust.Run(ctx)
		v := NewVerifier(c, trust, func() time.Time { return testNow })
		for _, step := range []struct {
			name, content string
			one, two      Reason
		}{
			{"as it was", first, "", ReasonUnknownToken},
			{"an entry more", first + second, "", ""},
			{"a broken file", first + second + "- name: x\n", "", ""},
			{"a file without the first", second, ReasonUnknownToken, ""},
			{"an empty file", "", ReasonUnknownToken, ""},
			{"no entry", "# none\n", ReasonUnknownToken, ReasonUnknownToken},
			{"both again", second + "# and\n" + first, "", ""},
		} {
			put(t, c.StaticTokensFile, step.content)
			time.Sleep(2 * time.Second) // of the bubble
			synctest.Wait()
			for raw, want := range map[string]Reason{one: step.one, two: step.two} {
				if _, err := v.Verify(t.Context(), raw); reason(t, err) != want {
					t.Errorf("%s: %v, want %q", step.name, err, want)
				}
			}
		}
		text := log.String()
		mustHide(t, text, "agent-one", "agent-two", one, two, fmt.Sprintf("%x", sha256.Sum256([]byte(one))))
		for part, times := range map[string]int{
			`"level":"WARN","msg":"static tokens are accepted","tokens":2,"expired":0`:     2,
			`"msg":"static tokens are accepted"`:                                           5,
			`"level":"ERROR"`:                                                              2,
			`"error":"line 9: sha256: must be the SHA-256 of the token, as 64 hex digits"`: 1,
		} {
			if got := strings.Count(text, part); got != times {
				t.Errorf("%d lines with %s, want %d:\n%s", got, part, times, text)
			}
		}
		stop()
	})
}

// The log says at the start how many tokens there are, and how many are of no use.
func TestStaticTokensAreCounted(t *testing.T) {
	var content strings.Builder
	for i, expires := range []time.Time{time.Now().Add(-time.Second), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)} {
		_, entry, err := NewStaticToken(fmt.Sprintf("agent-%d", i), nil, expires)
		if err != nil {
			t.Fatal(err)
		}
		content.WriteString(entry)
	}
	log := &syncBuffer{}
	if _, err := openStaticTokens(fileOf(t, content.String()), testLogger(log)); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, `"level":"WARN","msg":"static tokens are accepted","tokens":3,"expired":2}`) {
		t.Errorf("logged %s", text)
	}
}
