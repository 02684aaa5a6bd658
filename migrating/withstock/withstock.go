// Package withstock is an implementation and a client as people write them for oapi-codegen's output. Package withours is the same code
// with another import.
package withstock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	api "github.com/interconnect-go/interconnect/migrating/stock"
)

// Server implements the API.
type Server struct{}

var _ api.StrictServerInterface = Server{}

// GetThing has in its response what was in the parameters.
func (Server) GetThing(_ context.Context, r api.GetThingRequestObject) (api.GetThingResponseObject, error) {
	if r.Params.Limit != nil && *r.Params.Limit == 99 {
		return api.GetThing404ApplicationProblemPlusJSONResponse{Title: "none"}, nil
	}
	if r.Params.Limit != nil && *r.Params.Limit == 98 {
		return api.GetThingdefaultJSONResponse{StatusCode: http.StatusConflict, Body: api.Problem{Title: "busy"}}, nil
	}
	labels := api.Labels{"trace": r.Params.XTrace, "exact": fmt.Sprint(r.Params.Exact)}
	put := func(name string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		if string(text) != "null" {
			labels[name] = string(text)
		}
	}
	put("limit", r.Params.Limit)
	put("tag", r.Params.Tag)
	put("ids", r.Params.Ids)
	put("since", r.Params.Since)
	put("day", r.Params.Day)
	put("sort", r.Params.Sort)
	put("filter", r.Params.Filter)
	put("attempt", r.Params.XAttempt)
	put("session", r.Params.Session)
	count, name := len(labels), "n"
	return api.GetThing200JSONResponse{
		Body:    api.Thing{Name: "n", Kind: api.Up, Owner: &r.Id, Labels: &labels},
		Headers: api.GetThing200ResponseHeaders{XCount: &count, XName: &name},
	}, nil
}

// PutThing echoes.
func (Server) PutThing(_ context.Context, r api.PutThingRequestObject) (api.PutThingResponseObject, error) {
	return api.PutThing200JSONResponse(*r.Body), nil
}

// DeleteThing does nothing.
func (Server) DeleteThing(context.Context, api.DeleteThingRequestObject) (api.DeleteThingResponseObject, error) {
	return api.DeleteThing204Response{}, nil
}

// PostList echoes a list, and fails without one.
func (Server) PostList(_ context.Context, r api.PostListRequestObject) (api.PostListResponseObject, error) {
	if len(*r.Body) == 0 {
		return nil, errors.New("the password of the database is hunter2")
	}
	return api.PostList201JSONResponse(*r.Body), nil
}

// PostMap echoes.
func (Server) PostMap(_ context.Context, r api.PostMapRequestObject) (api.PostMapResponseObject, error) {
	return api.PostMap200JSONResponse(*r.Body), nil
}

// PostForm echoes.
func (Server) PostForm(_ context.Context, r api.PostFormRequestObject) (api.PostFormResponseObject, error) {
	return api.PostForm200JSONResponse(*r.Body), nil
}

// PostText echoes.
func (Server) PostText(_ context.Context, r api.PostTextRequestObject) (api.PostTextResponseObject, error) {
	return api.PostText200TextResponse(*r.Body), nil
}

// PostFile echoes.
func (Server) PostFile(_ context.Context, r api.PostFileRequestObject) (api.PostFileResponseObject, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return api.PostFile200ApplicationoctetStreamResponse{Body: bytes.NewReader(text), ContentLength: int64(len(text))}, nil
}

// PostUpload lists the parts.
func (Server) PostUpload(_ context.Context, r api.PostUploadRequestObject) (api.PostUploadResponseObject, error) {
	var all []string
	for {
		part, err := r.Body.NextPart()
		if errors.Is(err, io.EOF) {
			return api.PostUpload200TextResponse(strings.Join(all, ", ")), nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprintf("%s %s %q", part.FormName(), part.FileName(), text))
	}
}

// PostEither says which body there was.
func (Server) PostEither(_ context.Context, r api.PostEitherRequestObject) (api.PostEitherResponseObject, error) {
	switch {
	case r.JSONBody != nil:
		return api.PostEither200TextResponse("JSON " + r.JSONBody.Name), nil
	case r.FormdataBody != nil:
		return api.PostEither200TextResponse("form " + r.FormdataBody.Name), nil
	case r.TextBody != nil:
		return api.PostEither200TextResponse("text " + *r.TextBody), nil
	}
	return nil, errors.New("no body")
}

// Fail responds with the status that it is asked for.
func (Server) Fail(_ context.Context, r api.FailRequestObject) (api.FailResponseObject, error) {
	if r.Code == http.StatusNoContent {
		return api.Fail204Response{}, nil
	}
	return api.FaildefaultJSONResponse{StatusCode: r.Code, Body: api.Problem{Title: http.StatusText(r.Code)}}, nil
}

// Handlers are ways to serve the API that people use.
func Handlers() map[string]http.Handler {
	logged := func(f api.StrictHandlerFunc, operationID string) api.StrictHandlerFunc {
		return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
			w.Header().Set("X-Operation", operationID)
			return f(ctx, w, r, request)
		}
	}
	marked := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Path-Value", r.PathValue("id"))
			next.ServeHTTP(w, r)
		})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return map[string]http.Handler{
		"plain": api.Handler(api.NewStrictHandler(Server{}, nil)),
		"mux":   api.HandlerFromMux(api.NewStrictHandler(Server{}, []api.StrictMiddlewareFunc{logged}), mux),
		"options": api.HandlerWithOptions(api.NewStrictHandlerWithOptions(Server{}, []api.StrictMiddlewareFunc{logged}, api.StrictHTTPServerOptions{
			ResponseErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
				log.Print(err)
				http.Error(w, "sorry", http.StatusInternalServerError)
			},
		}), api.StdHTTPServerOptions{
			Middlewares: []api.MiddlewareFunc{marked},
			ErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
				log.Print(err)
				http.Error(w, "what?", http.StatusBadRequest)
			},
		}),
		"wrapped": api.Handler(limiting{api.NewStrictHandler(Server{}, []api.StrictMiddlewareFunc{logged})}),
		"below":   http.StripPrefix("/below", api.HandlerFromMuxWithBaseURL(api.NewStrictHandler(Server{}, nil), http.NewServeMux(), "")),
	}
}

// limiting changes a parameter on its way to the implementation.
type limiting struct{ api.ServerInterface }

func (l limiting) GetThing(w http.ResponseWriter, r *http.Request, id openapi_types.UUID, params api.GetThingParams) {
	if params.Limit == nil {
		limit := int32(10)
		params.Limit = &limit
	}
	l.ServerInterface.GetThing(w, r, id, params)
}

// Exchange calls every operation and returns what has come of it, a line for each call.
func Exchange(url string) ([]string, error) {
	client, err := api.NewClientWithResponses(url, api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer x")
		return nil
	}))
	if err != nil {
		return nil, err
	}
	var lines []string
	note := func(err error, response *http.Response, body []byte, values ...any) {
		if err != nil {
			lines = append(lines, "error: "+err.Error())
			return
		}
		var b strings.Builder
		fmt.Fprint(&b, response.StatusCode, " ", response.Header.Get("Content-Type"))
		var names []string
		for name := range response.Header {
			if strings.HasPrefix(name, "X-") && name != "X-Content-Type-Options" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			b.WriteString(" " + name + "=" + response.Header.Get(name))
		}
		b.WriteString(" " + compact(body))
		for _, v := range values {
			text, err := json.Marshal(v)
			fmt.Fprint(&b, " | ", compact(text), err)
		}
		lines = append(lines, b.String())
	}
	ctx := context.Background()
	id := openapi_types.UUID{1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}
	limit, attempt, order, session := int32(5), 2, api.Down, "a-b"
	tags, ids := []string{"a", "b c", "d,e", "é&f"}, []int64{1, 9007199254740993}
	since, day := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC), openapi_types.Date{Time: time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)}
	get := func(params api.GetThingParams) {
		r, err := client.GetThingWithResponse(ctx, id, &params)
		if err != nil {
			note(err, nil, nil)
			return
		}
		note(nil, r.HTTPResponse, r.Body, r.JSON200, r.ApplicationproblemJSON404, r.JSONDefault)
	}
	get(api.GetThingParams{XTrace: "t"})
	get(api.GetThingParams{
		XTrace: "t", Exact: true, Limit: &limit, Tag: &tags, Ids: &ids, Since: &since, Day: &day, Sort: &order, XAttempt: &attempt, Session: &session,
	})
	for _, special := range []int32{98, 99} {
		get(api.GetThingParams{XTrace: "t", Limit: &special})
	}
	size, weight, owner, data := int64(9007199254740993), float64(1.5), id, []byte("\x00\xff+/")
	labels := api.Labels{"k": "v", "ž": "\"\\\u2028<&>"}
	things := []api.Thing{{Name: "part", Kind: api.Up}}
	thing := api.Thing{
		Name: "whole \u2028 <&>", Kind: api.Down, Size: &size, Weight: &weight, Made: &since, Day: &day, Owner: &owner, Data: &data, Tags: &tags,
		Labels: &labels, Parts: &things,
	}
	if r, err := client.PutThingWithResponse(ctx, id, thing); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body, r.JSON200)
	}
	if r, err := client.DeleteThingWithResponse(ctx, id); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body, r.StatusCode())
	}
	if r, err := client.PostListWithResponse(ctx, []api.Thing{thing, {Name: "", Kind: api.Up}}); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body, r.JSON201)
	}
	if r, err := client.PostMapWithResponse(ctx, labels); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body, r.JSON200)
	}
	count, yes := 7, true
	form := api.Form{Name: "a b&c=d", Count: &count, Yes: &yes}
	if r, err := client.PostFormWithFormdataBodyWithResponse(ctx, form); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body, r.JSON200)
	}
	if r, err := client.PostTextWithTextBodyWithResponse(ctx, "some text\n"); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body)
	}
	if r, err := client.PostFileWithBodyWithResponse(ctx, "application/octet-stream", bytes.NewReader(data)); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := errors.Join(w.WriteField("title", "the title"), writeFile(w), w.Close()); err != nil {
		return nil, err
	}
	if r, err := client.PostUploadWithBodyWithResponse(ctx, w.FormDataContentType(), &b); err != nil {
		note(err, nil, nil)
	} else {
		note(nil, r.HTTPResponse, r.Body)
	}
	either := func(r *api.PostEitherResponse, err error) {
		if err != nil {
			note(err, nil, nil)
			return
		}
		note(nil, r.HTTPResponse, r.Body)
	}
	either(client.PostEitherWithResponse(ctx, thing))
	either(client.PostEitherWithFormdataBodyWithResponse(ctx, form))
	either(client.PostEitherWithTextBodyWithResponse(ctx, "text"))
	for _, code := range []int{204, 404, 503} {
		if r, err := client.FailWithResponse(ctx, code); err != nil {
			note(err, nil, nil)
		} else {
			note(nil, r.HTTPResponse, r.Body, r.JSONDefault)
		}
	}
	return lines, nil
}

func writeFile(w *multipart.Writer) error {
	file, err := w.CreateFormFile("file", "photo.png")
	if err == nil {
		_, err = file.Write([]byte("\x89PNG\r\n--"))
	}
	return err
}

// compact is a text such that JSON has neither white space nor an order of members that means nothing.
func compact(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return fmt.Sprintf("%q", text)
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(sorted)
}
