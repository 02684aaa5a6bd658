package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// What code written for oapi-codegen's output has between the router and the implementation: operations as HTTP
// handlers with their parameters, and middlewares of the strict server.

type callKey struct{}

// ErrNoCall is the error for an operation that was called, but not by the handler that validates requests.
var ErrNoCall = errors.New("this server has to be called by the function Handler of its package, which validates requests")

// HandleStrict is [Handle] with middlewares, the last of which is the outermost.
func HandleStrict[
	request, response any,
	next ~func(context.Context, http.ResponseWriter, *http.Request, any) (any, error),
	middleware ~func(next, string) next,
](
	bind func(*Call, *request), method func(context.Context, request) (response, error),
	visit func(response, http.ResponseWriter) error, name string, middlewares []middleware,
) Serve {
	if len(middlewares) == 0 {
		return Handle(bind, method, visit)
	}
	chain := next(func(ctx context.Context, _ http.ResponseWriter, _ *http.Request, in any) (any, error) {
		own, ok := in.(request)
		if !ok {
			return nil, fmt.Errorf("a middleware made a %T of the request, want %T", in, own)
		}
		return method(ctx, own)
	})
	for _, m := range middlewares {
		chain = m(chain, name)
	}
	return func(ctx context.Context, c *Call, w http.ResponseWriter) error {
		var in request
		bind(c, &in)
		if len(c.Violations) > 0 {
			return nil
		}
		out, err := chain(ctx, w, c.Request.WithContext(ctx), in)
		switch own, ok := out.(response); {
		case err != nil:
			return err
		case ok:
			c.Responding = true
			return visit(own, w)
		case out != nil:
			return fmt.Errorf("a middleware made a %T of the response", out)
		}
		return nil // which a middleware has written
	}
}

// ServeStrict serves a request that has come to a method of a server's interface by [HandleHTTP].
func ServeStrict(w http.ResponseWriter, r *http.Request, serve Serve) {
	c, ok := r.Context().Value(callKey{}).(*Call)
	if !ok {
		panic(ErrNoCall)
	}
	c.failed = serve(r.Context(), c, w)
}
