package features_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/internal/features"
	"github.com/interconnect-go/interconnect/internal/features/compat"
)

// A receiver keeps what it receives, and responds as it is told.
type receiver struct {
	features.UnimplementedWebhookReceiver
	got      []features.PetAdoptedRequestObject
	response features.PetAdoptedResponseObject
}

func (r *receiver) HandlePetAdoptedWebhook(_ context.Context, request features.PetAdoptedRequestObject) (features.PetAdoptedResponseObject, error) {
	r.got = append(r.got, request)
	return r.response, nil
}

// hookServer serves a handler at a path, and counts the requests that arrive.
func hookServer(t *testing.T, handler http.Handler) (url string, requests *int) {
	requests = new(int)
	mux := http.NewServeMux()
	mux.HandleFunc("/hooks/adopted/", func(w http.ResponseWriter, r *http.Request) {
		*requests++
		if r.URL.Path != "/hooks/adopted/" {
			t.Errorf("the request was sent to %s", r.URL)
		}
		handler.ServeHTTP(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/hooks/adopted/?tenant=7", requests
}

const secret = "a secret that sender and receiver share"

// sign is what senders of webhooks commonly do: the signature of the body in a header.
func sign(_ context.Context, req *http.Request) error {
	body, err := req.GetBody()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(text)
	req.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
	return err
}

// verify refuses requests that are not signed.
func verify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(text)
		if err != nil || r.Header.Get("X-Signature") != hex.EncodeToString(mac.Sum(nil)) {
			http.Error(w, "not signed", http.StatusForbidden)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		next.ServeHTTP(w, r)
	})
}

// A webhook goes from the generated sender to the generated receiver and is answered, in each of its media types.
func TestWebhook(t *testing.T) {
	r := &receiver{response: features.PetAdopted200JSONResponse{
		Body: features.Receipt{ID: 42}, Headers: features.PetAdopted200ResponseHeaders{XQueue: new("fast")},
	}}
	url, _ := hookServer(t, verify(features.NewPetAdoptedWebhookHandler(r, contract.HandlerOptions{})))
	sender, err := features.NewWebhookInitiator(features.WithWebhookRequestEditorFn(sign))
	if err != nil {
		t.Fatal(err)
	}
	params := &features.PetAdoptedParams{XEventID: uuid.New(), Attempt: new(3)}
	adoption := features.Adoption{Pet: "Ada", Age: new(2)}
	for name, send := range map[string]func() (*http.Response, error){
		"JSON": func() (*http.Response, error) { return sender.PetAdopted(t.Context(), url, params, adoption) },
		"form": func() (*http.Response, error) {
			return sender.PetAdoptedWithFormdataBody(t.Context(), url, params, adoption)
		},
		"any body": func() (*http.Response, error) {
			return sender.PetAdoptedWithBody(t.Context(), url, params, "application/json", strings.NewReader(`{"pet":"Ada","age":2}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r.got = nil
			resp, err := send()
			if err != nil {
				t.Fatal(err)
			}
			reply, err := features.ParsePetAdoptedResponse(resp)
			if err != nil {
				t.Fatal(err)
			}
			if reply.JSON200 == nil || reply.JSON200.ID != 42 || reply.Headers200 == nil || *reply.Headers200.XQueue != "fast" {
				t.Errorf("got the response %+v", reply)
			}
			if len(r.got) != 1 || r.got[0].Params.XEventID != params.XEventID || *r.got[0].Params.Attempt != 3 {
				t.Fatalf("received %+v", r.got)
			}
			body := r.got[0].JSONBody
			if name == "form" {
				body = r.got[0].FormdataBody
			}
			if body == nil || body.Pet != "Ada" || *body.Age != 2 {
				t.Errorf("received the body %+v", body)
			}
		})
	}
}

// What the document does not describe is not sent.
func TestWebhookInvalidRequest(t *testing.T) {
	url, requests := hookServer(t, http.NotFoundHandler())
	sender, err := features.NewWebhookInitiator()
	if err != nil {
		t.Fatal(err)
	}
	params := &features.PetAdoptedParams{XEventID: uuid.New()}
	for name, c := range map[string]struct {
		send func() (*http.Response, error)
		want string
	}{
		"body": {func() (*http.Response, error) {
			return sender.PetAdopted(t.Context(), url, params, features.Adoption{Pet: "", Age: new(-1)})
		}, "/age: want at least 0"},
		"form": {func() (*http.Response, error) {
			return sender.PetAdoptedWithFormdataBody(t.Context(), url, params, features.Adoption{})
		}, `form member "pet": want at least 1 character`},
		"parameter": {func() (*http.Response, error) {
			return sender.PetAdopted(t.Context(), url, &features.PetAdoptedParams{Attempt: new(0)}, features.Adoption{Pet: "x"})
		}, `query parameter "attempt": want at least 1`},
		"any body": {func() (*http.Response, error) {
			return sender.PetAdoptedWithBody(t.Context(), url, params, "application/json", strings.NewReader(`{"age":1}`))
		}, "/pet: want a string"},
		"no JSON": {func() (*http.Response, error) {
			return sender.PetAdoptedWithBody(t.Context(), url, params, "application/json", strings.NewReader(`{`))
		}, "complete JSON value"},
		"media type": {func() (*http.Response, error) {
			return sender.PetAdoptedWithBody(t.Context(), url, params, "text/csv", strings.NewReader(`a`))
		}, "want one of application/json, application/x-www-form-urlencoded"},
		"no body": {func() (*http.Response, error) {
			return sender.PetAdoptedWithBody(t.Context(), url, params, "application/json", nil)
		}, "want a body of type"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := c.send()
			if err == nil {
				resp.Body.Close()
			}
			var invalid *contract.ValidationError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a ValidationError with %q", err, c.want)
			}
		})
	}
	if *requests != 0 {
		t.Errorf("%d requests were sent", *requests)
	}
}

// A receiver refuses what the document does not describe, whoever sends it, and does not respond with it.
func TestWebhookReceiver(t *testing.T) {
	const json = "application/json"
	id := http.Header{"X-Event-Id": {uuid.NewString()}, "Content-Type": {json}}
	r := &receiver{}
	own := features.NewPetAdoptedWebhookHandler(r, contract.HandlerOptions{OnError: func(*http.Request, error) {}})
	for _, c := range []struct {
		name, method, body string
		header             http.Header
		response           features.PetAdoptedResponseObject
		status             int
		contains           string
	}{
		{"valid", "POST", `{"pet":"Ada"}`, id, features.PetAdopted200JSONResponse{Body: features.Receipt{ID: 1}}, 200, `{"id":1}`},
		{"method", "PUT", `{"pet":"Ada"}`, id, nil, 405, "available are POST"},
		{"body", "POST", `{"age":-1}`, id, nil, 400, `"pointer":"/pet"`},
		{"no JSON", "POST", `{`, id, nil, 400, "syntax"},
		{"no body", "POST", ``, id, nil, 400, "it is missing"},
		{"header", "POST", `{"pet":"Ada"}`, http.Header{"Content-Type": {json}}, nil, 400, "/X-Event-ID"},
		{"media type", "POST", `a`, http.Header{"Content-Type": {"text/csv"}}, nil, 415, "want one of"},
		{"no response", "POST", `{"pet":"Ada"}`, id, nil, 500, "invalid response"},
		{"invalid status", "POST", `{"pet":"Ada"}`, id, features.PetAdopted4XXResponse{StatusCode: 302}, 500, "invalid response"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.response = c.response
			w := httptest.NewRecorder()
			req := httptest.NewRequest(c.method, "/anywhere", strings.NewReader(c.body))
			req.Header = c.header.Clone()
			own.ServeHTTP(w, req)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.contains) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

// The document's security is for its servers; a webhook has only its own.
func TestWebhookSecurity(t *testing.T) {
	handler := features.NewPingedWebhookHandler(features.UnimplementedWebhookReceiver{}, contract.HandlerOptions{OnError: func(*http.Request, error) {}})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("without credentials got %d", w.Code)
	}
	w = httptest.NewRecorder()
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("Authorization", "Bearer x")
	handler.ServeHTTP(w, req)
	if w.Code != http.StatusNotImplemented {
		t.Errorf("a webhook that is not implemented got %d", w.Code)
	}
}

// httpReceiver is written for oapi-codegen's receivers.
type httpReceiver struct {
	compat.WebhookReceiverInterface
	params compat.PetAdoptedParams
	body   string
}

func (r *httpReceiver) HandlePetAdoptedWebhook(w http.ResponseWriter, req *http.Request, params compat.PetAdoptedParams) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	r.params, r.body = params, string(text)
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(r.body, "bad") {
		_, _ = io.WriteString(w, `{"id":"no number"}`)
		return
	}
	_, _ = io.WriteString(w, `{"id":7}`)
}

func TestWebhookReceiverOfRequests(t *testing.T) {
	var problems []error
	onError := func(w http.ResponseWriter, _ *http.Request, err error) {
		problems = append(problems, err)
		http.Error(w, err.Error(), http.StatusTeapot)
	}
	r := &httpReceiver{}
	url, _ := hookServer(t, compat.PetAdoptedWebhookHandler(r, onError, verify))
	sender, err := compat.NewWebhookInitiator(compat.WithWebhookRequestEditorFn(sign), compat.WithWebhookHTTPClient(http.DefaultClient))
	if err != nil {
		t.Fatal(err)
	}
	params := &compat.PetAdoptedParams{XEventID: uuid.New()}
	send := func(body compat.Adoption) int {
		resp, err := sender.PetAdopted(t.Context(), url, params, body)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if status := send(compat.Adoption{Pet: "Ada"}); status != 200 || r.body != `{"pet":"Ada"}` || r.params.XEventID != params.XEventID || *r.params.Attempt != 1 {
		t.Errorf("got %d, and received %q with %+v", status, r.body, r.params)
	}
	if status := send(compat.Adoption{Pet: "bad"}); status != http.StatusTeapot {
		t.Errorf("an invalid response became %d", status)
	}
	resp, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a request without signature got %d", resp.StatusCode)
	}
	var failure *contract.Failure
	if len(problems) != 1 || !errors.As(problems[0], &failure) {
		t.Errorf("the error handler got %v", problems)
	}
}

// callbackReceiver receives a callback.
type callbackReceiver struct {
	got []*features.AdoptionJSONRequestBody
}

func (r *callbackReceiver) HandleAdoptionCallback(_ context.Context, request features.AdoptionRequestObject) (features.AdoptionResponseObject, error) {
	r.got = append(r.got, request.Body)
	return features.Adoption204Response{}, nil
}

func TestCallback(t *testing.T) {
	r := &callbackReceiver{}
	url, _ := hookServer(t, features.NewAdoptionCallbackHandler(r, contract.HandlerOptions{}))
	sender, err := features.NewCallbackInitiator()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := sender.Adoption(t.Context(), url, features.Adoption{Pet: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := features.ParseAdoptionResponse(resp); err != nil || reply.StatusCode() != 204 || len(r.got) != 1 || r.got[0].Pet != "Ada" {
		t.Errorf("got %+v, %v, and received %+v", reply, err, r.got)
	}
}
