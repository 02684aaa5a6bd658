package client

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// concede tells of an answer that departs from the document. The log has no values of it, as they may be anything.
func (c *Client) concede(ctx context.Context, concession *Concession) {
	if c.onConcession != nil {
		c.onConcession(concession)
		return
	}
	for _, v := range concession.Violations {
		c.warnings.LogAttrs(ctx, slog.LevelWarn, "the answer departs from the document", slog.String("operation", concession.Operation),
			slog.Int("status", concession.Status), slog.String("where", v.In+" "+v.Pointer), slog.String("rule", v.Rule), slog.String("want", v.Want))
	}
}

// logTransport tells of each attempt.
type logTransport struct {
	base   http.RoundTripper
	logger *slog.Logger
	redact *redactor
}

func (t *logTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := t.base.RoundTrip(r)
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Duration("duration", time.Since(start)),
	}
	switch {
	case err != nil:
		attrs = append(attrs, slog.String("error", t.redact.text(err.Error())))
	case resp != nil:
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
		if ray := resp.Header.Get("Cf-Ray"); ray != "" {
			attrs = append(attrs, slog.String("ray", t.redact.text(ray)))
		}
	}
	t.logger.LogAttrs(r.Context(), slog.LevelDebug, "request", attrs...)
	return resp, err
}
