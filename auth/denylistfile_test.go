package auth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Nothing starts with a denylist that cannot be read; the error names the key.
func TestDenylistRefusesTheStart(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "denylist.yaml")
	c := testConfig()
	c.DenylistFile = path
	start := func() error {
		_, err := NewTrust(c, neverAsked{t}, testLogger(&syncBuffer{}))
		return err
	}
	if err := start(); !errors.Is(err, fs.ErrNotExist) || wordsOf(err) != "auth.denylist_file: open "+path+": no such file or directory" {
		t.Errorf("missing: %v", err)
	}
	put(t, path, "kid: [s3cret]")
	if want := "auth.denylist_file: " + path + ": line 1: is not a known key: there are issuers, kids, client_ids, subjects, jti"; wordsOf(start()) != want {
		t.Errorf("broken: %v, want %s", start(), want)
	}
	put(t, path, "#"+strings.Repeat("x", maxDenylistBytes))
	if want := "auth.denylist_file: read " + path + ": larger than 1024 KiB"; wordsOf(start()) != want {
		t.Errorf("too large: %v, want %s", start(), want)
	}
	put(t, path, "#"+strings.Repeat("x", maxDenylistBytes-1))
	if err := start(); err != nil {
		t.Errorf("a good one: %v", err)
	}
}

// An entry is in force within two seconds, and a file that breaks takes none away.
func TestDenylistWhileRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "denylist.yaml")
	put(t, path, "# nobody yet\n")
	raw := goodDraft().token()
	synctest.Test(t, func(t *testing.T) {
		c, log := testConfig(), &syncBuffer{}
		c.Issuers, c.DenylistFile = nil, path
		c.StaticTokensFile = filepath.Join(t.TempDir(), "tokens.yaml") // so that no issuer is needed
		put(t, c.StaticTokensFile, "# none\n")
		trust := staticTrust(t, c, log)
		ctx, stop := context.WithCancel(t.Context())
		go trust.Run(ctx)
		v, _ := testVerifier(testNow, nil)
		v.trust = trust
		judged := func(content string) Reason {
			t.Helper()
			put(t, path, content)
			time.Sleep(2 * time.Second) // of the bubble
			synctest.Wait()
			_, err := v.Verify(t.Context(), raw)
			return reason(t, err)
		}
		for _, step := range []struct {
			name, content string
			want          Reason
		}{
			{"no entry", "# nobody yet\n", ""},
			{"the client", "client_ids: [client-of-the-token, another]\n", ReasonRevoked},
			{"a broken file", "client_ids: [client-of-the-token\n", ReasonRevoked},
			{"the subject", "subjects: [subject-of-the-token]\n", ReasonRevoked},
			{"an unknown list", "subject: [subject-of-the-token]\n", ReasonRevoked},
			{"an empty file", "", ReasonRevoked},
			{"nobody", "# nobody\n", ""},
			{"the client again", "client_ids: [client-of-the-token]\n", ReasonRevoked},
		} {
			if got := judged(step.content); got != step.want {
				t.Errorf("%s: %q, want %q", step.name, got, step.want)
			}
		}
		text := log.String()
		mustHide(t, text, "client-of-the-token", "subject-of-the-token", "another")
		for part, times := range map[string]int{
			`"the denylist is in use","issuers":0,"kids":0,"client_ids":2,"subjects":0,"jti":0`: 1,
			`"the denylist is in use","issuers":0,"kids":0,"client_ids":0,"subjects":1,"jti":0`: 1,
			`"the denylist is in use"`:         5,
			`"level":"ERROR"`:                  3,
			`"error":"line 1: not valid YAML"`: 1,
			`"error":"line 1: is not a known key: there are issuers, kids, client_ids, subjects, jti"`: 1,
		} {
			if got := strings.Count(text, part); got != times {
				t.Errorf("%d lines with %s, want %d:\n%s", got, part, times, text)
			}
		}
		stop()
	})
}

// yamlOf returns the first YAML that a document shows.
func yamlOf(t *testing.T, document string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", document))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```yaml\n")
	block, _, ended := strings.Cut(rest, "```\n")
	if !found || !ended {
		t.Fatalf("%s shows no YAML", document)
	}
	return []byte(block)
}

// What the documents tell people to write is accepted.
func TestDocumentedFiles(t *testing.T) {
	all, err := parseDenylist(yamlOf(t, "revocation.md"))
	if err != nil {
		t.Fatal(err)
	}
	if n := []int{len(all.issuers), len(all.kids), len(all.clientIDs), len(all.subjects), len(all.jti)}; !slices.Equal(n, []int{1, 1, 2, 1, 1}) {
		t.Errorf("revocation.md has %v entries", n)
	}
	tokens, err := parseStaticTokens(yamlOf(t, "static-tokens.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(tokens) != 1 || tokens[0].name != "ci" {
		t.Errorf("static-tokens.md has %+v", tokens)
	}
}
