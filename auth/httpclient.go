package auth

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mcp-resource-server/internal/namedfile"
	"mcp-resource-server/internal/oauthclient"
)

const (
	// maxCAFileBytes bounds auth.http.ca_file; the authorities of a whole system have
	// a quarter of a MiB.
	maxCAFileBytes = 4 << 20
)

// NewHTTPClient returns the client for requests to the issuers of c, which must be
// valid: through auth.http.proxy, trusting auth.http.ca_file beside the system's
// authorities, ending each exchange after auth.jwks.timeout, and following no
// redirect.
//
// With auth.http.proxy the environment (HTTPS_PROXY, NO_PROXY …) does not count:
// everything goes through the proxy but what stays on this machine. http is accepted
// for a loopback address because nobody is on the way there, and another machine would
// look for the issuer on itself. auth.http.ca_file holds for an https proxy, too.
func NewHTTPClient(c Config) (*http.Client, error) {
	client := oauthclient.NewHTTPClient(c.JWKS.Timeout)
	transport, ok := client.Transport.(*http.Transport)
	if !ok {
		return nil, errors.New("auth.http: the client has no transport of its own")
	}
	// Keys are asked for every few minutes. A connection kept for the next time is
	// more likely dead by then than of use, and with HTTP/2 a dead one is tried again
	// and again; it would also be shared by all issuers on one host.
	transport.DisableKeepAlives = true
	if c.HTTP.Proxy != "" {
		proxy, err := url.Parse(c.HTTP.Proxy)
		if err != nil {
			return nil, errors.New("auth.http.proxy: not a URL") // the error quotes it
		}
		transport.Proxy = throughProxy(proxy)
	}
	transport.OnProxyConnectResponse = refusedByProxy
	if c.HTTP.CAFile != "" {
		roots, err := x509.SystemCertPool()
		if err != nil {
			return nil, fmt.Errorf("reading the system's certificate authorities: %w", err)
		}
		if err := addAuthorities(roots, c.HTTP.CAFile); err != nil {
			return nil, fmt.Errorf("auth.http.ca_file: %w", err)
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	return client, nil
}

func throughProxy(proxy *url.URL) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if oauthclient.IsLoopbackHost(r.URL.Hostname()) {
			return nil, nil
		}
		return proxy, nil
	}
}

// proxyError is a proxy that does not open the way to the issuer (RFC 9110 §9.3.6).
type proxyError struct{ code int }

func (e *proxyError) Error() string { return fmt.Sprintf("the proxy answered %d to CONNECT", e.code) }

// refusedByProxy keeps the status of a refusal, of which net/http would leave the
// proxy's own words alone.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyError{resp.StatusCode}
	}
	return nil
}

// addAuthorities adds the certificates in a file, all of them or none: one that is left
// out would be missed only when an issuer changes to it.
func addAuthorities(roots *x509.CertPool, file string) error {
	data, err := namedfile.Read(file, maxCAFileBytes)
	if err != nil {
		return err
	}
	found := 0
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if strings.HasSuffix(block.Type, " "+labelCertificate) {
			return fmt.Errorf("a block of the kind %s in it is not read: write it as %s", block.Type, labelCertificate)
		}
		if block.Type != labelCertificate {
			continue
		}
		found++
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("certificate %d cannot be read", found)
		}
		roots.AddCert(certificate)
	}
	switch {
	case bytes.Count(data, []byte(pemBegin+labelCertificate+pemDash)) != found:
		return errors.New("a certificate in it is not PEM")
	case found == 0:
		return errors.New("has no certificate in PEM")
	default:
		return nil
	}
}
