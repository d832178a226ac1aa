package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// command runs one command line to its end.
func command(t *testing.T, environ []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir()) // no config.yaml by accident
	var out, errs bytes.Buffer
	status = run(t.Context(), args, environ, &out, &errs)
	return status, out.String(), errs.String()
}

// asProgram is the variable that makes the test's own executable the program: for what
// takes a process of its own.
const asProgram = "MCP_SERVER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// background runs one command line until the returned function stops it, which
// returns the exit status.
func background(t *testing.T, environ []string, args ...string) (stdout, stderr *logBuffer, stop func() int) {
	t.Helper()
	stdout, stderr = &logBuffer{}, &logBuffer{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, environ, stdout, stderr) }()
	stopped := false
	stop = func() int {
		if stopped {
			return 0
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { stop() })
	return stdout, stderr, stop
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	defer ln.Close()
	return ln.Addr().String()
}

func TestCommands(t *testing.T) {
	good := []string{"MCPRS_AUTH_ISSUER=https://tenant.example/", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		status  int
		stdout  string // a part of it
		stderr  string // a part of it
	}{
		{"version", nil, []string{"version"}, 0, "mcp-server ", ""},
		{"config check with two variables", good, []string{"config", "check"}, 0, "the configuration is valid\npublic_url: https://mcp.example.com/mcp\nissuer: https://tenant.example/ (audiences: [\"https://mcp.example.com/mcp\"])\n", ""},
		{"config check with a static key", append(good, "MCPRS_AUTH_PUBLIC_KEY="+rfc7638Key), []string{"config", "check"}, 0, "  static key: kid NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n", ""},
		{"config check with a key file that is not there", append(good, "MCPRS_AUTH_PUBLIC_KEY_FILE=/nowhere/keys.pem"), []string{"config", "check"}, 1, "", "auth.public_key_file of the issuer https://tenant.example/: open /nowhere/keys.pem: no such file or directory"},
		{"config check with a denylist that is not there", append(good, "MCPRS_AUTH_DENYLIST_FILE=/nowhere/denylist.yaml"), []string{"config", "check"}, 1, "", "auth.denylist_file: open /nowhere/denylist.yaml: no such file or directory"},
		{"config check with a CA file that is not there", append(good, "MCPRS_AUTH_HTTP_CA_FILE=/nowhere/ca.pem"), []string{"config", "check"}, 1, "", "auth.http.ca_file: open /nowhere/ca.pem: no such file or directory"},
		{"config check with nothing", nil, []string{"config", "check"}, 1, "", "auth.issuer: is required"},
		{"a flag wins over the environment", good, []string{"config", "check", "--auth.issuer", "https://other.example/"}, 0, "issuer: https://other.example/", ""},
		{"a named file that is missing", good, []string{"config", "check", "--config", "nowhere.yaml"}, 1, "", "nowhere.yaml"},
		{"a named env file that is missing", good, []string{"config", "check", "--env-file", "nowhere.env"}, 1, "", "nowhere.env"},
		{"config check with a certificate that is not there", append(good, "MCPRS_HTTP_TLS_CERT_FILE=/nope", "MCPRS_HTTP_TLS_KEY_FILE=/nope"), []string{"config", "check"}, 1, "", "loading the certificate"},
		{"a mistyped subcommand", good, []string{"config", "chek"}, 1, "", "unknown command"},
		{"no subcommand", good, []string{"config"}, 0, "Available Commands:", ""},
		{"serve with nothing", nil, []string{"serve"}, 1, "", "auth.audience: is required"},
		{"serve with an unknown variable", append(good, "MCPRS_HTP_ADDR=:1"), []string{"serve"}, 1, "", "MCPRS_HTP_ADDR"},
		{"serve on an address that is not here", good, []string{"serve", "--http.addr", "192.0.2.1:80"}, 1, "", "listening: "},
		{"an unknown command", nil, []string{"srve"}, 1, "", "unknown command"},
		{"an unknown flag", nil, []string{"dev", "--frob"}, 1, "", "unknown flag"},
		{"an argument too many", nil, []string{"version", "x"}, 1, "", "an argument too many: mcp-server version --help"},
		{"dev on every interface", nil, []string{"dev", "--addr", "0.0.0.0:0"}, 1, "", "--addr: "},
		{"dev without a host", nil, []string{"dev", "--addr", ":0"}, 1, "", "--addr: "},
		{"dev issuer elsewhere", nil, []string{"dev", "--addr", "127.0.0.1:0", "--issuer-addr", "192.0.2.1:0"}, 1, "", "--issuer-addr: "},
		{"healthcheck without a server", append(good, "MCPRS_HTTP_ADDR=127.0.0.1:1"), []string{"healthcheck"}, 1, "", "asking for health: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := command(t, tt.environ, tt.args...)
			if status != tt.status || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("status %d\nstdout %s\nstderr %s", status, stdout, stderr)
			}
			if tt.status == 0 && stderr != "" {
				t.Errorf("stderr %s", stderr)
			}
		})
	}
}

// Where nothing is configured at all, what to do stands below the faults.
func TestUnconfigured(t *testing.T) {
	const advice = "\nthere is no config.yaml here: name a file with --config, or set MCPRS_AUTH_ISSUER and MCPRS_AUTH_AUDIENCE\n"
	for _, args := range [][]string{{"explain"}, {"serve"}, {"config", "check"}} {
		if status, _, stderr := command(t, nil, args...); status != 1 || !strings.HasSuffix(stderr, advice) {
			t.Errorf("%s: status %d, %s", args, status, stderr)
		}
	}
	for name, environ := range map[string][]string{
		"another fault":    {"MCPRS_AUTH_ISSUER=https://tenant.example/"},
		"an issuer's slip": {"MCPRS_AUTH_ISSUER=tenant", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"},
	} {
		if status, _, stderr := command(t, environ, "config", "check"); status != 1 || strings.Contains(stderr, "there is no") {
			t.Errorf("%s: status %d, %s", name, status, stderr)
		}
	}
	if status, _, stderr := command(t, nil, "config", "check", "--config", explainFile(t, "log: {level: info}")); status != 1 || strings.Contains(stderr, "there is no") {
		t.Errorf("with a file: status %d, %s", status, stderr)
	}
}

// TestConfigCheckTakesTheReference: the file at the root, with an issuer and an
// audience beside it, is a whole configuration.
func TestConfigCheckTakesTheReference(t *testing.T) {
	reference, err := filepath.Abs(filepath.Join("..", "..", "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{"MCPRS_AUTH_ISSUER=https://tenant.example/", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp"}
	if status, _, stderr := command(t, environ, "config", "check", "--config", reference); status != 0 {
		t.Errorf("status %d: %s", status, stderr)
	}
	if status, _, _ := command(t, nil, "config", "check", "--config", reference); status != 1 {
		t.Error("the reference alone starts somebody by accident")
	}
}

// TestServeFromTheEnvironment: two variables and an address are a deployment, and
// healthcheck finds it through the same ones.
func TestServeFromTheEnvironment(t *testing.T) {
	addr := freeAddr(t)
	issuer := startIssuer(t, listen(t, "127.0.0.1:0"), "http://"+addr+"/mcp", newClock())
	environ := []string{
		"MCPRS_AUTH_ISSUER=" + issuer.Issuer(), "MCPRS_AUTH_AUDIENCE=http://" + addr + "/mcp", "MCPRS_HTTP_ADDR=" + addr,
		"MCPRS_SERVICE_HOST=10.0.0.1", "MCPRS_PORT=tcp://10.0.0.1:80", // what Kubernetes injects for a Service called mcprs
	}
	stderr, ended := &logBuffer{}, make(chan int, 1)
	go func() { ended <- run(context.Background(), []string{"serve"}, environ, io.Discard, stderr) }()
	eventually(t, "healthy", func() bool {
		status, _, _ := command(t, environ, "healthcheck")
		return status == 0
	})
	s := &stack{t: t, issuer: issuer, mcpURL: "http://" + addr + "/mcp"}
	body, header := callBody(modernEra, "whoami", "{}")
	eventually(t, "ready", func() bool {
		return s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+s.token(nil))).status == http.StatusOK
	})
	// A real signal, as an operator sends it.
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := <-ended; status != 0 {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// TestServeTLS: with a certificate of its own the server speaks TLS alone, and
// healthcheck trusts just that certificate.
func TestServeTLS(t *testing.T) {
	addr := freeAddr(t)
	cert, key := certificate(t, "a name that nobody asks for")
	other, otherKey := certificate(t, "a name that nobody asks for")
	environ := func(cert, key string) []string {
		return []string{
			"MCPRS_AUTH_ISSUER=https://tenant.example/", "MCPRS_AUTH_AUDIENCE=https://mcp.example.com/mcp",
			"MCPRS_HTTP_ADDR=" + addr, "MCPRS_HTTP_TLS_CERT_FILE=" + cert, "MCPRS_HTTP_TLS_KEY_FILE=" + key,
		}
	}
	_, _, stop := background(t, environ(cert, key), "serve")
	eventually(t, "healthy", func() bool {
		status, _, _ := command(t, environ(cert, key), "healthcheck")
		return status == 0
	})
	if status, _, stderr := command(t, environ(other, otherKey), "healthcheck"); status != 1 || !strings.Contains(stderr, "certificate") {
		t.Errorf("another certificate: status %d, %s", status, stderr)
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if status, _, stderr := command(t, environ(filepath.Join(t.TempDir(), "none.pem"), key), "serve"); status != 1 || !strings.Contains(stderr, "loading the certificate") {
		t.Errorf("a missing certificate: status %d, %s", status, stderr)
	}
}

// certificate writes a self-signed certificate and its key.
func certificate(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// rfc7638Key is the key of the example in RFC 7638 §3.1, whose thumbprint is known.
const rfc7638Key = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vx7agoebGcQSuuPiLJX
ZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS
oc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt
7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0
zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0f
M4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDK
gwIDAQAB
-----END PUBLIC KEY-----
`
