package devauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// ErrNotLoopback says that an address could be reached from another machine, so the server does not listen on it.
var ErrNotLoopback = errors.New("devauth: the development authorization server listens on loopback addresses only")

// Listen opens a TCP listener on addr ("host:port", port 0 for any free one). The host MUST be in 127.0.0.0/8, "::1" or
// "localhost", which is 127.0.0.1 here; anything else, an empty host included, is ErrNotLoopback. No resolver is ever
// asked: what a name means can change between the check and the use.
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("devauth: listening: %w", err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !isLoopback(ip) {
		return nil, fmt.Errorf("%w: %q is not one", ErrNotLoopback, host)
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("devauth: listening: %w", err)
	}
	return ln, nil
}

// loopbackAddr gives where ln listens, or ErrNotLoopback for anything but TCP on a loopback address.
func loopbackAddr(ln net.Listener) (netip.AddrPort, error) {
	tcp, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%w: the listener is not TCP", ErrNotLoopback)
	}
	// The standard library may hold an IPv4 address in its 16-byte form.
	ip := tcp.AddrPort().Addr().Unmap()
	if !isLoopback(ip) {
		return netip.AddrPort{}, fmt.Errorf("%w: %q is not one", ErrNotLoopback, tcp.String())
	}
	return netip.AddrPortFrom(ip, tcp.AddrPort().Port()), nil
}

// isLoopback is narrower than netip's method: an IPv4-mapped or zoned spelling is not worth an exception.
func isLoopback(ip netip.Addr) bool {
	return ip.Is4() && ip.IsLoopback() || ip == netip.IPv6Loopback()
}
