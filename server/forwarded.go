package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// This file says which address a request came from, for those who read the logs. It
// decides nothing: neither the address nor any forwarded header MUST have a say in
// whether a request is served, under which name, or what the metadata are.
//
// What a header says is somebody's word. That of a proxy in http.trusted_proxies is
// taken, and of nobody else; so a list is read from its end, which the nearest proxy
// wrote, for as long as those who wrote it are trusted. The first address that is not
// of a trusted proxy is the client's: whatever stands before it, the client could have
// sent itself.

// maxHops bounds how many proxies in a row are looked through.
const maxHops = 16

// trustedProxies are the proxies whose word on a client's address is taken.
type trustedProxies []netip.Prefix

// parseTrustedProxy reads one entry of http.trusted_proxies: an address, or a network
// in its shortest form. Neither has a zone, and none is all addresses: whoever is
// believed by everybody can be anybody.
func parseTrustedProxy(s string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), addr.Zone() == "" && !addr.Is4In6()
	}
	network, err := netip.ParsePrefix(s)
	return network, err == nil && network.Bits() > 0 && network == network.Masked() && !network.Addr().Is4In6()
}

// parseTrustedProxies reads the list of a configuration that is valid.
func parseTrustedProxies(list []string) trustedProxies {
	var trusted trustedProxies
	for _, s := range list {
		if network, ok := parseTrustedProxy(s); ok {
			trusted = append(trusted, network)
		}
	}
	return trusted
}

func (t trustedProxies) contains(addr netip.Addr) bool {
	for _, network := range t {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// clientAddress returns the address that r came from: the peer's or, where that is a
// trusted proxy, the one that its header says. Where the header does not say one, for
// it is malformed or hides it, it is the peer's.
//
// A proxy that writes one of the two headers may hand on the other as the client sent
// it. Nobody can tell which of them that is; so where both are there, they are believed
// if they say the same, and else neither is.
func (t trustedProxies) clientAddress(r *http.Request) netip.Addr {
	peer, ok := peerAddress(r.RemoteAddr)
	if !ok || !t.contains(peer) {
		return peer
	}
	forwarded, listed := r.Header.Values("Forwarded"), r.Header.Values("X-Forwarded-For")
	var client, other netip.Addr
	switch {
	case len(forwarded) == 0 && len(listed) == 0:
		return peer
	case len(forwarded) == 0:
		client, ok = t.farthest(listed, parseNode)
	case len(listed) == 0:
		client, ok = t.farthest(forwarded, parseForwarded)
	default:
		client, ok = t.farthest(listed, parseNode)
		if other, _ = t.farthest(forwarded, parseForwarded); other != client {
			return peer
		}
	}
	if !ok {
		return peer
	}
	return client
}

// farthest walks a list, which may stand in several lines, from its end to the first
// address that is not trusted. If all are, it is the first of the list.
func (t trustedProxies) farthest(lines []string, parse func(string) (netip.Addr, bool)) (addr netip.Addr, ok bool) {
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var element string
			rest, element, more = cutLast(rest)
			if addr, ok = parse(strings.Trim(element, " \t")); !ok || !t.contains(addr) {
				return addr, ok
			}
			if hops++; hops == maxHops {
				return netip.Addr{}, false
			}
		}
	}
	return addr, ok
}

// cutLast cuts the last element off a list. A comma within quotes is none; as it reads
// from the end, no quote that a client left open changes what stands behind it.
func cutLast(list string) (rest, element string, more bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch list[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return list[:i], list[i+1:], true
			}
		}
	}
	return "", list, false
}

// parseForwarded reads the address in one element of Forwarded (RFC 7239 §4), which is
// the node of its one parameter "for".
func parseForwarded(element string) (addr netip.Addr, ok bool) {
	for pair := range strings.SplitSeq(element, ";") {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.EqualFold(strings.Trim(name, " \t"), "for") {
			continue
		}
		if ok { // two
			return netip.Addr{}, false
		}
		value = strings.Trim(value, " \t")
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		if addr, ok = parseNode(value); !ok {
			return netip.Addr{}, false
		}
	}
	return addr, ok
}

// parseNode reads an address with or without a port (RFC 7239 §6), and a plain IPv6
// address, as X-Forwarded-For has it. "unknown" and the names that hide an address
// (RFC 7239 §6.3) are none, and so is one with a zone: that is of another machine.
func parseNode(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	if inner, bracketed := strings.CutPrefix(s, "["); err != nil && bracketed && strings.HasSuffix(inner, "]") {
		addr, err = netip.ParseAddr(inner[:len(inner)-1])
		if addr.Is4() {
			return netip.Addr{}, false
		}
	}
	if err != nil {
		withPort, portErr := netip.ParseAddrPort(s)
		addr, err = withPort.Addr(), portErr
	}
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}

// peerAddress reads what net/http says of the connection. The zone of a link-local
// address is the name of an interface here, and no part of where the peer is.
func peerAddress(remote string) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(host)
	return addr.Unmap().WithZone(""), err == nil
}
