package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/cost"
	"github.com/interconnect-go/interconnect/sandbox"
)

// What a hostile service can make a call cost. Memory is asserted, as it does not depend on the machine; the time is
// for BenchmarkHostile to show.

// A hostileResponse is a response whose body repeats an item.
type hostileResponse struct {
	name              string
	status            int
	open, item, close string
	call              func(context.Context, *client.Client) error
}

func (r *hostileResponse) body(size int) []byte {
	n := (size - len(r.open) - len(r.close)) / (len(r.item) + 1)
	return []byte(r.open + strings.TrimSuffix(strings.Repeat(r.item+",", max(n, 1)), ",") + r.close)
}

func hostileResponses() []hostileResponse {
	interconnects := func(ctx context.Context, c *client.Client) error { return drain(c.ListInterconnects(ctx, nil)) }
	slots := func(ctx context.Context, c *client.Client) error { return drain(c.ListSlots(ctx, nil)) }
	cnis := func(ctx context.Context, c *client.Client) error { return drain(c.ListCNIs(ctx, nil)) }
	get := func(ctx context.Context, c *client.Client) error {
		_, err := c.GetInterconnect(ctx, "x")
		return err
	}
	status := func(ctx context.Context, c *client.Client) error {
		_, err := c.GetInterconnectStatus(ctx, "x")
		return err
	}
	var all []hostileResponse
	for _, list := range []struct {
		name string
		call func(context.Context, *client.Client) error
	}{{"interconnects", interconnects}, {"slots", slots}, {"cnis", cnis}} {
		for _, item := range []string{
			`{"type":"x"}`, `0`, `{}`, `[]`, `null`, `"x"`, `{"":0}`, `{"type":"direct"}`, `{"type":"direct","account":"a","name":"n"}`, `{"id":0}`,
			`{"\u0061":[{}]}`, `{"type":"gcp_partner","region":[]}`,
		} {
			all = append(all, hostileResponse{list.name + " " + item, 200, `{"items":[`, item, `],"next":null}`, list.call})
		}
		all = append(all, hostileResponse{list.name + " {}, the last is wrong", 200, `{"items":[`, `{}`, `,0],"next":null}`, list.call})
	}
	for _, item := range []string{`{}`, `0`, `{"message":"x"}`, `{"code":1}`, `[[]]`, `"x"`, `null`, `{"message":"\n","source":{}}`} {
		all = append(all,
			hostileResponse{"errors " + item, 400, `{"success":false,"errors":[`, item, `]}`, get},
			hostileResponse{"errors of a success " + item, 200, `{"success":false,"errors":[`, item, `]}`, get},
			hostileResponse{"errors of a page " + item, 200, `{"success":false,"errors":[`, item, `]}`, slots})
	}
	slot, err := json.Marshal(sandbox.Catalogue("")[0])
	if err != nil {
		panic(err)
	}
	return append(all,
		hostileResponse{"slots", 200, `{"items":[`, string(slot), `],"next":null}`, slots},
		hostileResponse{"slots, the last is wrong", 200, `{"items":[`, string(slot), `,0],"next":null}`, slots},
		hostileResponse{"a long message", 400, `{"errors":[{"message":"`, `\n`, `"}]}`, get},
		hostileResponse{"a page of a proxy", 502, `<html>`, `<p>`, ``, get},
		hostileResponse{"a long member", 200, `{"type":"direct","name":"`, `x`, `"}`, get},
		hostileResponse{"an interconnect with unknown members", 200, `{"type":"direct","x":[`, `{}`, `]}`, get},
		hostileResponse{"an interconnect of an unknown type", 200, `{"type":"x","x":[`, `{}`, `]}`, get},
		hostileResponse{"credentials", 400, `{"errors":[`, `"` + token + `"`, `]}`, get},
		hostileResponse{"escaped credentials", 400, `{"errors":["`, strings.ReplaceAll(token, "-", `\\u002d`), `"]}`, get},
		hostileResponse{"a credential below five layers", 400, `{"errors":["%25252525254` + "1" + strings.ReplaceAll(token, "-", "%2d"), `~0`, `"]}`, get},
		hostileResponse{"a status", 200, `{"state":"Down","reason":[`, `{}`, `]}`, status},
	)
}

// drain reads a whole list, past the items that are not understood.
func drain[T any](list func(yield func(T, error) bool)) error {
	for _, err := range list {
		_ = err
	}
	return nil
}

// hostileClient returns a client that gets the response to every call.
func hostileClient(t testing.TB, status int, body []byte, opts ...client.Option) *client.Client {
	c, err := client.New(account, append([]client.Option{
		client.WithBaseURL("https://127.0.0.1" + interconnect.BasePath), client.WithToken(token), client.WithLogger(nil), client.WithMaxAttempts(1),
		client.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
				Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
			}, nil
		})}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHostileMemory(t *testing.T) {
	if cost.Race {
		t.Skip("the race detector changes what memory is used again")
	}
	const most = 40 // bytes for each of the body's
	for _, r := range hostileResponses() {
		for _, mode := range []string{"tolerant", "strict"} {
			for _, size := range []int{1 << 16, 1 << 19} {
				body := r.body(size)
				var opts []client.Option
				if mode == "strict" {
					opts = []client.Option{client.Strict()}
				}
				c := hostileClient(t, r.status, body, opts...)
				var err error
				each := cost.Memory(func() { err = r.call(t.Context(), c) }) / uint64(len(body))
				if each > most {
					t.Errorf("%s, %s: %d bytes cost %d bytes each, want at most %d (%.80s)", r.name, mode, len(body), each, most, fmt.Sprint(err))
				} else {
					t.Logf("%s, %s: %d bytes each", r.name, mode, each)
				}
			}
		}
	}
}

// BenchmarkHostile shows time and memory for each byte of a response, which should not depend on its length.
func BenchmarkHostile(b *testing.B) {
	for _, r := range hostileResponses() {
		for _, size := range []int{1 << 16, 1 << 19, 1 << 22} {
			body := r.body(size)
			c := hostileClient(b, r.status, body)
			b.Run(fmt.Sprintf("%s/%dKiB", r.name, size>>10), func(b *testing.B) {
				cost.Benchmark(b, len(body), func() { _ = r.call(b.Context(), c) })
			})
		}
	}
}

// A hostile response does not fill errors and logs either.
func TestHostileResponsesAreCutShort(t *testing.T) {
	body := `{"errors":[` + strings.Repeat(`{"message":"x"},`, 149) + `{"message":"` + strings.Repeat("y", 5000) + `"}]}`
	_, err := hostileClient(t, 400, []byte(body)).GetInterconnect(t.Context(), "x")
	var refused *client.APIError
	if !errors.As(err, &refused) || len(refused.Details) != 101 || refused.Details[100].Message != "and 50 more errors" {
		t.Errorf("the errors are %v", err)
	}
	body = `{"errors":[{"message":"` + strings.Repeat("é", 5000) + `"}]}`
	_, err = hostileClient(t, 400, []byte(body)).GetInterconnect(t.Context(), "x")
	if !errors.As(err, &refused) || refused.Details[0].Message != strings.Repeat("é", 1000)+"…" {
		t.Errorf("the error is %.100v", err)
	}

	for _, item := range []string{`{}`, `0`} {
		page := `{"items":[` + strings.Repeat(item+`,`, 5000) + item + `],"next":null}`
		var failure error
		for _, err := range hostileClient(t, 200, []byte(page)).ListSlots(t.Context(), nil) {
			failure = err
		}
		if failure == nil || len(failure.Error()) > 20_000 {
			t.Errorf("a page of many %s: an error of %d bytes: %.200v", item, len(fmt.Sprint(failure)), failure)
		}
	}

	// 900 items that deviate in two ways each and one that cannot be read: each is yielded, 1,000 deviations are
	// reported.
	page := `{"items":[` + strings.Repeat(`{},`, 900) + `0],"next":null}`
	var deviation *client.Deviation
	c := hostileClient(t, 200, []byte(page), client.WithOnDeviation(func(c *client.Deviation) { deviation = c }))
	items, failures := 0, 0
	for _, err := range c.ListSlots(t.Context(), nil) {
		if items++; err != nil {
			failures++
		}
	}
	if items != 901 || failures != 1 {
		t.Errorf("%d items, %d of them wrong, want 901 and 1", items, failures)
	}
	if deviation == nil || len(deviation.Violations) != 1001 || deviation.Violations[1000].Rule != "more" {
		t.Errorf("the deviation has %d violations", len(deviation.Violations))
	}
	var log strings.Builder
	c = hostileClient(t, 200, []byte(page), client.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	for range c.ListSlots(t.Context(), nil) {
	}
	if lines := strings.Count(log.String(), "\n"); lines != 21 {
		t.Errorf("%d lines are logged, want 21:\n%.500s", lines, log.String())
	}
}
