// Package rawhttp has requests as no HTTP library would send them: malformed, ambiguous, or merely unusual. It is for tests.
package rawhttp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// A Case is what a client sends on a connection, byte for byte.
type Case struct {
	Name, Text string
	Want       string // the statuses of a sandbox's responses, of which each connection gets one; several if any of them will do
}

// hidden is a request that must not be executed: it sets the default ASN of the account a.
const hidden = "PUT /accounts/a/cni/settings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer any\r\n" +
	"Content-Type: application/json\r\nContent-Length: 21\r\n\r\n" + `{"default_asn":64512}`

// Cases returns the cases, for a sandbox that takes any credentials and listens on a loopback address.
func Cases() []Case {
	var cases []Case
	add := func(name, text, want string) { cases = append(cases, Case{name, text, want}) }
	const (
		target = "/accounts/a/cni/settings"
		host   = "Host: localhost\r\n"
		auth   = "Authorization: Bearer any\r\n"
		typed  = "Content-Type: application/json\r\n"
		end    = "\r\n"
	)
	// Request lines.
	line := func(name, line, want string) {
		add(fmt.Sprintf("line: %.60s", name), line+"\r\n"+host+auth+"Connection: close\r\n"+end, want)
	}
	line("usual", "GET "+target+" HTTP/1.1", "200")
	line("HTTP/1.0", "GET "+target+" HTTP/1.0", "200")
	line("HTTP/0.9", "GET "+target, "400")
	line("HTTP/1.2", "GET "+target+" HTTP/1.2", "200")
	line("HTTP/2.0", "GET "+target+" HTTP/2.0", "505")
	line("HTTP/9.9", "GET "+target+" HTTP/9.9", "505")
	line("no number", "GET "+target+" HTTP/", "400")
	line("lower case", "GET "+target+" http/1.1", "400")
	line("long number", "GET "+target+" HTTP/1.11111111111", "400")
	line("other protocol", "GET "+target+" ICY/1.1", "400")
	line("two blanks", "GET  "+target+" HTTP/1.1", "400")
	line("tab", "GET\t"+target+" HTTP/1.1", "400")
	line("blank at the end", "GET "+target+" HTTP/1.1 ", "400")
	line("blank at the beginning", " GET "+target+" HTTP/1.1", "400")
	line("blank in the target", "GET /accounts/a b/cni/settings HTTP/1.1", "400")
	line("no target", "GET HTTP/1.1", "400")
	line("empty", "", "400")
	line("method in lower case", "get "+target+" HTTP/1.1", "405")
	line("unknown method", "BREW "+target+" HTTP/1.1", "405")
	line("method with odd characters", "G(E)T "+target+" HTTP/1.1", "400")
	line("method that is not ASCII", "GÉT "+target+" HTTP/1.1", "400")
	line("long method", strings.Repeat("M", 10_000)+" "+target+" HTTP/1.1", "405")
	line("CONNECT", "CONNECT localhost:80 HTTP/1.1", "404")
	line("CONNECT with a path", "CONNECT "+target+" HTTP/1.1", "405")
	line("TRACE", "TRACE "+target+" HTTP/1.1", "405")
	line("OPTIONS", "OPTIONS "+target+" HTTP/1.1", "405")
	line("OPTIONS *", "OPTIONS * HTTP/1.1", "200")
	line("GET *", "GET * HTTP/1.1", "404")
	line("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "403")
	line("NUL", "GET /\x00 HTTP/1.1", "400")
	line("control character", "GET /\x01 HTTP/1.1", "400")
	line("DEL", "GET /\x7f HTTP/1.1", "400")
	line("carriage return", "GET /a\rb HTTP/1.1", "400")
	line("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400")

	// Targets.
	path := func(path, want string) { line("target "+path, "GET "+path+" HTTP/1.1", want) }
	path("http://localhost"+target, "200")
	path("http://other.example"+target, "403")
	path("https://localhost"+target, "200")
	path("//localhost"+target, "404")
	path("localhost"+target, "400")
	path("?", "400")
	path("/", "404")
	path("//", "404")
	path("/accounts//cni/settings", "400")
	path("/accounts/a/cni/settings/", "404")
	path("/accounts/a/cni//settings", "404")
	path("/accounts/a/./cni/settings", "404")
	path("/accounts/a/../a/cni/settings", "404")
	path("/x/../accounts/a/cni/settings", "404")
	path("/accounts/a%2Fb/cni/settings", "200")
	path("/accounts/a%2fcni%2fsettings", "404")
	path("/%61ccounts/a/cni/settings", "200")
	path("/accounts/%61/cni/settings", "200")
	path("/accounts/%2e%2e/cni/settings", "200")
	path("/accounts/../cni/settings", "404")
	path("/accounts/%00/cni/settings", "200")
	path("/accounts/%0d%0aX:%20y/cni/settings", "200")
	path("/accounts/%zz/cni/settings", "400")
	path("/accounts/%/cni/settings", "400")
	path("/accounts/%ff/cni/settings", "400")
	path("/accounts/ä/cni/settings", "200")
	path("/accounts/\xff/cni/settings", "400")
	path("/accounts/"+strings.Repeat("a", 33)+"/cni/settings", "400")
	path("/accounts/a;b=c/cni/settings", "200")
	path("/accounts/a/cni/settings;x", "404")
	path("/accounts/a/cni/settings#part", "404")
	path("/accounts/a/cni/settings?", "200")
	path("/accounts/a/cni/settings?%zz", "400")
	path("/accounts/a/cni/settings?a=b&a=b&&=&?", "200")
	path("/accounts/a/cni/slots?limit=1&limit=2", "400")
	path("/accounts/a/cni/slots?limit=1;limit=2", "400")
	path("/accounts/a/cni/slots?limit=%31", "200")
	path("/accounts/a/cni/slots?limit=1%00", "400")
	path("/accounts/a/cni/slots?limit=+1", "400")
	path("/accounts/a/cni/slots?site=%ff", "400")
	path("/client/v4"+target, "200")
	path("/CLIENT/v4"+target, "404")
	path("/client/v4/client/v4"+target, "404")
	path("/client/v4/../v4"+target, "404")
	path("/_sandbox/clock", "200")
	path("/_sandbox/../_sandbox/clock", "404")
	path("/_sandbox//clock", "404")
	path("/%5fsandbox/clock", "200")
	path("/"+strings.Repeat("a/", 10_000), "404")
	path("/accounts/a/cni/slots?"+strings.Repeat("a=b&", 9_000), "200")
	path("/accounts/a/cni/slots?"+strings.Repeat("a=b&", 20_000), "400")

	// Header lines.
	header := func(name, lines, want string) {
		add("header: "+name, "GET "+target+" HTTP/1.1\r\n"+lines+"Connection: close\r\n"+end, want)
	}
	header("no host", auth, "400")
	header("two hosts", host+host+auth, "400")
	header("empty host", "Host:\r\n"+auth, "403")
	header("host with a path", "Host: localhost/x\r\n"+auth, "400")
	header("host with a user", "Host: x@localhost\r\n"+auth, "400")
	header("host with a blank", "Host: local host\r\n"+auth, "400")
	header("host with a port that is none", "Host: localhost:x\r\n"+auth, "200")
	header("other host", "Host: rebound.example\r\n"+auth, "403")
	header("no credentials", host, "401")
	header("empty credentials", host+"Authorization:\r\n", "401")
	header("scheme only", host+"Authorization: Bearer\r\n", "401")
	header("scheme and blank", host+"Authorization: Bearer \r\n", "401")
	header("scheme in capitals", host+"AUTHORIZATION: BEARER any\r\n", "200")
	header("other scheme", host+"Authorization: Basic YTpi\r\n", "401")
	header("two credentials", host+auth+auth, "401")
	header("two different credentials", host+auth+"Authorization: Bearer other\r\n", "401")
	header("key without e-mail", host+"X-Auth-Key: k\r\n", "401")
	header("key and e-mail", host+"X-Auth-Key: k\r\nX-Auth-Email: e\r\n", "200")
	header("two keys", host+"X-Auth-Key: k\r\nX-Auth-Key: l\r\nX-Auth-Email: e\r\n", "401")
	header("blank before the colon", host+"Authorization : Bearer any\r\n", "400")
	header("blank before the name", host+" Authorization: Bearer any\r\n", "400")
	header("continued", host+"Authorization: Bearer\r\n any\r\n", "200")
	header("continued with nothing before", " x\r\n"+host+auth, "400")
	header("no colon", host+auth+"X\r\n", "400")
	header("no name", host+auth+": x\r\n", "400")
	header("name that is not ASCII", host+auth+"Ä: x\r\n", "400")
	header("name with a blank", host+auth+"X Y: x\r\n", "400")
	header("name with a control character", host+auth+"X\x01: x\r\n", "400")
	header("value that is not ASCII", host+auth+"X: ä\xff\r\n", "200")
	header("value with NUL", host+auth+"X: \x00\r\n", "400")
	header("value with a control character", host+auth+"X: \x01\r\n", "400")
	header("value with a carriage return", host+auth+"X: a\rb\r\n", "400")
	header("line feeds only", strings.ReplaceAll(host+auth, "\r\n", "\n"), "200")
	header("1,000 of them", host+auth+strings.Repeat("X: y\r\n", 1000), "200 431") // as of Go 1.27
	header("1,000 different ones", host+auth+numbered(1000), "200 431")
	header("a long one", host+auth+"X: "+strings.Repeat("y", 100_000)+"\r\n", "200")
	header("too long", host+auth+"X: "+strings.Repeat("y", 2<<20)+"\r\n", "431")
	header("unknown expectation", host+auth+"Expect: x\r\n", "417")
	header("upgrade", host+auth+"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", "200")

	// Where a body ends. Where that is not certain, the hidden request is in the body or behind it.
	framing := func(name, lines, body, want string) {
		add("framing: "+name, "PUT "+target+" HTTP/1.1\r\n"+host+auth+typed+lines+end+body, want)
	}
	framing("none", "", "", "400")
	framing("length", "Content-Length: 2\r\n", "{}", "200")
	framing("length 0", "Content-Length: 0\r\n", "", "400")
	framing("all of it", fmt.Sprintf("Content-Length: %d\r\n", len(hidden)), hidden, "400")
	framing("two lengths", fmt.Sprintf("Content-Length: 2\r\nContent-Length: %d\r\n", 2+len(hidden)), "{}"+hidden, "400")
	framing("two equal lengths", "Content-Length: 2\r\nContent-Length: 2\r\n", "{}", "200")
	framing("list of lengths", fmt.Sprintf("Content-Length: 2, %d\r\n", 2+len(hidden)), "{}"+hidden, "400")
	framing("list of equal lengths", "Content-Length: 2, 2\r\n", "{}"+hidden, "400")
	framing("negative length", "Content-Length: -2\r\n", "{}"+hidden, "400")
	framing("length with a sign", "Content-Length: +2\r\n", "{}"+hidden, "400")
	framing("hexadecimal length", "Content-Length: 0x2\r\n", "{}"+hidden, "400")
	framing("length with a fraction", "Content-Length: 2.0\r\n", "{}"+hidden, "400")
	framing("empty length", "Content-Length:\r\n", "{}"+hidden, "400")
	framing("length beyond 64 bits", "Content-Length: 99999999999999999999\r\n", "{}"+hidden, "400")
	framing("length with underscore", "Content-Length: 1_0\r\n", "{}"+hidden, "400")
	framing("huge length", "Content-Length: 9223372036854775807\r\n", "{}"+hidden, "413")
	framing("chunked", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", "200")
	framing("chunked and a length", "Transfer-Encoding: chunked\r\nContent-Length: 100\r\n", "2\r\n{}\r\n0\r\n\r\n", "200")
	framing("a length and chunked", "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", "200")
	framing("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "501")
	framing("list of chunked", "Transfer-Encoding: chunked, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "501")
	framing("identity", "Transfer-Encoding: identity\r\n", "{}"+hidden, "501")
	framing("gzip", "Transfer-Encoding: gzip\r\n", "{}"+hidden, "501")
	framing("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "501")
	framing("chunked, identity", "Transfer-Encoding: chunked, identity\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "501")
	framing("misspelt chunked", "Transfer-Encoding: xchunked\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "501")
	framing("chunked in capitals", "Transfer-Encoding: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n", "200")
	framing("chunked with a tab", "Transfer-Encoding:\tchunked\r\n", "2\r\n{}\r\n0\r\n\r\n", "200")
	framing("chunked with a vertical tab", "Transfer-Encoding: \x0bchunked\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	framing("chunked in quotes", "Transfer-Encoding: \"chunked\"\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "501")
	framing("chunked with a blank before the colon", "Transfer-Encoding : chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	framing("chunked, continued", "Transfer-Encoding:\r\n chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", "200")
	framing("empty encoding", "Transfer-Encoding:\r\n", "{}"+hidden, "501")
	framing("cut off", "Content-Length: 20\r\n", "{}", "400")

	// Chunks.
	chunk := func(name, body, want string) { framing("chunk: "+name, "Transfer-Encoding: chunked\r\n", body, want) }
	chunk("extension", "2;a=b\r\n{}\r\n0\r\n\r\n", "200")
	chunk("extension without a value", "2;\r\n{}\r\n0;x\r\n\r\n", "200")
	chunk("long extension", "2;"+strings.Repeat("a", 10_000)+"\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("zeros", "000000002\r\n{}\r\n0\r\n\r\n", "200")
	chunk("many zeros", strings.Repeat("0", 100)+"2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("capitals", "A\r\n{        }\r\n0\r\n\r\n", "200")
	chunk("size with 0x", "0x2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("negative size", "-2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("size with a sign", "+2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("no size", "\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("size beyond 64 bits", "10000000000000002\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("size of 64 bits", "ffffffffffffffff\r\n{}\r\n0\r\n\r\n"+hidden, "400 413")
	chunk("blank before the size", " 2\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("blank behind the size", "2 \r\n{}\r\n0\r\n\r\n", "200")
	chunk("line feeds", "2\n{}\n0\n\n"+hidden, "400")
	chunk("line feed behind the size", "2\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("too short", "3\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("too long", "1\r\n{}\r\n0\r\n\r\n"+hidden, "400")
	chunk("no end", "2\r\n{}\r\n", "400")
	chunk("trailer", "2\r\n{}\r\n0\r\nX: y\r\n\r\n", "200")
	chunk("trailer with credentials", "2\r\n{}\r\n0\r\nAuthorization: Bearer any\r\n\r\n", "200")
	chunk("trailer with a length", fmt.Sprintf("2\r\n{}\r\n0\r\nContent-Length: %d\r\n\r\n", len(hidden)), "200")
	chunk("broken trailer", "2\r\n{}\r\n0\r\nX\r\n\r\n"+hidden, "400")
	chunk("long trailer", "2\r\n{}\r\n0\r\nX: "+strings.Repeat("y", 100_000)+"\r\n\r\n"+hidden, "400")
	return cases
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-%d: y\r\n", i)
	}
	return b.String()
}

// Send sends the text of the case to a server and returns the statuses of all responses. It returns an error if there is none in
// time.
func (c Case) Send(address string) (statuses []string, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	responded := make(chan struct{})
	go func() {
		_, _ = io.WriteString(conn, c.Text)
		select { // a server may take the end of what it reads for the end of the client
		case <-responded:
		case <-time.After(300 * time.Millisecond):
		}
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	reader := bufio.NewReader(conn)
	for {
		method, _, _ := strings.Cut(c.Text, " ")
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return statuses, err
		}
		if err != nil {
			return statuses, nil
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if len(statuses) == 0 {
			close(responded)
		}
		statuses = append(statuses, fmt.Sprint(response.StatusCode))
	}
}
