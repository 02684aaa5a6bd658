package interop

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/cloudflare-go/v6"
	cni "github.com/cloudflare/cloudflare-go/v6/network_interconnects"
	"github.com/cloudflare/cloudflare-go/v6/option"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/proxy"
	"github.com/interconnect-go/interconnect/sandbox"
)

const proxyToken = "T0k3n-that-nobody-may-see"

// A wire keeps what passes at one end of it, byte by byte but for what differs from one run to the next.
type wire struct{ exchanges []string }

// keepAnswer is what an SDK gets.
func (w *wire) keepAnswer(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	resp, err := next(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	header := resp.Header.Clone()
	header.Del("Date")
	w.exchanges = append(w.exchanges, fmt.Sprintf("%s %s %q %d %q", resp.Proto, resp.Status, header, resp.ContentLength, body))
	return resp, err
}

// keepRequests is what a service gets.
func (w *wire) keepRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.exchanges = append(w.exchanges, fmt.Sprintf("%s %s %q %d %q", r.Method, r.RequestURI, r.Header, r.ContentLength, body))
		next.ServeHTTP(rw, r)
	})
}

// placeholders calls the API with what the documentation of the SDK shows.
func placeholders(t *testing.T, url string, got *wire) {
	t.Helper()
	api := cloudflare.NewClient(option.WithBaseURL(url), option.WithAPIToken(proxyToken), option.WithMiddleware(got.keepAnswer)).NetworkInterconnects
	_, err := api.Interconnects.New(t.Context(), cni.InterconnectNewParams{
		AccountID: cloudflare.F(account),
		Body: cni.InterconnectNewParamsBodyNscInterconnectCreatePhysicalBody{
			Account: cloudflare.F("account"), SlotID: cloudflare.F("182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"), Type: cloudflare.F("type"),
			Speed: cloudflare.F("speed"),
		},
	})
	ok(t, err)
	_, err = api.CNIs.List(t.Context(), cni.CNIListParams{AccountID: cloudflare.F(account), Slot: cloudflare.F("slot")})
	ok(t, err)
	_, err = api.Slots.List(t.Context(), cni.SlotListParams{AccountID: cloudflare.F(account), Site: cloudflare.F("site")})
	ok(t, err)
	var letter []byte
	ok(t, api.Interconnects.LOA(t.Context(), "icon", cni.InterconnectLOAParams{AccountID: cloudflare.F(account)}, option.WithResponseBodyInto(&letter)))
	wantPDF(t, letter)
}

// The SDK and the service cannot tell that there is a proxy, and the proxy reports what the examples let through.
func TestProxy(t *testing.T) {
	var received, directly, through wire
	service := httptest.NewServer(received.keepRequests(sandbox.NewExamples(nil)))
	defer service.Close()
	var log bytes.Buffer
	between, err := proxy.New(service.URL, slog.New(slog.NewTextHandler(&log, nil)))
	ok(t, err)
	front := httptest.NewServer(between)
	defer front.Close()

	placeholders(t, service.URL+interconnect.BasePath, &directly)
	placeholders(t, front.URL+interconnect.BasePath, &through)
	front.Close() // when all exchanges are over
	equal(t, "exchanges", len(directly.exchanges), 4)
	equal(t, "answers", strings.Join(through.exchanges, "\n"), strings.Join(directly.exchanges, "\n"))
	equal(t, "requests", strings.Join(received.exchanges[4:], "\n"), strings.Join(received.exchanges[:4], "\n"))

	report := between.Report()
	var got []string
	for _, v := range report.Violations {
		got = append(got, fmt.Sprint(v.Operation, " ", v.Direction, " ", v.Count, " ", v.Example))
	}
	want := []string{
		`create_interconnect request 1 /type: want one of "direct", "gcp_partner", got "type"`,
		`list_cnis request 1 query parameter "slot": want a UUID such as "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", got "slot"`,
	}
	equal(t, "violations", strings.Join(got, "\n"), strings.Join(want, "\n"))
	equal(t, "bodies that were not checked", len(report.Lost), 0)
	equal(t, "the log has the token", strings.Contains(log.String(), proxyToken), false)
}

// The SDK's own suite passes through the proxy, and all of its placeholders are reported.
func TestProxySuite(t *testing.T) {
	service := httptest.NewServer(sandbox.NewExamples(nil))
	defer service.Close()
	between, err := proxy.New(service.URL, slog.New(slog.DiscardHandler))
	ok(t, err)
	front := httptest.NewServer(between)
	defer front.Close()
	_, others := runSuite(t, "github.com/cloudflare/cloudflare-go/v6/network_interconnects", front.URL)
	equal(t, "failed or skipped", strings.Join(others, " "), "")
	front.Close()
	var got []string
	for _, v := range between.Report().Violations {
		equal(t, "direction", v.Direction, "request")
		got = append(got, strings.Join([]string{v.Operation, v.In, v.Pointer, v.Rule}, " "))
	}
	for _, want := range []string{
		"create_interconnect body /type discriminator", "list_cnis query /slot format", "list_interconnects query /type enum",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
}
