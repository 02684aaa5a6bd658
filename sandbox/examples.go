package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// NewExamples returns a handler that answers with examples, for the test suites of SDKs and for mock-ups. It has no
// state: whatever is asked for exists, what is created or deleted changes nothing, and the same request always has the
// same response.
//
// Requests are checked for their shape: credentials, media types, the names and the types of parameters and members,
// and which of them are required. Values are not looked at, so that placeholders such as "type": "type" are accepted.
// Responses are payloads of [api.Examples]; they are validated against the whole document.
//
// Of several examples, the one with the name or ID in the path is taken; for an order, the one that fits the members of the
// body, whatever its "type" is; or else the first. A list is one page. It is filtered by the members of its items; a filter
// that would leave nothing is ignored. A link is always Healthy.
//
// The routes are those of a [Sandbox]. If logger is not nil, one line is logged for each request, without its query and its
// credentials; if it is nil, nothing is logged but internal errors, which go to [slog.Default].
func NewExamples(logger *slog.Logger) http.Handler {
	operations := interconnect.Operations()
	for i := range operations {
		operations[i] = shapeOf(operations[i])
	}
	s := &Sandbox{config: config{logger: logger}, limits: newLimits()} // which only carries requests and responses to and fro
	serve := func(basePath string) http.Handler {
		mux := http.NewServeMux()
		for _, op := range operations {
			mux.Handle(op.Method+" "+basePath+op.Path, newExample(op))
		}
		return contract.NewHandler(operations, mux, contract.HandlerOptions{
			BasePath:     basePath,
			MaxBody:      maxBody,
			Authenticate: s.authenticate,
			WriteFailure: writeFailure,
			OnError:      s.logError,
		})
	}
	s.atRoot, s.atBasePath = serve(""), serve(interconnect.BasePath)
	return http.HandlerFunc(s.ServeHTTP)
}

// examples names the payloads of each schema of a response, those of a union in the order of its variants.
var examples = map[string][]string{
	"nsc_SlotList":            {"last-page"},
	"nsc_SlotInfo":            {"full"},
	"nsc_InterconnectList":    {"last-page"},
	"nsc_Interconnect":        {"physical-full", "gcp-partner-full"},
	"nsc_StatusInfo":          {"healthy"},
	"nsc_DefaultNameResponse": {"usual"},
	"nsc_CniList":             {"last-page"},
	"nsc_Cni":                 {"full", "gcp-partner"},
	"nsc_Settings":            {"private"},
}

func payload(schema, name string) []byte {
	text, err := api.Examples.ReadFile("examples/valid/" + schema + "/" + name + ".json")
	if err != nil {
		panic(fmt.Sprintf("sandbox: %v", err))
	}
	return text
}

// An example answers one operation.
type example struct {
	contract.Operation
	content  []contract.Content // of its success
	payloads [][]byte
}

// newExample panics if a response of JSON has no payload.
func newExample(op contract.Operation) *example {
	success := slices.IndexFunc(op.Responses, func(r contract.Response) bool { return r.Status == "200" })
	e := &example{Operation: op, content: op.Responses[success].Content}
	if len(e.content) == 0 || e.content[0].Schema == nil {
		return e
	}
	schema := e.content[0].Schema.Name
	for _, name := range examples[schema] {
		e.payloads = append(e.payloads, payload(schema, name))
	}
	if e.payloads == nil {
		panic(fmt.Sprintf("sandbox: %s answers %s, which has no example", op.ID, schema))
	}
	return e
}

func (e *example) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := e.answer(r)
	if err != nil {
		panic(err) // which the handler answers with 500
	}
	if len(e.content) > 0 {
		w.Header().Set("Content-Type", e.content[0].MediaType)
	}
	w.Write(body)
}

func (e *example) answer(r *http.Request) ([]byte, error) {
	switch {
	case len(e.content) == 0:
		return nil, nil
	case e.payloads == nil:
		return exampleLetter()
	case e.Body != nil && e.Body.Content[0].Schema.OneOf != nil:
		order, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		variant := e.Body.Content[0].Schema.Choose(order)
		if variant < 0 {
			return nil, errors.New("the order is none of the variants")
		}
		return e.payloads[variant], nil
	}
	for _, text := range e.payloads {
		var known struct{ ID, Name string }
		if err := json.Unmarshal(text, &known); err != nil {
			return nil, err
		}
		if asked := path.Base(r.URL.Path); asked == known.ID || asked == known.Name {
			return text, nil
		}
	}
	if r.URL.RawQuery != "" {
		return filter(e.payloads[0], r.URL.Query())
	}
	return e.payloads[0], nil
}

// listed is the body of a list.
type listed[T any] struct {
	Items []T    `json:"items"`
	Next  *int32 `json:"next"`
}

// filter keeps the items of a list that a query asks for. A parameter that would leave nothing is ignored, as are those that
// are not a filter.
func filter(list []byte, query url.Values) ([]byte, error) {
	var p listed[map[string]any]
	if err := json.Unmarshal(list, &p); err != nil || p.Items == nil {
		return list, err
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		unlike := func(item map[string]any) bool { return fmt.Sprint(item[name]) != query.Get(name) }
		if kept := slices.DeleteFunc(slices.Clone(p.Items), unlike); len(kept) > 0 {
			p.Items = kept
		}
	}
	return json.Marshal(p)
}

// exampleLetter is that of the physical interconnect, of the day of the document.
func exampleLetter() ([]byte, error) {
	var physical interconnect.PhysicalInterconnect
	if err := json.Unmarshal(payload("nsc_Interconnect", "physical-full"), &physical); err != nil {
		return nil, err
	}
	var customer interconnect.DefaultLOAName
	if err := json.Unmarshal(payload("nsc_DefaultNameResponse", "usual"), &customer); err != nil {
		return nil, err
	}
	return letter(customer.Name, physical, time.Date(2026, 8, 14, 0, 0, 0, 0, time.UTC))
}
