package client

import (
	"context"
	"time"
)

// WithSleep replaces the waiting between attempts.
func WithSleep(sleep func(context.Context, time.Duration) error) Option {
	return func(cfg *config) error {
		cfg.sleep = sleep
		return nil
	}
}
