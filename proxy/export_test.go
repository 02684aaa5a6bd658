package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

// ForwardTo makes requests go by way of another proxy, as HTTP_PROXY does.
func ForwardTo(p *Proxy, proxy string) {
	at, err := url.Parse(proxy)
	if err != nil {
		panic(err)
	}
	p.transport.Proxy = http.ProxyURL(at)
}

// DialWith replaces the network to the upstream.
func DialWith(p *Proxy, dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	p.transport.DialContext = dial
}

// Trust replaces what the upstream is authenticated by.
func Trust(p *Proxy, config *tls.Config) { p.transport.TLSClientConfig = config.Clone() }

// CloseIdle ends the connections to the upstream.
func CloseIdle(p *Proxy) { p.transport.CloseIdleConnections() }

// Room reports whether all of the room for what is kept is free.
func Room(p *Proxy) bool {
	free := p.kept.Take(maxKept)
	if free {
		p.kept.Give(maxKept)
	}
	return free
}

// Stall sets how long a client may stall.
func Stall(p *Proxy, d time.Duration) { p.stall = d }
