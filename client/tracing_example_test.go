package client_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/sandbox"
)

// Trace each attempt with OpenTelemetry. Anything else that is an http.RoundTripper goes into the same place: a proxy, a cache, a
// double for tests.
func ExampleWithHTTPClient() {
	sb := sandbox.New()
	server := httptest.NewServer(sb)
	defer server.Close()
	spans := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans)) // your program has one already

	c, err := client.New("4f8c1d2e9ab04c75b3e6d7018f2a9c35", client.WithBaseURL(server.URL), client.WithToken("any-token"),
		client.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(nil, otelhttp.WithTracerProvider(provider))}))
	if err != nil {
		log.Fatal(err)
	}

	sb.Fail("get_settings", sandbox.Fault{Status: http.StatusServiceUnavailable, Header: http.Header{"X-Should-Retry": {"true"}}})
	if _, err := c.GetSettings(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, span := range spans.Ended() {
		for _, attribute := range span.Attributes() {
			if attribute.Key == "http.response.status_code" {
				fmt.Println(span.Name(), attribute.Value.AsInt64())
			}
		}
	}
	// Output:
	// HTTP GET 503
	// HTTP GET 200
}
