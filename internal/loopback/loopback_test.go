package loopback_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/interconnect-go/interconnect/internal/loopback"
)

func TestForeign(t *testing.T) {
	local, public := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}
	for _, test := range []struct {
		address net.Addr
		host    string
		want    bool
	}{
		{local, "localhost", false}, {local, "LocalHost:80", false}, {local, "127.0.0.1", false}, {local, "127.1.2.3:80", false},
		{local, "[::1]", false}, {local, "[::1]:80", false}, {local, "[::ffff:127.0.0.1]:80", false},
		{local, "", true}, {local, "rebound.example", true}, {local, "rebound.example:80", true}, {local, "localhost.example", true},
		{local, "127.0.0.1.example", true}, {local, "localhost.", true}, {local, "192.0.2.1", true}, {local, "[::1", true},
		{local, "0.0.0.0", true}, {local, "127.0.0.1@rebound.example", true},
		{&net.TCPAddr{IP: net.IPv6loopback}, "rebound.example", true},
		{public, "rebound.example", false}, {nil, "rebound.example", false}, {&net.UnixAddr{}, "rebound.example", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = test.host
		if test.address != nil {
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, test.address))
		}
		if got := loopback.Foreign(r); got != test.want {
			t.Errorf("%q on %v: got %t, want %t", test.host, test.address, got, test.want)
		}
	}
}
