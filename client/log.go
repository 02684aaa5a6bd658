package client

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// maxLogged is how many deviations of one response are logged.
const maxLogged = 20

// deviates reports a response that deviates from the document. The log has no values of it, as they may be anything.
func (c *Client) deviates(ctx context.Context, deviation *Deviation) {
	if c.onDeviation != nil {
		c.onDeviation(deviation)
		return
	}
	for i, v := range deviation.Violations {
		if i == maxLogged {
			c.warnings.LogAttrs(ctx, slog.LevelWarn, "the response deviates from the document in more ways",
				slog.String("operation", deviation.Operation), slog.Int("more", len(deviation.Violations)-i))
			return
		}
		c.warnings.LogAttrs(ctx, slog.LevelWarn, "the response deviates from the document", slog.String("operation", deviation.Operation),
			slog.Int("status", deviation.Status), slog.String("where", v.In+" "+v.Pointer), slog.String("rule", v.Rule), slog.String("want", v.Want))
	}
}

// logAttempt logs one attempt, which began at start.
func logAttempt(logger *slog.Logger, r *http.Request, start time.Time, resp *http.Response, err error) {
	if !logger.Enabled(r.Context(), slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Duration("duration", time.Since(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
		if ray := resp.Header.Get("Cf-Ray"); ray != "" {
			attrs = append(attrs, slog.String("ray", ray))
		}
	}
	logger.LogAttrs(r.Context(), slog.LevelDebug, "request", attrs...)
}
