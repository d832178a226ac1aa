package auth

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"mcp-resource-server/internal/namedfile"
)

// An issuer with a certificate of a private authority is reached with auth.http.ca_file,
// and without it, or with another authority, is not.
func TestHTTPClientPrivateAuthority(t *testing.T) {
	ours, others := newAuthority(t, "ours"), newAuthority(t, "others")
	issuer := newWireIssuer(t, &ours, serveKeys)
	const unknown = "tls: the certificate is signed by an unknown authority"
	for _, tt := range []struct {
		name, content string
		want          string
	}{
		{"no file", "", unknown},
		{"its authority", ours.pem(), ""},
		{"another authority", others.pem(), unknown},
		{"both, with words between them", "# others\n" + others.pem() + "\n# ours\n" + ours.pem(), ""},
		{"lines that end as on Windows", strings.ReplaceAll(ours.pem(), "\n", "\r\n"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := DefaultConfig()
			if tt.content != "" {
				c.HTTP.CAFile = fileOf(t, tt.content)
			}
			s, _ := wireStore(t, c, issuer.URL)
			answer, err := s.fetcher.fetch(t.Context())
			switch {
			case tt.want == "":
				if err != nil || len(answer.set.keys) != 1 {
					t.Errorf("%d keys, %v", len(answer.set.keys), err)
				}
			case err == nil || !strings.HasSuffix(err.Error(), ": "+tt.want) || fetchErrorClass(err) != "unreachable":
				t.Errorf("err = %v, want %s", err, tt.want)
			}
		})
	}
}

// The file adds to the system's authorities.
func TestHTTPClientSystemAuthoritiesStay(t *testing.T) {
	system, private := newAuthority(t, "system"), newAuthority(t, "private")
	roots := x509.NewCertPool()
	roots.AddCert(system.certificate)
	if err := addAuthorities(roots, fileOf(t, private.pem())); err != nil {
		t.Fatal(err)
	}
	for _, ca := range []authority{system, private} {
		if _, err := ca.certificate.Verify(x509.VerifyOptions{Roots: roots}); err != nil {
			t.Errorf("%s: %v", ca.certificate.Subject, err)
		}
	}
	// The pool that it begins with is the system's own.
	c := DefaultConfig()
	c.HTTP.CAFile = fileOf(t, private.pem())
	client, err := NewHTTPClient(c)
	if err != nil {
		t.Fatal(err)
	}
	want, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	want.AddCert(private.certificate)
	if got := client.Transport.(*http.Transport).TLSClientConfig.RootCAs; !got.Equal(want) {
		t.Error("what is trusted is not the system's authorities and the file's")
	}
}

// A file that cannot be used whole refuses the start.
func TestHTTPClientBadAuthorities(t *testing.T) {
	one, two := newAuthority(t, "one").pem(), newAuthority(t, "two").pem()
	for _, tt := range []struct{ name, content, want string }{
		{"two certificates", one + two, ""},
		{"a certificate and a block of another type", one + strings.ReplaceAll(two, "CERTIFICATE", "X509 CRL"), ""},
		{"empty", "", "read FILE: is empty: where nothing is meant, write a comment"},
		{"HTML", "<!DOCTYPE html>", "has no certificate in PEM"},
		{"a key alone", strings.ReplaceAll(one, "CERTIFICATE", "PRIVATE KEY"), "has no certificate in PEM"},
		{"a trusted certificate of OpenSSL beside it", one + strings.ReplaceAll(two, "CERTIFICATE", "TRUSTED CERTIFICATE"), "a block of the kind TRUSTED CERTIFICATE in it is not read: write it as CERTIFICATE"},
		{"not base64", strings.Replace(one, "MII", "!!!", 1), "a certificate in it is not PEM"},
		{"the second cut off", one + two[:200], "a certificate in it is not PEM"},
		{"the second no certificate", one + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 2 cannot be read"},
		{"a byte too large", one + strings.Repeat("\n", maxCAFileBytes+1-len(one)), "read FILE: larger than 4096 KiB"},
		{"just not too large", one + strings.Repeat("\n", maxCAFileBytes-len(one)), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := DefaultConfig()
			c.HTTP.CAFile = fileOf(t, tt.content)
			client, err := NewHTTPClient(c)
			if tt.want == "" {
				if err != nil || client == nil {
					t.Errorf("err = %v", err)
				}
				return
			}
			if err == nil || strings.ReplaceAll(err.Error(), c.HTTP.CAFile, "FILE") != "auth.http.ca_file: "+tt.want {
				t.Errorf("err = %v, want %s", err, tt.want)
			}
		})
	}
	c := DefaultConfig()
	c.HTTP.CAFile = one
	if _, err := NewHTTPClient(c); !errors.Is(err, namedfile.ErrContent) || err.Error() != "auth.http.ca_file: the content stands where the file's name belongs" {
		t.Errorf("the content for the name: err = %v", err)
	}
	c.HTTP.CAFile = fileOf(t, one) + ".none"
	if _, err := NewHTTPClient(c); err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: err = %v", err)
	}
}
