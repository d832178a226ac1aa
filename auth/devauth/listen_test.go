package devauth_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"mcp-resource-server/auth/devauth"
)

func TestListenRefusesOtherThanLoopback(t *testing.T) {
	for _, addr := range []string{
		":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "10.0.0.1:0", "[2001:db8::1]:0", "[::ffff:127.0.0.1]:0",
		"[::1%lo]:0", "example.com:0", "localhost.example.com:0", "127.0.0.1.example.com:0", "127.1:0", "2130706433:0",
		"128.0.0.1:0", " 127.0.0.1:0",
	} {
		t.Run(addr, func(t *testing.T) {
			ln, err := devauth.Listen(addr)
			if err == nil {
				_ = ln.Close()
			}
			if !errors.Is(err, devauth.ErrNotLoopback) {
				t.Errorf("error = %v, want ErrNotLoopback", err)
			}
		})
	}
}

func TestListenAcceptsLoopback(t *testing.T) {
	tests := []struct {
		addr, wantHost string
		everywhere     bool // every machine has it
	}{
		{"127.0.0.1:0", "127.0.0.1", true},
		{"localhost:0", "127.0.0.1", true},
		{"127.0.0.2:0", "127.0.0.2", false}, // macOS has the one address alone
		{"[::1]:0", "::1", false},           // IPv6 may be off
	}
	for _, tt := range tests {
		t.Run(tt.addr, func(t *testing.T) {
			ln, err := devauth.Listen(tt.addr)
			var unavailable *net.OpError
			if !tt.everywhere && errors.As(err, &unavailable) {
				t.Skipf("this machine has no such address: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = ln.Close() }()
			s, err := devauth.New(ln, testConfig())
			if err != nil {
				t.Fatal(err)
			}
			host, _, err := net.SplitHostPort(ln.Addr().String())
			if err != nil || host != tt.wantHost {
				t.Errorf("host = %q (%v), want %q", host, err, tt.wantHost)
			}
			if want := "http://" + ln.Addr().String() + "/"; s.Issuer() != want {
				t.Errorf("Issuer() = %q, want %q", s.Issuer(), want)
			}
		})
	}
}

func TestListenWithoutPort(t *testing.T) {
	_, err := devauth.Listen("127.0.0.1")
	if err == nil || !strings.Contains(err.Error(), "missing port in address") {
		t.Errorf("error = %v", err)
	}
}

// elsewhere is a listener that says that it listens somewhere else.
type elsewhere struct {
	net.Listener
	addr net.Addr
}

func (e elsewhere) Addr() net.Addr { return e.addr }

// The twin is TestListenAcceptsLoopback: the same New with a loopback listener.
func TestNewRefusesOtherThanLoopback(t *testing.T) {
	tests := map[string]net.Addr{
		"IPv4 any":     &net.TCPAddr{IP: net.IPv4zero, Port: 9000},
		"IPv6 any":     &net.TCPAddr{IP: net.IPv6unspecified, Port: 9000},
		"no address":   &net.TCPAddr{Port: 9000},
		"private IPv4": &net.TCPAddr{IP: net.IPv4(192, 168, 1, 1), Port: 9000},
		"global IPv6":  &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 9000},
		"zone":         &net.TCPAddr{IP: net.IPv6loopback, Zone: "eth0", Port: 9000},
		"unix socket":  &net.UnixAddr{Name: "/run/dev.sock", Net: "unix"},
	}
	for name, addr := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := devauth.New(elsewhere{addr: addr}, testConfig())
			if !errors.Is(err, devauth.ErrNotLoopback) {
				t.Errorf("error = %v, want ErrNotLoopback", err)
			}
		})
	}
}
