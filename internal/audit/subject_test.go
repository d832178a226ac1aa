package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mcp-resource-server/internal/namedfile"
)

const testKey = "0123456789abcdef0123456789abcdef"

func keyFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSubject(t *testing.T) {
	digest := func(text string) string {
		mac := hmac.New(sha256.New, []byte(testKey))
		mac.Write([]byte(text))
		return fmt.Sprintf("hmac-sha256:%x", mac.Sum(nil))
	}
	for _, tt := range []struct {
		name, mode, subject, want string
	}{
		{"none", SubjectNone, "alice", ""},
		{"plain", SubjectPlain, "alice", "alice"},
		{"hmac", SubjectHMAC, "alice", digest("4:iss/alice")},
		{"hmac of another", SubjectHMAC, "bob", digest("4:iss/bob")},
		{"hmac of no subject", SubjectHMAC, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Subject: tt.mode}
			if tt.mode == SubjectHMAC {
				c.HMACKeyFile = keyFile(t, testKey+"\n")
			}
			p, err := newPseudonym(c)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the digest is used again
				if got := p.of("iss/", tt.subject); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			}
		})
	}
}

// FuzzSubject: two people are never one, wherever the issuer ends.
func FuzzSubject(f *testing.F) {
	f.Add("https://a.example/", "b", "https://a.example/b", "")
	f.Add("1:", "x", "1", ":x")
	f.Fuzz(func(t *testing.T, issuer1, subject1, issuer2, subject2 string) {
		if issuer1 == issuer2 && subject1 == subject2 || subject1 == "" || subject2 == "" {
			return
		}
		p := pseudonym{mac: hmac.New(sha256.New, []byte(testKey))}
		if p.of(issuer1, subject1) == p.of(issuer2, subject2) {
			t.Errorf("%q %q and %q %q are one", issuer1, subject1, issuer2, subject2)
		}
	})
}

// TestKeyFile: a key that cannot be used refuses the start, in words that hold nothing
// of it; the first rows are the twins.
func TestKeyFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	for _, tt := range []struct {
		name, path string
		is         error
		text       string
	}{
		{"32 bytes", keyFile(t, testKey), nil, ""},
		{"32 bytes and a newline", keyFile(t, testKey+"\n"), nil, ""},
		{"32 bytes and CRLF", keyFile(t, testKey+"\r\n"), nil, ""},
		{"31 bytes and a CR", keyFile(t, testKey[:31]+"\r"), nil, ""},
		{"31 bytes", keyFile(t, testKey[:31]), errShortKey, "audit.hmac_key_file: holds fewer than 32 bytes"},
		{"31 bytes and a newline", keyFile(t, testKey[:31]+"\n"), errShortKey, "audit.hmac_key_file: holds fewer than 32 bytes"},
		{"31 bytes and CRLF", keyFile(t, testKey[:31]+"\r\n"), errShortKey, "audit.hmac_key_file: holds fewer than 32 bytes"},
		{"missing", missing, fs.ErrNotExist, "audit.hmac_key_file: open " + missing + ": no such file or directory"},
		{"the key itself", "MII" + testKey, namedfile.ErrContent, "audit.hmac_key_file: the content stands where the file's name belongs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Enabled: true, Subject: SubjectHMAC, HMACKeyFile: tt.path}
			l, err := Open(c, nil, nil)
			if !errors.Is(err, tt.is) || (l != nil) != (tt.is == nil) {
				t.Fatalf("%v, %v", l, err)
			}
			if err != nil && err.Error() != tt.text {
				t.Errorf("%q, want %q", err, tt.text)
			}
			if err != nil && strings.Contains(err.Error(), testKey[:12]) {
				t.Errorf("the key is in %q", err)
			}
			if check := Check(c); fmt.Sprint(check) != fmt.Sprint(err) {
				t.Errorf("Check says %v, Open %v", check, err)
			}
			if c.Enabled = false; Check(c) != nil {
				t.Error("a key that nobody asks for is looked at")
			}
		})
	}
}
