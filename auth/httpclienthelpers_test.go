package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/internal/jwstest"
)

// authority is a private certificate authority.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	a := authority{key: jwstest.EC(elliptic.P256())}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// pem is the authority's certificate as a file has it.
func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

// certify returns the TLS settings of a server of this machine and of issuer.example.
func (a authority) certify(t *testing.T) *tls.Config {
	t.Helper()
	key := jwstest.EC(elliptic.P256())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"issuer.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// fileOf writes a file that is named in a configuration.
func fileOf(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wireIssuer is an authorization server with a network. It counts connections.
type wireIssuer struct {
	*httptest.Server
	mu      sync.Mutex
	open    map[net.Conn]bool
	changed chan struct{} // is told when a connection closes
	made    int
}

// newWireIssuer serves keys by handler, with TLS and HTTP/2 where an authority is given.
func newWireIssuer(t *testing.T, ca *authority, handler http.HandlerFunc) *wireIssuer {
	t.Helper()
	w := &wireIssuer{Server: httptest.NewUnstartedServer(handler), open: map[net.Conn]bool{}, changed: make(chan struct{}, 1)}
	w.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	w.Config.ConnState = w.count
	if ca == nil {
		w.Start()
	} else {
		w.TLS, w.EnableHTTP2 = ca.certify(t), true
		w.StartTLS()
	}
	t.Cleanup(w.Close)
	return w
}

func (w *wireIssuer) count(c net.Conn, state http.ConnState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch state {
	case http.StateNew:
		w.open[c] = true
		w.made++
	case http.StateClosed, http.StateHijacked:
		delete(w.open, c)
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
}

func (w *wireIssuer) connections() (open, made int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.open), w.made
}

// closesAll waits until no connection is open.
func (w *wireIssuer) closesAll(t *testing.T) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		if open, _ := w.connections(); open == 0 {
			return
		}
		select {
		case <-w.changed:
		case <-deadline:
			open, made := w.connections()
			t.Fatalf("%d of %d connections are still open", open, made)
		}
	}
}

// serveKeys answers with a good set.
func serveKeys(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(good("one"))) }

// wireStore is a key store of an issuer whose key set is at address, with the client
// that c says.
func wireStore(t *testing.T, c Config, address string) (*keyStore, *syncBuffer) {
	t.Helper()
	client, err := NewHTTPClient(c)
	if err != nil {
		t.Fatal(err)
	}
	log := &syncBuffer{}
	ic := IssuerConfig{Issuer: testIssuer, JWKSURL: address}.withDefaults()
	return newKeyStore(ic, c.JWKS, client, testLogger(log)), log
}
