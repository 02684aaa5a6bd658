// Package test holds the tests of what a user of the module gets: the generated package and package contract together,
// over HTTP on 127.0.0.1. They live apart from the generated package, which can be deleted and made again.
package test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

const token = "a-token-that-nobody-may-see"

// A server serves an implementation as a user would, at the path and with the failures of the real API, and remembers
// what its hooks are called with.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	errs    []error
	unknown []string
}

func serve(t testing.TB, implementation interconnect.StrictServerInterface, options contract.HandlerOptions) *server {
	s := &server{}
	options.BasePath = interconnect.BasePath
	options.WriteFailure = cloudflare.WriteFailure
	options.OnError = func(_ *http.Request, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.errs = append(s.errs, err)
	}
	options.OnUnknownQuery = func(_ *http.Request, names []string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unknown = append(s.unknown, names...)
	}
	s.Server = httptest.NewServer(interconnect.NewHandler(implementation, options))
	t.Cleanup(s.Close)
	return s
}

// reported returns what the hook was told since it was asked last.
func (s *server) reported() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := s.errs
	s.errs = nil
	return errs
}

// newClient makes a client as a user would: with the transport that validates both directions.
func newClient(t testing.TB, url string, base http.RoundTripper, options contract.TransportOptions, authenticate interconnect.RequestEditorFn) *interconnect.Client {
	t.Helper()
	options.BasePath = interconnect.BasePath
	return plainClient(t, url, interconnect.NewTransport(base, options), authenticate)
}

// plainClient makes a client that validates only what it writes itself.
func plainClient(t testing.TB, url string, transport http.RoundTripper, authenticate interconnect.RequestEditorFn) *interconnect.Client {
	t.Helper()
	client, err := interconnect.NewClient(url+interconnect.BasePath,
		interconnect.WithHTTPClient(&http.Client{Transport: transport}),
		interconnect.WithRequestEditorFn(authenticate))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func bearer(token string) interconnect.RequestEditorFn {
	return header("Authorization", "Bearer "+token)
}

// header sets headers, given as name and value in turn.
func header(pairs ...string) interconnect.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		for pair := range slices.Chunk(pairs, 2) {
			r.Header.Set(pair[0], pair[1])
		}
		return nil
	}
}

func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rules spells violations as the files in api/examples do: `/slot_id format`, or `"" type` for the whole value.
func rules(violations []contract.Violation) []string {
	var lines []string
	for _, v := range violations {
		lines = append(lines, line(v.Pointer, v.Rule))
	}
	return lines
}

func line(pointer, rule string) string {
	if pointer == "" {
		pointer = `""`
	}
	return pointer + " " + rule
}

// rulesOf is rules for the violations that an error holds; nil if it holds none.
func rulesOf(err error) []string {
	var invalid *contract.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	return rules(invalid.Violations)
}

var messageOfViolation = regexp.MustCompile(`^(.*?): .* \((\w+)\)$`)

// rulesOfEnvelope is rules for the violations that a failure lists, which must be valid. Those of parameters are spelled
// `query parameter "limit" minimum`.
func rulesOfEnvelope(t testing.TB, body string) []string {
	t.Helper()
	failure := failureIn(t, body)
	var lines []string
	for _, detail := range failure.Errors {
		message := messageOfViolation.FindStringSubmatch(detail.Message)
		if message == nil {
			continue
		}
		place, rule := message[1], message[2]
		if place == "the body" {
			place = ""
		}
		if strings.HasPrefix(place, "/") {
			equal(t, "pointer", *detail.Source.Pointer, place)
		}
		lines = append(lines, line(place, rule))
	}
	return lines
}

func failureIn(t testing.TB, body string) (failure interconnect.Failure) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &failure); err != nil {
		t.Fatalf("the body is not a Failure: %v\n%s", err, body)
	}
	return failure
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// A goType decodes the values of one schema.
type goType struct {
	decode     func(text []byte) (any, error)
	tolerantly func(text []byte) (any, []contract.Violation, error)
	validates  bool // decoding validates
}

// goTypes has the Go type of each schema of the document.
var goTypes = map[string]goType{
	"Failure":                                typed[interconnect.Failure](),
	"FailureDetail":                          typed[interconnect.FailureDetail](),
	"FailureSource":                          typed[interconnect.FailureSource](),
	"InterconnectType":                       typed[interconnect.InterconnectType](),
	"nsc_AccountTag":                         text,
	"nsc_ApiBandwidth":                       typed[interconnect.Bandwidth](),
	"nsc_BgpControl":                         typed[interconnect.BGPControl](),
	"nsc_BgpMode":                            typed[interconnect.BGPMode](),
	"nsc_CloudflareSite":                     text,
	"nsc_Cni":                                typed[interconnect.CNI](),
	"nsc_CniCreate":                          typed[interconnect.CNICreate](),
	"nsc_CniList":                            typed[interconnect.CNIList](),
	"nsc_CniUpdate":                          typed[interconnect.CNIUpdate](),
	"nsc_DefaultNameResponse":                typed[interconnect.DefaultLOAName](),
	"nsc_FacilityInfo":                       typed[interconnect.Facility](),
	"nsc_Interconnect":                       typed[interconnect.Interconnect](),
	"nsc_InterconnectCreate":                 typed[interconnect.InterconnectCreate](),
	"nsc_InterconnectCreate_GcpPartner_Body": typed[interconnect.GCPPartnerInterconnectCreate](),
	"nsc_InterconnectCreate_Physical_Body":   typed[interconnect.PhysicalInterconnectCreate](),
	"nsc_InterconnectList":                   typed[interconnect.InterconnectList](),
	"nsc_Interconnect_GcpPartner_Body":       typed[interconnect.GCPPartnerInterconnect](),
	"nsc_Interconnect_Physical_Body":         typed[interconnect.PhysicalInterconnect](),
	"nsc_MagicSettings":                      typed[interconnect.MagicSettings](),
	"nsc_Settings":                           typed[interconnect.Settings](),
	"nsc_SettingsRequest":                    typed[interconnect.SettingsUpdate](),
	"nsc_SlotInfo":                           typed[interconnect.Slot](),
	"nsc_SlotList":                           typed[interconnect.SlotList](),
	"nsc_StatusInfo":                         typed[interconnect.InterconnectStatus](),
	"nsc_StatusInfo_Down":                    typed[interconnect.StatusDown](),
	"nsc_StatusInfo_Healthy":                 typed[interconnect.StatusHealthy](),
	"nsc_StatusInfo_Pending":                 typed[interconnect.StatusPending](),
	"nsc_StatusInfo_Unhealthy":               typed[interconnect.StatusUnhealthy](),
}

func typed[T any, P interface {
	*T
	json.Unmarshaler
}]() goType {
	return goType{
		decode: func(text []byte) (any, error) {
			var v T
			err := json.Unmarshal(text, &v)
			return v, err
		},
		tolerantly: func(text []byte) (any, []contract.Violation, error) {
			var v T
			deviations, err := contract.UnmarshalTolerant(text, P(&v))
			return v, deviations, err
		},
		validates: true,
	}
}

// text is the string of Go, which is the type of schemas that need no other. It validates nothing.
var text = goType{
	decode: func(text []byte) (any, error) {
		var v string
		err := json.Unmarshal(text, &v)
		return v, err
	},
	tolerantly: func(text []byte) (any, []contract.Violation, error) {
		var v string
		err := json.Unmarshal(text, &v)
		return v, nil, err
	},
}

// roundTrip decodes a valid payload, encodes the value and expects the encoding to be valid and to decode to the same value. It returns
// the encoding.
func roundTrip(t testing.TB, schema *contract.Schema, payload []byte) []byte {
	t.Helper()
	goType, ok := goTypes[schema.Name]
	if !ok {
		t.Fatalf("the schema %s has no Go type in goTypes; add it", schema.Name)
	}
	value, err := goType.decode(payload)
	if err != nil {
		t.Fatalf("%s is valid, but does not decode: %v\n%s", schema.Name, err, payload)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("%s decodes to a value that does not encode: %v\n%s\n%+v", schema.Name, err, payload, value)
	}
	if err := schema.Check(encoded, contract.Undirected); err != nil {
		t.Fatalf("%s is encoded as invalid JSON: %v\n%s\n%s", schema.Name, err, payload, encoded)
	}
	again, err := goType.decode(encoded)
	if err != nil {
		t.Fatalf("%s does not decode what it encodes: %v\n%s", schema.Name, err, encoded)
	}
	if !reflect.DeepEqual(again, value) {
		t.Fatalf("%s changes in a round trip:\n%s\n%s\n%+v\n%+v", schema.Name, payload, encoded, value, again)
	}
	return encoded
}
