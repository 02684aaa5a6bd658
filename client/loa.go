package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// GetInterconnectLOA writes the Letter of Authorization of a physical interconnect to w, as the PDF document that the operator of
// the facility asks for, and returns the number of bytes written. nil params, or no Name in them, stand for the default name.
//
// The letter is written as it arrives, so after an error w may have a part of it; a letter without an end is an error. Nothing is
// written unless the body begins like a PDF document; otherwise it is in the error, a [*ResponseError]. [WithTimeout]
// limits the time of the whole transfer.
func (c *Client) GetInterconnectLOA(ctx context.Context, name string, params *interconnect.GetInterconnectLOAParams, w io.Writer) (int64, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	ctx = context.WithValue(ctx, pdfKey{}, true)
	call, resp, err := c.start(ctx, "get_interconnect_loa", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetInterconnectLOA(ctx, c.accountID, name, params, edit)
	}))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	if begin, err := body.Peek(len(pdfBegin)); string(begin) != pdfBegin && (err == nil || err == io.EOF) {
		return 0, call.wrap(noLetter(resp, body))
	}
	out := letterWriter{w: w}
	n, err := io.Copy(&out, body)
	if err == nil && !bytes.Contains(out.end, []byte(pdfEnd)) {
		err = errors.New("it has no end")
	}
	switch {
	case out.err != nil:
		return n, call.wrap(fmt.Errorf("the letter could not be written behind its first %d bytes: %w", n, out.err))
	case err != nil:
		return n, call.wrap(fmt.Errorf("the letter ends after %d bytes: %w", n, err))
	}
	return n, nil
}

// What a PDF document begins with, and what stands at its end. The header says less: a proxy may call any file
// application/octet-stream, and a server that fails may send a part with the length of that part.
const (
	pdfBegin = "%PDF-"
	pdfEnd   = "%%EOF"
)

// A letterWriter passes a letter on. It keeps its end, at least as much of it as readers of PDF look for the mark in, and the error of
// the writer.
type letterWriter struct {
	w   io.Writer
	end []byte
	err error
}

func (l *letterWriter) Write(p []byte) (int, error) {
	const enough = 1024
	l.end = append(l.end, p...)
	if len(l.end) > enough {
		l.end = append(l.end[:0], l.end[len(l.end)-enough:]...)
	}
	var n int
	n, l.err = l.w.Write(p)
	return n, l.err
}

func noLetter(resp *http.Response, body io.Reader) error {
	text, _ := io.ReadAll(io.LimitReader(body, maxErrorBody+1)) // what there is of it is a bonus
	wrong := &ResponseError{Operation: "get_interconnect_loa", Status: resp.StatusCode, Header: resp.Header, Body: text}
	if wrong.Truncated = len(text) > maxErrorBody; wrong.Truncated {
		wrong.Body = text[:maxErrorBody]
	}
	wrong.Err = errors.New("the body is not a PDF document")
	return wrong
}

// GetInterconnectLOADefaultName gets the customer name that a Letter of Authorization carries if none is given.
func (c *Client) GetInterconnectLOADefaultName(ctx context.Context, name string) (interconnect.DefaultLOAName, error) {
	return invoke[interconnect.DefaultLOAName](ctx, c, "get_interconnect_loa_default_name", named(name, func(ctx context.Context, edit editor) (*http.Response, error) {
		return c.api.GetInterconnectLOADefaultName(ctx, c.accountID, name, edit)
	}))
}
