package test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/oapi-codegen/runtime/types"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// A wrong is JSON text that is not a value of a union, and every reason why.
type wrong struct {
	name, text string
	violations []string
}

// noObjects are not values of any union.
var noObjects = []wrong{
	{"number", `42`, []string{`"" type`}},
	{"null", `null`, []string{`"" type`}},
	{"string", `"direct"`, []string{`"" type`}},
	{"array", `[]`, []string{`"" type`}},
	{"true", `true`, []string{`"" type`}},
}

const (
	physicalMembers   = `"account":"a","name":"n","site":"s","facility":{"name":"f","address":[]},"slot_id":"1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512","speed":"no_such_bandwidth","virtual_port_reservation_id":"5e0b9d71-4c28-4f36-a1d7-90f3b6e8254c"`
	gcpPartnerMembers = `"account":"a","name":"n","region":"r","speed":"1G","virtual_port_reservation_id":"5e0b9d71-4c28-4f36-a1d7-90f3b6e8254c"`
	bothMembers       = physicalMembers + `,"region":"r"`

	physicalOrder   = `"account":"a","slot_id":"1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512"`
	gcpPartnerOrder = `"account":"a","pairing_key":"k","bandwidth":"1G"`
	bothOrders      = `"account":"a","slot_id":"1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512","pairing_key":"k","bandwidth":"1G"`
)

var wrongInterconnects = append([]wrong{
	{"empty", `{}`, []string{`/type required`}},
	{"no type", `{` + physicalMembers + `}`, []string{`/type required`}},
	{"null type", `{"type":null,` + physicalMembers + `}`, []string{`/type type`}},
	{"number type", `{"type":1,` + physicalMembers + `}`, []string{`/type type`}},
	{"unknown type", `{"type":"dircet",` + physicalMembers + `}`, []string{`/type discriminator`}},
	{"type in other case", `{"type":"Direct",` + physicalMembers + `}`, []string{`/type discriminator`}},
	{"type under another name", `{"Type":"direct",` + physicalMembers + `}`, []string{`/type required`}},
	{"physical as GCP partner", `{"type":"gcp_partner",` + physicalMembers + `}`, []string{`"" not`, `/region required`, `/speed enum`}},
	{"GCP partner as physical", `{"type":"direct",` + gcpPartnerMembers + `}`,
		[]string{`"" not`, `/site required`, `/facility required`, `/slot_id required`}},
	{"both as physical", `{"type":"direct",` + bothMembers + `}`, []string{`"" not`}},
	{"both as GCP partner", `{"type":"gcp_partner",` + bothMembers + `}`, []string{`"" not`, `/speed enum`}},
	{"both types", `{"type":"direct","type":"gcp_partner",` + bothMembers + `}`, []string{`/type duplicate`}},
}, noObjects...)

var wrongOrders = append([]wrong{
	{"empty", `{}`, []string{`/type required`}},
	{"no type", `{` + physicalOrder + `}`, []string{`/type required`}},
	{"null type", `{"type":null,` + physicalOrder + `}`, []string{`/type type`}},
	{"unknown type", `{"type":"dircet",` + physicalOrder + `}`, []string{`/type discriminator`}},
	{"type under another name", `{"Type":"direct",` + physicalOrder + `}`, []string{`/type required`}},
	{"physical as GCP partner", `{"type":"gcp_partner",` + physicalOrder + `}`,
		[]string{`/pairing_key required`, `/bandwidth required`, `/slot_id additionalProperties`}},
	{"GCP partner as physical", `{"type":"direct",` + gcpPartnerOrder + `}`,
		[]string{`/slot_id required`, `/pairing_key additionalProperties`, `/bandwidth additionalProperties`}},
	{"both as physical", `{"type":"direct",` + bothOrders + `}`,
		[]string{`/pairing_key additionalProperties`, `/bandwidth additionalProperties`}},
	{"both as GCP partner", `{"type":"gcp_partner",` + bothOrders + `}`, []string{`/slot_id additionalProperties`}},
	{"both types", `{"type":"direct","type":"gcp_partner",` + bothOrders + `}`, []string{`/type duplicate`}},
}, noObjects...)

// The variants of a status have the same members but for the discriminator and are open, so that only their values differ.
var wrongStatuses = append([]wrong{
	{"empty", `{}`, []string{`/state required`}},
	{"null state", `{"state":null}`, []string{`/state type`}},
	{"unknown state", `{"state":"NoSuchState"}`, []string{`/state discriminator`}},
	{"state in other case", `{"state":"healthy"}`, []string{`/state discriminator`}},
	{"reason of another type", `{"state":"Down","reason":1}`, []string{`/reason type`}},
	{"both states", `{"state":"Down","state":"Healthy"}`, []string{`/state duplicate`}},
}, noObjects...)

func TestUnmarshalRefusesTheWrongVariant(t *testing.T) {
	refuses[interconnect.Interconnect](t, interconnect.NewInterconnect(gcpPartner), wrongInterconnects)
	refuses[interconnect.InterconnectCreate](t, interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{}), wrongOrders)
	refuses[interconnect.InterconnectStatus](t, interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}), wrongStatuses)
}

// refuses unmarshals into a value that holds something, on its own and as an item of an array.
func refuses[Union any](t *testing.T, before Union, wrongs []wrong) {
	for _, w := range wrongs {
		t.Run(reflect.TypeFor[Union]().Name()+"/"+w.name, func(t *testing.T) {
			value := before
			err := json.Unmarshal([]byte(w.text), &value)
			equal(t, "violations", rulesOf(err), w.violations)
			equal(t, "value after the error", value, before)

			err = json.Unmarshal([]byte(`[`+w.text+`]`), &[]Union{})
			equal(t, "violations in an array", rulesOf(err), w.violations)
		})
	}
}

func TestServerRefusesTheWrongVariant(t *testing.T) {
	service := newService()
	s := serve(t, service, contract.HandlerOptions{})
	for _, w := range wrongOrders {
		t.Run(w.name, func(t *testing.T) {
			client := plainClient(t, s.URL, nil, bearer(token))
			resp, err := client.CreateInterconnectWithBody(context.Background(), account, "application/json", strings.NewReader(w.text))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			equal(t, "status", resp.StatusCode, http.StatusBadRequest)
			equal(t, "violations", rulesOfEnvelope(t, readAll(t, resp.Body)), w.violations)
			if service.last != nil {
				t.Errorf("the implementation was asked for %+v", service.last)
			}
		})
	}
}

// A client does not send what its server would refuse.
func TestClientRefusesToSendTheWrongVariant(t *testing.T) {
	client := newClient(t, "http://127.0.0.1:0", nil, contract.TransportOptions{}, bearer(token))
	for _, w := range wrongOrders {
		t.Run(w.name, func(t *testing.T) {
			_, err := client.CreateInterconnectWithBody(context.Background(), account, "application/json", strings.NewReader(w.text))
			if _, ok := errors.AsType[*contract.RequestError](err); !ok {
				t.Errorf("want a RequestError, got %v", err)
			}
			equal(t, "violations", rulesOf(err), w.violations)
		})
	}
}

func TestClientRefusesTheWrongVariant(t *testing.T) {
	order := interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: account, SlotID: freeSlot})
	calls := []struct {
		operation string
		wrongs    []wrong
		call      func(*interconnect.Client) (*http.Response, error)
		value     json.Unmarshaler
	}{
		{"create_interconnect", wrongInterconnects, func(c *interconnect.Client) (*http.Response, error) {
			return c.CreateInterconnect(context.Background(), account, order)
		}, &interconnect.Interconnect{}},
		{"get_interconnect", wrongInterconnects, func(c *interconnect.Client) (*http.Response, error) {
			return c.GetInterconnect(context.Background(), account, "n")
		}, &interconnect.Interconnect{}},
		{"get_interconnect_status", wrongStatuses, func(c *interconnect.Client) (*http.Response, error) {
			return c.GetInterconnectStatus(context.Background(), account, "n")
		}, &interconnect.InterconnectStatus{}},
	}
	for _, c := range calls {
		for _, w := range c.wrongs {
			t.Run(c.operation+"/"+w.name, func(t *testing.T) {
				liar := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
					rw.Header().Set("Content-Type", "application/json")
					rw.Header().Set("Cf-Ray", "8f1c")
					io.WriteString(rw, w.text)
				}))
				defer liar.Close()

				_, err := c.call(newClient(t, liar.URL, nil, contract.TransportOptions{}, bearer(token)))
				equal(t, "violations", rulesOf(err), w.violations)
				invalid, ok := errors.AsType[*contract.ResponseError](err)
				if !ok {
					t.Fatalf("want a ResponseError, got %v", err)
				}
				equal(t, "operation", invalid.Operation, c.operation)
				equal(t, "status", invalid.Status, http.StatusOK)
				equal(t, "header", invalid.Header.Get("Cf-Ray"), "8f1c")
				equal(t, "body", string(invalid.Body), w.text)

				// Without the transport the types themselves refuse it.
				resp, err := c.call(plainClient(t, liar.URL, nil, bearer(token)))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				equal(t, "violations without the transport", rulesOf(json.NewDecoder(resp.Body).Decode(c.value)), w.violations)
			})
		}
	}
}

func TestErrorsSayWhy(t *testing.T) {
	for text, want := range map[string]string{
		`42`:                `the value: want an object, got 42`,
		`{}`:                `/type: want one of "direct", "gcp_partner"; it is missing`,
		`{"type":"dircet"}`: `/type: want one of "direct", "gcp_partner", got "dircet"`,
		`{"type":"gcp_partner",` + physicalOrder + `}`: `/pairing_key: want a string; it is missing; /bandwidth: want one of "50M"`,
	} {
		var order interconnect.InterconnectCreate
		err := json.Unmarshal([]byte(text), &order)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s…", text, err, want)
		}
	}
}

// The document marks the pairing key as sensitive. It stays so in the wrong variant, and under a name with a typo.
func TestErrorsKeepSecrets(t *testing.T) {
	const secret = "7e51371e-72a3-40b5-b844-2e3efefaee59"
	for _, text := range []string{
		`{"type":"gcp_partner","account":"a","bandwidth":"no_such_bandwidth","pairing_key":"` + secret + `"}`,
		`{"type":"gcp_partner","account":"a","bandwidth":"1G","pairing_key":["` + secret + `"]}`,
		`{"type":"gcp_partner","account":"a","bandwidth":"1G","Pairing_Key":"` + secret + `"}`,
		`{"type":"gcp_partner","account":"a","bandwidth":"1G","pairing_kye":"` + secret + `"}`,
		`{"type":"direct","account":"a","pairing_key":"` + secret + `"}`,
	} {
		var order interconnect.InterconnectCreate
		err := json.Unmarshal([]byte(text), &order)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s:\n%v", text, err)
		}
	}
}

func TestZeroUnionsFailToMarshal(t *testing.T) {
	for _, zero := range []any{
		interconnect.Interconnect{}, interconnect.InterconnectCreate{}, interconnect.InterconnectStatus{},
		&interconnect.Interconnect{}, []interconnect.Interconnect{{}},
		interconnect.InterconnectList{Items: []interconnect.Interconnect{{}}},
	} {
		text, err := json.Marshal(zero)
		if err == nil || !strings.Contains(err.Error(), "no variant") {
			t.Errorf("%T: %s, %v", zero, text, err)
		}
	}
}

func TestInvalidVariantsFailToMarshal(t *testing.T) {
	wrongType := physical
	wrongType.Type = "gcp_partner"
	unknownType := gcpPartner
	unknownType.Type = "direkt"
	wrongSpeed := gcpPartner
	wrongSpeed.Speed = new(interconnect.Bandwidth("no_such_bandwidth"))
	for name, c := range map[string]struct {
		value any
		want  []string
	}{
		"type of the other variant": {interconnect.NewInterconnect(wrongType), []string{`/type enum`}},
		"unknown type":              {interconnect.NewInterconnect(unknownType), []string{`/type enum`}},
		"unknown enum value":        {interconnect.NewInterconnect(wrongSpeed), []string{`/speed enum`}},
		"type of the other order": {
			interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{Type: "direct", Account: "a", Bandwidth: "1G"}),
			[]string{`/type enum`}},
		"empty account": {
			interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{}), []string{`/account minLength`}},
		// A status without a reason is a valid value of either variant, but not what the caller said.
		"state of the other variant": {
			interconnect.NewInterconnectStatus(interconnect.StatusDown{State: "Healthy"}), []string{`/state enum`}},
	} {
		_, err := json.Marshal(c.value)
		equal(t, name, rulesOf(err), c.want)
	}
}

func TestNewFillsInTheDiscriminator(t *testing.T) {
	gcpPartnerOrder := interconnect.GCPPartnerInterconnectCreate{Account: "a", Bandwidth: interconnect.Bandwidth10G}
	for _, c := range []struct {
		value any
		want  string
	}{
		{interconnect.NewInterconnect(interconnect.PhysicalInterconnect{Account: "a", Facility: ashburn}), `"type":"direct"`},
		{interconnect.NewInterconnect(interconnect.GCPPartnerInterconnect{Account: "a"}), `"type":"gcp_partner"`},
		{interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: "a"}), `"type":"direct"`},
		{interconnect.NewInterconnectCreate(gcpPartnerOrder), `"type":"gcp_partner"`},
		{interconnect.NewInterconnectStatus(interconnect.StatusPending{}), `"state":"Pending"`},
		{interconnect.NewInterconnectStatus(interconnect.StatusDown{}), `"state":"Down"`},
		{interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{}), `"state":"Unhealthy"`},
		{interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}), `"state":"Healthy"`},
	} {
		text, err := json.Marshal(c.value)
		if err != nil || !strings.Contains(string(text), c.want) {
			t.Errorf("want %s, got %s, %v", c.want, text, err)
		}
	}
}

var seed = flag.Uint64("seed", 0, "of random values; 0 chooses one")

func TestRandomVariantsRoundTrip(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("go test ./test -run %s -seed %d", t.Name(), *seed)
	r := random{rand.New(rand.NewPCG(*seed, *seed))}
	for range 500 {
		same(t, interconnect.NewInterconnect(interconnect.PhysicalInterconnect{
			Account: r.account(), Name: r.text(), Site: r.text(), Speed: r.text(), SlotID: r.uuid(),
			Facility:                 interconnect.Facility{Name: r.text(), Address: r.texts()},
			VirtualPortReservationID: r.uuid(), Owner: maybe(r, r.text), CCRDeviceName: maybe(r, r.text),
		}))
		same(t, interconnect.NewInterconnect(interconnect.GCPPartnerInterconnect{
			Account: r.account(), Name: r.text(), Region: r.text(), Speed: maybe(r, r.bandwidth),
			VirtualPortReservationID: r.uuid(), Owner: maybe(r, r.text),
		}))
		same(t, interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{
			Account: r.account(), SlotID: r.uuid(), Speed: maybe(r, r.text),
		}))
		same(t, interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{
			Account: r.account(), PairingKey: r.text(), Bandwidth: r.bandwidth(),
		}))
		same(t, interconnect.NewInterconnectStatus(interconnect.StatusPending{}))
		same(t, interconnect.NewInterconnectStatus(interconnect.StatusDown{Reason: maybe(r, r.text)}))
		same(t, interconnect.NewInterconnectStatus(interconnect.StatusUnhealthy{Reason: maybe(r, r.text)}))
		same(t, interconnect.NewInterconnectStatus(interconnect.StatusHealthy{}))
	}
}

// same encodes and decodes a value.
func same[Union any](t *testing.T, value Union) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("%v\n%+v", err, value)
	}
	var again Union
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !reflect.DeepEqual(again, value) {
		t.Fatalf("%+v becomes %+v by way of\n%s", value, again, text)
	}
}

// A random makes values of members.
type random struct{ *rand.Rand }

// text has what needs care in JSON: quotes, controls, HTML, line separators, several planes, names of members.
func (r random) text() string {
	pieces := []string{"", "a", " ", `"`, `\`, "/", "<&>", "\x00", "\x1f", "\x7f", "\u2028", "é", "\ufffd", "😀", "null", `{"type":"direct"}`}
	var b strings.Builder
	for range r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func (r random) texts() []string {
	texts := make([]string, r.IntN(4))
	for i := range texts {
		texts[i] = r.text()
	}
	return texts
}

// account has 1 to 32 characters.
func (r random) account() string { return strings.Repeat("ä", 1+r.IntN(32)) }

func (r random) bandwidth() interconnect.Bandwidth {
	all := []interconnect.Bandwidth{interconnect.Bandwidth50M, interconnect.Bandwidth1G, interconnect.Bandwidth50G}
	return all[r.IntN(len(all))]
}

func (r random) uuid() (id types.UUID) {
	for i := range id {
		id[i] = byte(r.Uint32())
	}
	return id
}

func maybe[T any](r random, value func() T) *T {
	if r.IntN(2) == 0 {
		return nil
	}
	return new(value())
}
