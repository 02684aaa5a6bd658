package bodies

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract"
)

// server sends back what it gets, and keeps what cannot be sent back.
type server struct {
	UnimplementedServer
	got     any
	cookies []string // to set
}

func (s *server) PostJSON(_ context.Context, r PostJSONRequestObject) (PostJSONResponseObject, error) {
	if s.got = r.Body; r.Body == nil {
		return PostJSON204Response{}, nil
	}
	if r.Body.Text == "problem" {
		return PostJSONdefaultApplicationProblemPlusJSONResponse{StatusCode: 503, Body: ProblemJSONResponseBody{Title: "late"}}, nil
	}
	when, tags := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), []string{"a", "b"}
	return PostJSON200JSONResponse{Body: *r.Body, Headers: PostJSON200ResponseHeaders{XWhen: &when, XTags: tags}}, nil
}

func (s *server) PostOneOfSeveral(ctx context.Context, r PostOneOfSeveralRequestObject) (PostOneOfSeveralResponseObject, error) {
	var text string
	switch {
	case r.JSONBody != nil:
		text = "json " + r.JSONBody.Text
	case r.ApplicationJSONVersion2Body != nil:
		text = "two " + r.ApplicationJSONVersion2Body.Two
	case r.FormdataBody != nil:
		text = "form " + r.FormdataBody.Text
	case r.TextBody != nil:
		text = "text " + *r.TextBody
	case r.MultipartBody != nil:
		note, err := ReadPostOneOfSeveralMultipartBody(r.MultipartBody)
		if err != nil {
			return nil, err
		}
		text = "multipart " + note.Text
	case r.Body != nil:
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		text = "xml " + string(b)
	}
	switch contract.Negotiate(ctx, "application/json", "application/vnd.note+json; version=2", "text/plain", "application/xml") {
	case "application/json":
		return PostOneOfSeveral200JSONResponse{Text: text}, nil
	case "text/plain":
		return PostOneOfSeveral200TextResponse(text), nil
	case "application/xml":
		return PostOneOfSeveral200ApplicationxmlResponse{Body: strings.NewReader("<a>" + text + "</a>")}, nil
	}
	return PostOneOfSeveral200ApplicationVndNotePlusJSONVersion2Response{Two: text}, nil
}

func (s *server) PostText(_ context.Context, r PostTextRequestObject) (PostTextResponseObject, error) {
	if r.Body == nil {
		return PostText204Response{}, nil
	}
	return PostText200TextResponse(*r.Body), nil
}

func (s *server) PostNumber(_ context.Context, r PostNumberRequestObject) (PostNumberResponseObject, error) {
	return PostNumber200TextResponse(*r.Body), nil
}

func (s *server) PostForm(_ context.Context, r PostFormRequestObject) (PostFormResponseObject, error) {
	if r.Body == nil {
		return PostForm204Response{}, nil
	}
	return PostForm200FormdataResponse(*r.Body), nil
}

func (s *server) PostBinary(_ context.Context, r PostBinaryRequestObject) (PostBinaryResponseObject, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	name := contract.Attachment("../x/" + string(b) + ".bin")
	if r.ContentType == "application/octet-stream" {
		return PostBinary200ApplicationoctetStreamResponse{
			Body: bytes.NewReader(b), ContentLength: int64(len(b)), Headers: PostBinary200ResponseHeaders{ContentDisposition: &name},
		}, nil
	}
	return PostBinary200ImageResponse{Body: bytes.NewReader(b), ContentType: r.ContentType}, nil
}

func (s *server) PostXML(_ context.Context, r PostXMLRequestObject) (PostXMLResponseObject, error) {
	return PostXML200ApplicationxmlResponse{Body: r.Body}, nil
}

func (s *server) PostAnything(_ context.Context, r PostAnythingRequestObject) (PostAnythingResponseObject, error) {
	if r.Body == nil {
		return PostAnything200AsteriskResponse{ContentType: "text/none"}, nil
	}
	return PostAnything200AsteriskResponse{Body: r.Body, ContentType: r.ContentType}, nil
}

func (s *server) PostAnyObject(_ context.Context, r PostAnyObjectRequestObject) (PostAnyObjectResponseObject, error) {
	switch {
	case r.JSONBody == nil && r.Body == nil:
		list := NewPostAnyObject4XXJSONResponseBody(PostAnyObject4XXJSONResponseBodyList{"no", "body"})
		return PostAnyObject4XXJSONResponse{Body: list, StatusCode: http.StatusTeapot}, nil
	case r.JSONBody == nil && r.ContentType == "text/plain":
		return PostAnyObject201AsteriskResponse{Body: r.Body, ContentType: r.ContentType}, nil
	case r.JSONBody == nil:
		return PostAnyObject200ApplicationResponse{Body: r.Body, ContentType: "application/json"}, nil
	}
	return PostAnyObject200JSONResponse(*r.JSONBody), nil
}

func (s *server) PostMultipart(_ context.Context, r PostMultipartRequestObject) (PostMultipartResponseObject, error) {
	form, err := ReadPostMultipartMultipartBody(r.Body)
	if err != nil {
		return nil, err
	}
	s.got = form
	return PostMultipart200JSONResponse{Body: describe(form)}, nil
}

// describe is a form with the names and the texts of its files.
func describe(form *Upload) any {
	show := func(f openapi_types.File) string {
		b, err := f.Bytes()
		return fmt.Sprint(f.Filename(), " ", string(b), err)
	}
	files := []string{}
	for _, f := range form.Files {
		files = append(files, show(f))
	}
	var dates []string
	for _, d := range form.Dates {
		dates = append(dates, d.String())
	}
	return map[string]any{
		"note": form.Note.Text, "text": value(form.Text), "count": value(form.Count), "tags": form.Tags, "image": show(form.Image), "files": files,
		"dates": dates, "signed": value(form.Signed), "extra": form.Extra,
	}
}

func value[T any](p *T) T { return *cmp.Or(p, new(T)) }

func (s *server) GetMultipart(context.Context, GetMultipartRequestObject) (GetMultipartResponseObject, error) {
	return GetMultipart200MultipartResponse(func(w *multipart.Writer) error { return w.WriteField("a", "b") }), nil
}

func (s *server) PostLines(_ context.Context, r PostLinesRequestObject) (PostLinesResponseObject, error) {
	return PostLines200ApplicationjsonlResponse{Body: stopping(r.Body)}, nil
}

// stopping ends a sequence with its first error.
func stopping[T any](items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range items {
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

func (s *server) GetEvents(context.Context, GetEventsRequestObject) (GetEventsResponseObject, error) {
	return GetEvents200TexteventStreamResponse{Body: func(yield func(Event, error) bool) {
		for i := range 3 {
			data, id := fmt.Sprintf(`{"text":"%d"}`, i), fmt.Sprint(i)
			if !yield(Event{Data: &data, ID: &id}, nil) {
				return
			}
		}
	}}, nil
}

func (s *server) PostEvents(_ context.Context, r PostEventsRequestObject) (PostEventsResponseObject, error) {
	return PostEvents200TexteventStreamResponse{Body: stopping(r.Body)}, nil
}

func (s *server) GetHead(context.Context, GetHeadRequestObject) (GetHeadResponseObject, error) {
	return GetHead200JSONResponse{Body: Note{Text: "x"}, Headers: GetHead200ResponseHeaders{XCount: 3}}, nil
}

func (s *server) HeadHead(context.Context, HeadHeadRequestObject) (HeadHeadResponseObject, error) {
	return HeadHead200Response{Headers: HeadHead200ResponseHeaders{XCount: 4}}, nil
}

func (s *server) GetStatuses(_ context.Context, r GetStatusesRequestObject) (GetStatusesResponseObject, error) {
	switch r.Params.Status {
	case 200:
		return GetStatuses200JSONResponse{Text: "x"}, nil
	case 201:
		return GetStatuses201Response{Headers: GetStatuses201ResponseHeaders{Location: "https://example.com/a"}}, nil
	case 202:
		return GetStatuses202TextResponse(7), nil
	case 404:
		return GetStatuses404ApplicationProblemPlusJSONResponse{Title: "none"}, nil
	case 418:
		return GetStatuses4XXJSONResponse{StatusCode: 418, Body: "tea"}, nil
	}
	return GetStatusesdefaultResponse{StatusCode: r.Params.Status}, nil
}

func (s *server) GetCookies(context.Context, GetCookiesRequestObject) (GetCookiesResponseObject, error) {
	return GetCookies200Response{Headers: GetCookies200ResponseHeaders{SetCookie: s.cookies}}, nil
}

func (s *server) PutCookie(context.Context, PutCookieRequestObject) (PutCookieResponseObject, error) {
	return PutCookie200Response{Headers: PutCookie200ResponseHeaders{SetCookie: s.cookies[0]}}, nil
}

func (s *server) PutUser(_ context.Context, r PutUserRequestObject) (PutUserResponseObject, error) {
	s.got = *r.Body
	id := 7
	return PutUser200JSONResponse{ID: &id, Name: r.Body.Name}, nil
}

// serve starts the server and returns a client for it that validates what it gets.
func serve(t testing.TB, options contract.HandlerOptions) (*server, *ClientWithResponses, string) {
	t.Helper()
	s := &server{}
	listener := httptest.NewServer(NewHandler(s, options))
	t.Cleanup(listener.Close)
	client, err := NewClientWithResponses(listener.URL, WithHTTPClient(&http.Client{Transport: NewTransport(nil, contract.TransportOptions{})}))
	if err != nil {
		t.Fatal(err)
	}
	return s, client, listener.URL
}

// send sends a request as it is, and returns the status, the header and the body.
func send(t testing.TB, method, url, contentType, accept string, body io.Reader) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// One body has the type that Content-Type says, and the response one that Accept says.
func TestSeveralMediaTypes(t *testing.T) {
	_, _, url := serve(t, contract.HandlerOptions{})
	url += "/one-of-several"
	for _, c := range []struct {
		contentType, accept, body string
		status                    int
		wantType, want            string
	}{
		{"application/json", "", `{"text":"a"}`, 200, "application/json", `{"text":"json a"}`},
		{"APPLICATION/JSON; charset=UTF-8", "*/*", `{"text":"a"}`, 200, "application/json", `{"text":"json a"}`},
		{"application/json;version=2", "", `{"two":"a"}`, 200, "application/json", `{"text":"two a"}`},
		{"application/json; version=3", "", `{"text":"a"}`, 200, "application/json", `{"text":"json a"}`},
		{"application/x-www-form-urlencoded", "application/vnd.note+json;version=2", "text=a", 200, "application/vnd.note+json; version=2", `{"two":"form a"}`},
		{"application/x-www-form-urlencoded", "application/vnd.note+json;version=3", "text=a", 406, "", ""},
		{"text/plain", "text/*", "", 200, "text/plain", "text "},
		{"text/plain", "application/json;q=0.1, text/plain;q=0.2", "x", 200, "text/plain", "text x"},
		{"application/xml", "application/xml", "<x/>", 200, "application/xml", "<a>xml <x/></a>"},
		{"multipart/form-data; boundary=b", "text/plain", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n--b--\r\n", 200, "text/plain", "text/plain multipart a"},
		{"multipart/form-data", "", "--b--\r\n", 400, "", "a boundary"},
		{"text/html", "", "x", 415, "", "one of application/json"},
		{"", "", "x", 415, "", ""},
		{"text/plain; charset=latin1", "", "x", 415, "", "in UTF-8"},
		{"application/json", "image/png", `{"text":"a"}`, 406, "", "application/json, "},
		{"application/json", "application/json;q=0, */*;q=0.1", `{"text":"a"}`, 200, "application/vnd.note+json; version=2", ""},
		{"application/json", "", "", 400, "", "it is missing"},
	} {
		status, header, body := send(t, "POST", url, c.contentType, c.accept, strings.NewReader(c.body))
		want := strings.TrimPrefix(c.want, "text/plain ")
		if status != c.status || c.wantType != "" && header.Get("Content-Type") != c.wantType || !strings.Contains(body, want) {
			t.Errorf("%q for %q, %q: %d, %s: %s; want %d, %s: %s", c.contentType, c.accept, c.body, status, header.Get("Content-Type"), body, c.status, c.wantType, want)
		}
		if status == 415 && strings.Contains(header.Get("Accept"), "one of") {
			t.Errorf("Accept: %s", header.Get("Accept"))
		}
	}
}

// Where any media type may have an object, JSON is read, validated and written as such, and anything else arrives as it is.
func TestObjectOfAnyMediaType(t *testing.T) {
	_, client, url := serve(t, contract.HandlerOptions{})
	note := Note{Text: "a"}
	response, err := client.PostAnyObjectWithResponse(t.Context(), note)
	if err != nil || response.JSON200 == nil || *response.JSON200 != note {
		t.Errorf("%+v, %v", response, err)
	}
	response, err = client.PostAnyObjectWithBodyWithResponse(t.Context(), "", nil)
	if err != nil || response.JSON4XX == nil || string(response.Body) != "[\"no\",\"body\"]\n" {
		t.Errorf("%+v, %v", response, err)
	}
	for _, c := range []struct {
		contentType, body string
		status            int
		want              string
	}{
		{"application/json", `{"text":"a"}`, 200, `{"text":"a"}`},
		{"application/json", `{"text":""}`, 400, "/text: want at least 1 character"},
		{"text/plain", "a", 201, "a"},
		{"application/xml", `{"text":"a"}`, 200, `{"text":"a"}`},
	} {
		status, _, body := send(t, "POST", url+"/any-object", c.contentType, "", strings.NewReader(c.body))
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d, %s", c.contentType, c.body, status, body)
		}
	}
	if response, err := client.PostAnyObjectWithBodyWithResponse(t.Context(), "application/xml", strings.NewReader(`{}`)); err == nil {
		t.Errorf("a response of JSON that is not valid is read: %+v", response)
	}
}

// Without a body nothing arrives; an empty text, form or file is one.
func TestEmptyBodies(t *testing.T) {
	s, client, url := serve(t, contract.HandlerOptions{})
	for _, c := range []struct {
		path, contentType, body string
		status                  int
		want                    string
	}{
		{"/json", "", "", 204, ""},
		{"/json", "application/json", "", 204, ""},
		{"/json", "application/json", " ", 400, "syntax"},
		{"/text", "", "", 204, ""},
		{"/text", "text/plain", "", 200, ""},
		{"/text", "text/plain", "\n", 200, "\n"},
		{"/number", "text/plain", "", 400, "an integer"},
		{"/number", "", "", 400, "it is missing"},
		{"/number", "text/plain", "0", 400, "at least 1"},
		{"/form", "", "", 204, ""},
		{"/form", "application/x-www-form-urlencoded", "", 400, `form member \"name\"`},
		{"/binary", "application/octet-stream", "", 200, ""},
		{"/binary", "", "", 400, "it is missing"},
		{"/anything", "", "", 200, ""},
	} {
		for _, chunked := range []bool{false, true} {
			var body io.Reader = strings.NewReader(c.body)
			if chunked {
				body = struct{ io.Reader }{body}
			}
			if status, _, text := send(t, "POST", url+c.path, c.contentType, "", body); status != c.status || !strings.Contains(text, c.want) {
				t.Errorf("%s with %q, %q (chunked: %v): %d %s; want %d %s", c.path, c.contentType, c.body, chunked, status, text, c.status, c.want)
			}
		}
	}
	ctx := context.Background()
	if resp, err := client.PostTextWithTextBodyWithResponse(ctx, ""); err != nil || resp.Text200 == nil || *resp.Text200 != "" {
		t.Errorf("an empty text: %v, %v", resp, err)
	}
	if resp, err := client.PostJSONWithBodyWithResponse(ctx, "", nil); err != nil || resp.StatusCode() != 204 || s.got.(*PostJSONJSONRequestBody) != nil {
		t.Errorf("no body: %v, %v, %v", resp, err, s.got)
	}
}

// Responses have the headers, the status and the body that the document describes for each.
// Each cookie has a line of its own, commas included.
func TestSetCookie(t *testing.T) {
	var invalid error
	s, client, url := serve(t, contract.HandlerOptions{OnError: func(_ *http.Request, err error) { invalid = err }})
	s.cookies = []string{"a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2; Path=/"}
	response, err := client.GetCookiesWithResponse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if lines := response.HTTPResponse.Header["Set-Cookie"]; !slices.Equal(lines, s.cookies) || !slices.Equal(response.Headers200.SetCookie, s.cookies) {
		t.Errorf("%q, read as %q", lines, response.Headers200.SetCookie)
	}
	single, err := client.PutCookieWithResponse(t.Context())
	if err != nil || single.Headers200.SetCookie != s.cookies[0] {
		t.Errorf("%+v, %v", single, err)
	}
	for _, c := range []struct {
		cookies []string
		want    string
	}{
		{[]string{"a=1", "b"}, `header "Set-Cookie/1": want at least 3 characters`},
		{[]string{"a=1", " b=2"}, "white space"},
		{nil, `header "Set-Cookie": want at least 1 item`},
	} {
		s.cookies = c.cookies
		if status, _, _ := send(t, "GET", url+"/cookies", "", "", nil); status != 500 || !strings.Contains(invalid.Error(), c.want) {
			t.Errorf("%q: %d, %v", c.cookies, status, invalid)
		}
	}
	// What comes from elsewhere.
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Set-Cookie"] = []string{"a=1, 2", "b=2"}
	}))
	defer foreign.Close()
	client, err = NewClientWithResponses(foreign.URL, WithHTTPClient(&http.Client{Transport: NewTransport(nil, contract.TransportOptions{})}))
	if err != nil {
		t.Fatal(err)
	}
	if single, err := client.PutCookieWithResponse(t.Context()); err != nil || single.Headers200.SetCookie != "a=1, 2" {
		t.Errorf("%+v, %v", single, err)
	}
	if several, err := client.GetCookiesWithResponse(t.Context()); err != nil || !slices.Equal(several.Headers200.SetCookie, []string{"a=1, 2", "b=2"}) {
		t.Errorf("%+v, %v", several, err)
	}
}

func TestStatuses(t *testing.T) {
	_, client, url := serve(t, contract.HandlerOptions{OnError: func(*http.Request, error) {}})
	ctx := context.Background()
	get := func(status int) *GetStatusesResponse {
		t.Helper()
		resp, err := client.GetStatusesWithResponse(ctx, &GetStatusesParams{Status: status})
		if err != nil {
			t.Fatalf("%d: %v", status, err)
		}
		if resp.StatusCode() != status {
			t.Errorf("%d, want %d", resp.StatusCode(), status)
		}
		return resp
	}
	if r := get(200); r.JSON200 == nil || r.JSON200.Text != "x" || r.JSON4XX != nil || r.Headers201 != nil {
		t.Errorf("200: %+v", r)
	}
	if r := get(201); r.Headers201 == nil || r.Headers201.Location != "https://example.com/a" {
		t.Errorf("201: %+v", r)
	}
	if r := get(202); r.Text202 == nil || *r.Text202 != 7 {
		t.Errorf("202: %+v", r)
	}
	if r := get(404); r.ApplicationproblemJSON404 == nil || r.JSON4XX != nil {
		t.Errorf("404: %+v", r)
	}
	if r := get(418); r.JSON4XX == nil || *r.JSON4XX != "tea" {
		t.Errorf("418: %+v", r)
	}
	get(507)
	if status, _, _ := send(t, "GET", url+"/statuses?status=999", "", "", nil); status != 500 {
		t.Errorf("a status that there is none of: %d", status)
	}
	resp, err := client.PostJSONWithResponse(ctx, Note{Text: "problem"})
	if err != nil || resp.ApplicationproblemJSONDefault == nil || resp.ApplicationproblemJSONDefault.Title != "late" || resp.Headers200 != nil {
		t.Errorf("default: %+v, %v", resp, err)
	}
	resp, err = client.PostJSONWithResponse(ctx, Note{Text: "x"})
	if err != nil || resp.Headers200 == nil || !resp.Headers200.XWhen.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || !slices.Equal(resp.Headers200.XTags, []string{"a", "b"}) {
		t.Errorf("headers: %+v, %v", resp, err)
	}
}

// HEAD has an operation of its own or is served by that of GET; there is no body in any case.
func TestHead(t *testing.T) {
	_, client, url := serve(t, contract.HandlerOptions{})
	if resp, err := client.HeadHeadWithResponse(context.Background()); err != nil || resp.Headers200.XCount != 4 {
		t.Errorf("%+v, %v", resp, err)
	}
	for path, want := range map[string]int{"/head": 200, "/statuses?status=202": 202, "/events": 200} {
		status, header, body := send(t, "HEAD", url+path, "", "", nil)
		if status != want || body != "" || header.Get("Content-Type") == "" && path != "/head" {
			t.Errorf("HEAD %s: %d, %v, %q", path, status, header, body)
		}
	}
}

// Bytes go through as they are; the name of a file is neither a path nor a header.
func TestBytes(t *testing.T) {
	_, client, url := serve(t, contract.HandlerOptions{})
	ctx := context.Background()
	for _, c := range []struct{ path, contentType, body string }{
		{"/binary", "application/octet-stream", "\x00\xff"}, {"/binary", "image/png", "\x89PNG"}, {"/xml", "application/xml", "<a>&</a>"},
		{"/anything", "application/x-other", "\xff"},
	} {
		if status, header, body := send(t, "POST", url+c.path, c.contentType, "", strings.NewReader(c.body)); status != 200 || body != c.body || header.Get("Content-Type") != c.contentType {
			t.Errorf("%s, %s: %d %v %q", c.path, c.contentType, status, header, body)
		}
	}
	resp, err := client.PostBinaryWithBodyWithResponse(ctx, "application/octet-stream", strings.NewReader("a\"\r\nSet-Cookie: x=1; filename=\"b.exe\x00ž"))
	if err != nil {
		t.Fatal(err)
	}
	if d, got := resp.Headers200.ContentDisposition, resp.HTTPResponse.Header; d == nil || strings.ContainsAny(*d, "\"\r\n") || len(got["Set-Cookie"]) > 0 || !strings.HasPrefix(*d, "attachment; filename*=utf-8''") {
		t.Errorf("%v", got)
	}
	for name, want := range map[string]string{
		"a.txt": "a.txt", "../../etc/passwd": "passwd", `C:\dir\b.txt`: "b.txt", "..": "", ".": "", "a/": "", "": "", "a\x00\r\nb": "ab", "x. . ": "x",
		`"; filename=evil`: "; filename=evil", strings.Repeat("é", 200): strings.Repeat("é", 127), ".profile": ".profile", "\xffa": "a",
	} {
		if got := contract.SafeName(name); got != want {
			t.Errorf("SafeName(%q) = %q, want %q", name, got, want)
		}
	}
}

// What is read-only is refused in a request or, with a hook, neither read nor checked.
func TestReadOnly(t *testing.T) {
	const text = `{"id":"whatever","name":"n","password":"p"}`
	_, _, url := serve(t, contract.HandlerOptions{})
	if status, _, body := send(t, "PUT", url+"/user", "application/json", "", strings.NewReader(text)); status != 400 || !strings.Contains(body, "readOnly") {
		t.Errorf("without the option: %d %s", status, body)
	}
	var told []string
	s, _, url := serve(t, contract.HandlerOptions{OnReadOnly: func(_ *http.Request, members []contract.Violation) {
		for _, m := range members {
			told = append(told, m.In+m.Pointer)
		}
	}})
	status, _, body := send(t, "PUT", url+"/user", "application/json", "", strings.NewReader(text))
	if user := s.got.(User); status != 200 || user.ID != nil || user.Name != "n" || !slices.Equal(told, []string{"body/id"}) {
		t.Errorf("with the option: %d %s, %+v, %q", status, body, user, told)
	}
	if strings.Contains(body, "password") {
		t.Errorf("a response with what is write-only: %s", body)
	}
}

// What is sent can be read by others: names are quoted and come first, as RFC 7578 and browsers have it, also those that are not ASCII, and an
// object has the media type of JSON.
func TestMultipartForOthers(t *testing.T) {
	form := Upload{Note: Note{Text: "n"}, Events: []Note{{Text: "a"}}, GrößeX: new("1 m")}
	form.Image.InitFromBytes([]byte("x"), "größe.png")
	contentType, body, err := NewPostMultipartMultipartBody(form)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Content-Disposition: form-data; name=\"image\"; filename=\"größe.png\"\r\nContent-Type: image/png\r\n\r\nx\r\n",
		"Content-Disposition: form-data; name=\"events\"\r\nContent-Type: application/json\r\n\r\n{\"text\":\"a\"}\r\n",
		"Content-Disposition: form-data; name=\"note\"\r\nContent-Type: application/json\r\n\r\n{\"text\":\"n\"}\r\n",
		"Content-Disposition: form-data; name=\"größe \\\"x\\\"\"\r\n\r\n1 m\r\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	_, _, url := serve(t, contract.HandlerOptions{})
	if status, _, got := send(t, "POST", url+"/multipart", contentType, "", bytes.NewReader(text)); status != 200 || !strings.Contains(got, "größe.png") {
		t.Errorf("%d, %s", status, got)
	}
}

// A form in parts arrives as it was written by the generated function.
func TestMultipart(t *testing.T) {
	_, client, _ := serve(t, contract.HandlerOptions{})
	form := Upload{Note: Note{Text: "n"}, Tags: []string{"a", "b"}, Files: make([]openapi_types.File, 2), Extra: map[string]int{"one": 1}}
	form.Text, form.Count = new("line\r\nline -- é & %41 + =\x01"), new(5)
	form.Image.InitFromBytes([]byte("\x89PNG\r\n\x00\xff"), "../dir/i.png")
	form.Files[0].InitFromBytes([]byte("one"), "")
	form.Files[1].InitFromBytes(nil, "two\"; filename=\"x.exe")
	form.Dates = []openapi_types.Date{{Time: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)}, {Time: time.Date(2026, 2, 4, 0, 0, 0, 0, time.UTC)}}
	contentType, body, err := NewPostMultipartMultipartBody(form)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.PostMultipartWithBodyWithResponse(context.Background(), contentType, body)
	if err != nil || resp.JSON200 == nil {
		t.Fatalf("%v, %s", err, resp.Body)
	}
	form.Image.InitFromBytes([]byte("\x89PNG\r\n\x00\xff"), "i.png")
	form.Files[0].InitFromBytes([]byte("one"), "file")
	form.Files[1].InitFromBytes(nil, "two; filename=x.exe")
	want, err := json.Marshal(describe(&form))
	if got := strings.TrimSpace(string(resp.Body)); err != nil || got != string(want) {
		t.Errorf("%s; want %s, %v", got, want, err)
	}
	form.Signed = new("x")
	if _, _, err := NewPostMultipartMultipartBody(form); err == nil || !strings.Contains(err.Error(), "X-Signature") {
		t.Errorf("a part with a header that is required: %v", err)
	}
	form.Signed, form.Tags = nil, []string{"a,b"}
	if _, _, err := NewPostMultipartMultipartBody(form); err == nil || !strings.Contains(err.Error(), "would separate") {
		t.Errorf("a delimiter within an item: %v", err)
	}
	form.Tags, form.Note.Text = nil, ""
	var invalid *contract.ValidationError
	if _, _, err := NewPostMultipartMultipartBody(form); !errors.As(err, &invalid) || invalid.Violations[0].In != "form" {
		t.Errorf("a violation: %v", err)
	}
}

// part is a part of a form: its name, then its content, then its headers.
type part []string

// multipartOf writes parts by hand.
func multipartOf(parts []part) (contentType string, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p[0] + `"`}}
		for _, line := range p[2:] {
			name, value, _ := strings.Cut(line, ": ")
			header.Set(name, value)
		}
		content, _ := w.CreatePart(header)
		_, _ = io.WriteString(content, p[1]) // to a buffer, which cannot fail
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

var (
	notePart  = part{"note", `{"text":"n"}`}
	imagePart = part{"image", "i", `Content-Disposition: form-data; name="image"; filename="i"`, "Content-Type: image/png"}
)

// What is wrong with a form in parts is reported with its place, all at once, and nothing of it has been read.
func TestInvalidMultipart(t *testing.T) {
	_, _, url := serve(t, contract.HandlerOptions{})
	for _, c := range []struct {
		name  string
		parts []part
		want  []string // places and rules; none if the form is valid
	}{
		{"all", []part{notePart, imagePart, {"text", "t"}, {"count", "5"}, {"tags", "a,b"}, {"files", "f"}, {"dates", "2026-01-02"}, {"signed", "s", "X-Signature: y"}}, nil},
		{"JSON for a list", []part{notePart, imagePart, {"dates", `["2026-01-02"]`, "Content-Type: application/json"}}, nil},
		{"JSON for each item", []part{notePart, imagePart, {"events", `{"text":"a"}`, "Content-Type: application/json"}, {"events", `{"text":"b"}`, "Content-Type: application/json"},
			{"dates", `"2026-01-02"`, "Content-Type: application/json"}, {"dates", "2026-01-03"}}, nil},
		{"wrong JSON for an item", []part{notePart, imagePart, {"events", `{"text":"a"}`}, {"events", `{"text":""}`, "Content-Type: application/json"}}, []string{"/events/1/text minLength"}},
		{"missing", []part{notePart}, []string{"/image required"}},
		{"nothing", nil, []string{"/note required", "/image required"}},
		{"several", []part{{"note", `{"text":""}`}, {"count", "x"}, {"dates", "2026-01-02"}, {"dates", "y"}}, []string{"/note/text minLength", "/count type", "/dates/1 format", "/image required"}},
		{"not JSON", []part{{"note", "x"}, imagePart}, []string{"/note syntax"}},
		{"the wrong type of a file", []part{notePart, {"image", "i", "Content-Type: text/html"}}, []string{"/image content"}},
		{"no type of a file", []part{notePart, {"image", "i"}}, nil},
		{"a missing header", []part{notePart, imagePart, {"signed", "s"}}, []string{"/signed required"}},
		{"a wrong header", []part{notePart, {"image", "i", "Content-Type: image/png", "X-Size: x"}}, []string{"/image type"}},
		{"twice", []part{notePart, imagePart, {"count", "1"}, {"count", "2"}}, []string{"/count duplicate"}},
		{"a file twice", []part{notePart, imagePart, imagePart}, []string{"/image duplicate"}},
		{"no name", []part{notePart, imagePart, {"x", "1", "Content-Disposition: attachment"}}, []string{" syntax"}},
		{"not UTF-8", []part{notePart, imagePart, {"text", "\xff"}}, []string{"/text syntax"}},
		{"another encoding", []part{notePart, imagePart, {"text", "=41", "Content-Transfer-Encoding: quoted-printable"}}, []string{"/text content"}},
		{"another charset", []part{notePart, imagePart, {"text", "a", "Content-Type: text/plain; charset=utf-16"}}, []string{"/text content"}},
	} {
		contentType, text := multipartOf(c.parts)
		status, _, body := send(t, "POST", url+"/multipart", contentType, "", strings.NewReader(text))
		var problem struct {
			Errors []struct{ In, Pointer, Rule string }
		}
		if err := json.Unmarshal([]byte(body), &problem); err != nil {
			t.Fatalf("%s: %d %s", c.name, status, body)
		}
		var got []string
		for _, e := range problem.Errors {
			got = append(got, e.Pointer+" "+e.Rule)
			if e.In != "form" {
				t.Errorf("%s: an error in %q", c.name, e.In)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) || (len(c.want) == 0) != (status == 200) || len(c.want) > 0 && status != 400 {
			t.Errorf("%s: %d, %q; want %q: %s", c.name, status, got, c.want, body)
		}
	}
}

func (s *server) PostClosed(_ context.Context, r PostClosedRequestObject) (PostClosedResponseObject, error) {
	form, err := ReadPostClosedMultipartBody(r.Body)
	s.got = form
	return PostClosed204Response{}, err
}

// A form that is closed has no other parts, files or not, and a read-only member only where an option says so.
func TestClosedMultipart(t *testing.T) {
	for _, c := range []struct {
		parts  []part
		ignore bool
		want   string // empty if the form is valid
	}{
		{parts: []part{{"a", "1"}, {"file", "\xff"}, {"b", "x"}}},
		{parts: nil},
		{parts: []part{{"a", "1"}, {"c", "1"}}, want: "additionalProperties"},
		{parts: []part{{"c", "1", `Content-Disposition: form-data; name="c"; filename="c"`}}, want: "additionalProperties"},
		{parts: []part{{"id", "1"}}, want: "readOnly"},
		{parts: []part{{"id", "1"}}, ignore: true},
	} {
		options := contract.HandlerOptions{}
		if c.ignore {
			options.OnReadOnly = func(*http.Request, []contract.Violation) {}
		}
		contentType, text := multipartOf(c.parts)
		_, _, url := serve(t, options)
		status, _, body := send(t, "POST", url+"/multipart-closed", contentType, "", strings.NewReader(text))
		if (status == 204) != (c.want == "") || !strings.Contains(body, `"rule":"`+c.want) && c.want != "" {
			t.Errorf("%q: %d %s; want %s", c.parts, status, body, c.want)
		}
	}
}

// Read-only members within the parts of a form are refused or, with a hook, neither read nor checked; the hook is told of all of them.
func TestReadOnlyWithinParts(t *testing.T) {
	contentType, text := multipartOf([]part{
		{"id", "1"}, {"user", `{"id":"whatever","name":"<n>","password":"p"}`, "Content-Type: application/json"},
		{"users", `{"name":"a","password":"p"}`, "Content-Type: application/json"}, {"users", `{"id":2,"name":"b","password":"p"}`},
	})
	_, _, url := serve(t, contract.HandlerOptions{})
	status, _, body := send(t, "POST", url+"/multipart-closed", contentType, "", strings.NewReader(text))
	if status != 400 || !strings.Contains(body, `"pointer":"/user/id","rule":"readOnly"`) {
		t.Errorf("without the option: %d %s", status, body)
	}
	var told []string
	s, _, url := serve(t, contract.HandlerOptions{OnReadOnly: func(_ *http.Request, members []contract.Violation) {
		for _, m := range members {
			told = append(told, m.In+m.Pointer)
		}
	}})
	if status, _, body := send(t, "POST", url+"/multipart-closed", contentType, "", strings.NewReader(text)); status != 204 {
		t.Fatalf("with the option: %d %s", status, body)
	}
	form := s.got.(*Closed)
	if form.ID != nil || form.User == nil || form.User.ID != nil || form.User.Name != "<n>" || *form.User.Password != "p" ||
		len(form.Users) != 2 || form.Users[1].ID != nil || form.Users[1].Name != "b" {
		t.Errorf("the form is %+v", form)
	}
	if slices.Sort(told); !slices.Equal(told, []string{"form/id", "form/user/id", "form/users/1/id"}) {
		t.Errorf("the hook is told of %q", told)
	}
	contentType, text = multipartOf([]part{{"user", `{"id":1,"name":1,"password":"p"}`, "Content-Type: application/json"}})
	if status, _, body := send(t, "POST", url+"/multipart-closed", contentType, "", strings.NewReader(text)); status != 400 ||
		!strings.Contains(body, `"pointer":"/user/name","rule":"type"`) || strings.Contains(body, "/user/id") {
		t.Errorf("another violation: %d %s", status, body)
	}
}

// A handler that is not generated gets a form in parts that is validated while it is parsed.
func TestForwardMultipart(t *testing.T) {
	var parsed error
	var name string
	h := contract.NewHandler(Operations(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if parsed = r.ParseMultipartForm(1 << 20); parsed == nil {
			name = r.MultipartForm.File["image"][0].Filename
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "1")
	}), contract.HandlerOptions{})
	for _, valid := range []bool{true, false} {
		parts := []part{notePart, {"image", "i", `Content-Disposition: form-data; name="image"; filename="..\a/../b"`}}
		if !valid {
			parts = parts[1:]
		}
		contentType, body := multipartOf(parts)
		r := httptest.NewRequest("POST", "/multipart", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		h.ServeHTTP(httptest.NewRecorder(), r)
		var invalid *contract.BodyError
		if valid && (parsed != nil || name != "b") || !valid && !errors.As(parsed, &invalid) {
			t.Errorf("valid: %v; %v, %q", valid, parsed, name)
		}
	}
	r := httptest.NewRequest("POST", "/multipart", strings.NewReader("x"))
	r.Header.Set("Content-Type", "multipart/form-data")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 400 {
		t.Errorf("without a boundary: %d", w.Code)
	}
}

func notes(texts ...string) iter.Seq2[Note, error] {
	return func(yield func(Note, error) bool) {
		for _, text := range texts {
			if !yield(Note{Text: text}, nil) {
				return
			}
		}
	}
}

// collect reads a sequence up to its first error.
func collect[T any](items iter.Seq2[T, error]) (all []T, err error) {
	for item, err := range items {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// Items are validated one by one, on both sides and in both directions.
func TestLines(t *testing.T) {
	var failures atomic.Int32
	_, client, url := serve(t, contract.HandlerOptions{OnError: func(*http.Request, error) { failures.Add(1) }})
	ctx := context.Background()
	send2 := func(texts ...string) ([]Note, error) {
		contentType, body := NewPostLinesItemsBody(notes(texts...))
		resp, err := client.PostLinesWithBodyWithResponse(ctx, contentType, body)
		if err != nil {
			return nil, err
		}
		return collect(resp.Items200)
	}
	if got, err := send2("a", "b\nc", "d"); err != nil || !slices.Equal(got, []Note{{Text: "a"}, {Text: "b\nc"}, {Text: "d"}}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := send2(); err != nil || len(got) > 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
	var invalid *contract.ValidationError
	if got, err := send2("a", ""); !errors.As(err, &invalid) {
		t.Errorf("an invalid item: %v, %v", got, err)
	}
	// The first item is wrong: nothing has been sent, and the response is a 400.
	if status, _, body := send(t, "POST", url+"/lines", "application/jsonl", "", strings.NewReader("{\"text\":\"\"}\n")); status != 400 || !strings.Contains(body, `"/0/text"`) {
		t.Errorf("%d %s", status, body)
	}
	// A later one is wrong: the response has begun and is cut.
	resp, err := http.Post(url+"/lines", "application/jsonl", strings.NewReader("{\"text\":\"a\"}\n\n{\"text\":\"\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); string(text) != "{\"text\":\"a\"}\n" || err == nil || failures.Load() == 0 {
		t.Errorf("%q, %v, %d failures", text, err, failures.Load())
	}
	// The last line may have no end.
	if status, _, body := send(t, "POST", url+"/lines", "application/jsonl", "", strings.NewReader("{\"text\":\"a\"}\r\n{\"text\":\"b\"}")); status != 200 || body != "{\"text\":\"a\"}\n{\"text\":\"b\"}\n" {
		t.Errorf("%d %s", status, body)
	}
	long := strings.NewReader(`{"text":"` + strings.Repeat("x", 2<<20))
	_, _, url = serve(t, contract.HandlerOptions{MaxStream: 1 << 30})
	if status, _, body := send(t, "POST", url+"/lines", "application/jsonl", "", long); status != 400 || !strings.Contains(body, "size") {
		t.Errorf("a long item: %d %s", status, body)
	}
}

// Events have their fields, whatever ends the lines.
func TestEvents(t *testing.T) {
	_, client, url := serve(t, contract.HandlerOptions{})
	ctx := context.Background()
	resp, err := client.GetEventsWithResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if events, err := collect(resp.Items200); err != nil || len(events) != 3 || *events[2].ID != "2" || *events[2].Data != `{"text":"2"}` {
		t.Errorf("%v, %v", events, err)
	}
	status, _, body := send(t, "POST", url+"/events", "text/event-stream", "",
		strings.NewReader(": comment\r\nevent:a\r\ndata: x\r\ndata:y\r\nid\r\nretry: 5\r\n\r\n\r\nother: z\n\ndata: last\r\rdata: not complete"))
	if want := "data: x\ndata: y\nevent: a\nid: \nretry: 5\n\ndata: last\n\n"; status != 200 || body != want {
		t.Errorf("%d %q, want %q", status, body, want)
	}
	bad := "a\nb"
	contentType, stream := NewPostEventsItemsBody(func(yield func(Event, error) bool) { yield(Event{Event: &bad}, nil) })
	if _, err := client.PostEventsWithBodyWithResponse(ctx, contentType, stream); err == nil || !strings.Contains(err.Error(), "more than one line") {
		t.Errorf("a name with two lines: %v", err)
	}
}

// respondWith makes a client whose responses are all the same, with a transport that reads tolerantly if onDeviation is not nil.
func respondWith(t *testing.T, status int, header http.Header, body string, validate bool, onDeviation func(*contract.Deviation) error) *ClientWithResponses {
	t.Helper()
	var transport http.RoundTripper = roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header.Clone(), Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
	})
	if validate {
		opts := contract.TransportOptions{}
		if onDeviation != nil {
			opts.OnDeviation = func(_ *http.Request, d *contract.Deviation) error { return onDeviation(d) }
		}
		transport = NewTransport(transport, opts)
	}
	client, err := NewClientWithResponses("http://127.0.0.1:1", WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A header of a response that violates the document is an error; where it is tolerated, it is absent and never another value.
func TestWrongResponseHeaders(t *testing.T) {
	for _, header := range []http.Header{
		{"X-When": {"yesterday"}}, {"X-When": {"2026-01-02 03:04:05 +0000 UTC"}}, {"X-When": {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"}},
	} {
		header["Content-Type"] = []string{"application/json"}
		for _, validate := range []bool{false, true} {
			_, err := respondWith(t, 200, header, `{"text":"a"}`, validate, nil).PostJSONWithResponse(t.Context(), Note{Text: "a"})
			var invalid *contract.ResponseError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), `header "X-When"`) || string(invalid.Body) != `{"text":"a"}` {
				t.Errorf("%v, validated by the transport %v: %v", header, validate, err)
			}
		}
		deviations := 0
		resp, err := respondWith(t, 200, header, `{"text":"a"}`, true, func(*contract.Deviation) error { deviations++; return nil }).
			PostJSONWithResponse(t.Context(), Note{Text: "a"})
		if err != nil || deviations != 1 || resp.JSON200 == nil || resp.Headers200.XWhen != nil {
			t.Errorf("%v, tolerantly: %v, %d deviations, %+v", header, err, deviations, resp)
		}
	}
	_, err := respondWith(t, 200, http.Header{}, "", false, nil).HeadHeadWithResponse(t.Context())
	var invalid *contract.ResponseError
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), `header "X-Count"`) {
		t.Errorf("a header that is required and missing: %v", err)
	}
}

// Items of a response are read as tolerantly as other responses.
func TestTolerantItems(t *testing.T) {
	header := http.Header{"Content-Type": {"application/jsonl"}}
	const body = `{"text":"a"}` + "\n" + `{"text":""}` + "\n" + `{"text":5}` + "\n" + `{"other":1}` + "\n" + `{"text":"b"}` + "\n"
	read := func(onDeviation func(*contract.Deviation) error) (texts, wrong []string) {
		resp, err := respondWith(t, 200, header, body, true, onDeviation).PostLinesWithBodyWithResponse(t.Context(), "application/jsonl", strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		for note, err := range resp.Items200 {
			if err != nil {
				wrong = append(wrong, err.Error())
			} else {
				texts = append(texts, note.Text)
			}
		}
		return texts, wrong
	}
	if texts, wrong := read(nil); !slices.Equal(texts, []string{"a", "b"}) || len(wrong) != 3 {
		t.Errorf("strictly: %q, %q", texts, wrong)
	}
	var deviations []string
	texts, wrong := read(func(d *contract.Deviation) error {
		for _, v := range d.Violations {
			deviations = append(deviations, string(d.Body)+" "+v.In+v.Pointer)
		}
		return nil
	})
	if !slices.Equal(texts, []string{"a", "", "b"}) || len(wrong) != 2 || !slices.Equal(deviations, []string{`{"text":""} body/1/text`}) {
		t.Errorf("tolerantly: %q, %q, deviations %q", texts, wrong, deviations)
	}
	refused := errors.New("not this one")
	if texts, wrong := read(func(*contract.Deviation) error { return refused }); !slices.Equal(texts, []string{"a", "b"}) || !strings.Contains(wrong[0], "not this one") {
		t.Errorf("refused: %q, %q", texts, wrong)
	}
}
