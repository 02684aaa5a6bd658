// Package loopback recognizes requests by which a page of another site could reach a server on this machine.
//
// A browser lets a page talk to the host that the page came from. If the name of that host is made to lead to
// 127.0.0.1, the page talks to whatever listens there (DNS rebinding). The header Host then still has the name.
package loopback

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Foreign reports whether a request arrived on a loopback address of this machine but asks for another host. It reports
// false if the address is not known. On addresses that other machines can reach, the host says nothing, and Foreign
// reports false.
func Foreign(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return local != nil && local.IP.IsLoopback() && !IsHost(r.Host)
}

// IsHost reports whether a host, with or without a port, is localhost or a loopback address.
func IsHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
