package namedfile

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// contents are what has stood in a variable that should name a file, each beside a
// path that is nearly that and is one.
func contents() map[string]struct{ content, path string } {
	const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
	return map[string]struct{ content, path string }{
		"PEM":                       {pem, "BEGIN PRIVATE KEY.pem"},
		"PEM on one line":           {strings.ReplaceAll(pem, "\n", `\n`), `-----\n`},
		"PEM behind a space":        {" " + strings.ReplaceAll(pem, "\n", " "), " ---BEGIN"},
		"two lines":                 {"a\nb", "a b"},
		"an old line break":         {"a\rb", "a\tb"},
		"a JWT":                     {"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "keys/eyJ.pem"},
		"a JWT behind a space":      {" eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "ey.J"},
		"a static token":            {"mcprs_" + strings.Repeat("A", 43), "mcprs_tokens.yaml"},
		"a part of a static token":  {"mcprs_AAAA", "/etc/mcprs_AAAA"},
		"a key without its borders": {"MIIBIjANBgkqhkiG9w0BAQ/EFAAOCAQ8A", "MII-ca.pem"},
		"a long word":               {strings.Repeat("x", 256), strings.Repeat("x", 255)},
		"a long word in a path":     {"/etc/" + strings.Repeat("x", 256) + "/keys", "/" + strings.Repeat("x", 255) + "/" + strings.Repeat("y", 255)},
	}
}

func TestCheckPath(t *testing.T) {
	for name, tt := range contents() {
		t.Run(name, func(t *testing.T) {
			if err := CheckPath(tt.content); !errors.Is(err, ErrContent) {
				t.Errorf("the content: %v", err)
			}
			if err := CheckPath(tt.path); err != nil {
				t.Errorf("the path: %v", err)
			}
		})
	}
	if err := CheckPath(""); err != nil {
		t.Errorf("no path: %v", err)
	}
}

// Nothing of a content is ever printed, also where it is read.
func TestReadContent(t *testing.T) {
	for name, tt := range contents() {
		t.Run(name, func(t *testing.T) {
			content, err := Read(tt.content, maxBytes)
			if !errors.Is(err, ErrContent) || err.Error() != "the content stands where the file's name belongs" || content != nil {
				t.Errorf("%q, error %v", content, err)
			}
			// The twin is tried, and is not there.
			if _, err := Read(filepath.Join(t.TempDir(), tt.path), maxBytes); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the path: %v", err)
			}
		})
	}
}
