// Package client orders and configures Cloudflare Network Interconnects.
//
//	c, err := client.New("", client.WithUserAgent("port-orders/1.4")) // account and credentials from the environment
//	…
//	order := interconnect.PhysicalInterconnectCreate{SlotID: slot}
//	ordered, err := c.CreateInterconnect(ctx, interconnect.NewInterconnectCreate(order))
//
// A [Client] has one method for each operation of the API, on the types of the package interconnect. Lists are iterators that
// follow the pages. [Client.WaitHealthy] waits for a link.
//
// # Errors
//
// Every error of a call that changes something says what became of the call. Find it with [errors.As]:
//
//   - [*RequestError]: the request is invalid and was not sent. It names every violation. An ID that was never set is one, see
//     [AllowZeroUUID].
//   - [*UnknownOutcomeError]: the request may have arrived, but no response says what became of it.
//   - [*APIError]: the service refused: with a status of 400 or above, or with a body that says "success": false.
//   - [*ResponseError]: the response cannot be understood. Status, header and body are kept. With a status of
//     200 to 299 the call has most likely had its effect, unless the body is not the service's at all, but a page for a browser or
//     another object. With a redirect it has most likely not.
//   - Any other error: the request was not sent, for want of a connection or because the context ended.
//
// The first that fits is the one that counts: an UnknownOutcomeError may hold an APIError with a status of 500 or
// above, as such a response does not say whether the work was done before it failed. Calls that only read return the
// same errors, except for UnknownOutcomeError; any other error means that no complete response came.
//
// For what everyone asks there are [ErrNotFound], [ErrConflict], [ErrUnauthorized], [ErrForbidden], [ErrRateLimited] and
// [ErrBadRequest], to be used with [errors.Is].
//
// # Retries
//
// A call that only reads is sent again after 408, 429, 500 and above, and when the connection failed or broke. A call
// that changes something is sent again only if no connection could be made, so that no byte has left, or after a 429
// that says when to come back (Retry-After) or that one may (X-Should-Retry: true). All other responses are final, 409
// too, and so is every response with X-Should-Retry: false.
//
// An attempt leaves once, whatever the protocol. net/http would send a request again by itself, at once and without
// end, when a server refuses it over HTTP/2 or abandons its connection (REFUSED_STREAM, GOAWAY), and one that reads
// when a connection that was kept breaks. The client ends the attempt instead. If the call changes something, its
// outcome is then unknown. This rests on [net/http/httptrace]: a transport of [WithHTTPClient] that does not report to
// it, such as one for HTTP/3, may repeat what it likes.
//
// Between two attempts the client waits for 0.5 s at first, then twice as long each time up to 8 s, give or take half of it, and
// never shorter than Retry-After says. It does not wait if Retry-After asks for more than [MaxRetryAfter], or if the context would
// end before; the response is then an error at once. See [WithMaxAttempts] and [WithBackoff].
//
// # Credentials
//
// Credentials are sent to the host of the base URL and nowhere else: a redirect is an error, never followed. They
// appear in no error, no log line, and not when a Client is printed. A service may repeat them in what it says.
// Wherever a response does so, as they are, with the escapes of URLs, JSON and HTML, or in base64, "[redacted]"
// replaces them, in successes too; in a PDF it is asterisks. Left alone are tokens and keys of less than 8 characters,
// and of less than 16 if these are all small letters or all digits. Two things are out of reach: net/http itself writes
// with the package log what a service sends unasked, and a transport of [WithHTTPClient] sees everything.
//
// # Responses that deviate from the document
//
// The service may be ahead of the document, or behind it. So a success is read tolerantly: members that are unknown or missing,
// values that are unknown or out of bounds, and another status or media type than the declared one do no harm. What a union cannot
// be is an [interconnect.UnknownVariant], which holds the JSON as it was received. An item of a list that no Go type can hold is
// an [*ItemError], and the list goes on. An object that has none of the declared members is something else, and an error, and so is
// null.
//
// The function of [WithOnDeviation] is called with every such deviation; without it they are logged, by [slog.Default]
// if need be. With [Strict], each is an error instead.
package client
