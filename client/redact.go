package client

// This file decides what may be shown of what comes from outside. A service may repeat the credentials in whatever it
// says, and a transport in its errors; both are cleaned before anything else of the client sees them.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/interconnect-go/interconnect/internal/redact"
)

// redacted replaces credentials.
const redacted = "[redacted]"

// A redactor takes the credentials out. The e-mail address is not one of them: it is the name of the user.
type redactor struct{ secrets *redact.Secrets }

func newRedactor(c credentials) *redactor {
	return &redactor{redact.Credentials(c.token, c.key)}
}

// body cleans what was read of a body, the end of which may be missing.
func (r *redactor) body(text []byte) []byte { return r.secrets.Cut(text, redacted) }

// stream cleans a body that is not text.
func (r *redactor) stream(body io.Reader) io.Reader { return r.secrets.Masked(body) }

// response cleans all but the body. The header of a transport stays as it is, as it may be used for other responses.
func (r *redactor) response(resp *http.Response) {
	resp.Status = r.secrets.Text(resp.Status, redacted)
	resp.Header = r.secrets.Header(resp.Header, redacted)
}

// error returns err itself unless it shows a credential, or an error that it wraps does. Then nothing is left of err
// but its text.
func (r *redactor) error(err error) error {
	if err == nil || !r.shownBy(err) {
		return err
	}
	clean := &redactedError{text: r.secrets.Text(err.Error(), redacted)}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			clean.cause = cause
		}
	}
	return clean
}

func (r *redactor) shownBy(err error) bool {
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		text := fmt.Sprintf(verb, err)
		if r.secrets.Text(text, redacted) != text {
			return true
		}
	}
	switch wrapping := err.(type) {
	case interface{ Unwrap() error }:
		return wrapping.Unwrap() != nil && r.shownBy(wrapping.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range wrapping.Unwrap() {
			if err != nil && r.shownBy(err) {
				return true
			}
		}
	}
	return false
}

// A redactedError stands for an error that showed a credential.
type redactedError struct {
	text  string
	cause error // of the context, if that ended the attempt; or nil
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.cause }
