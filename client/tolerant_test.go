package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

var jsonHeader = http.Header{"Content-Type": {"application/json"}}

const (
	slotJSON = `{"facility":{"address":["1 Example Plaza"],"name":"Equinix DC2"},"id":"00000000-0000-4000-8000-000000000001",` +
		`"occupied":false,"site":"iad-a","speed":"10G"}`
	strangeSlotJSON = `{"id":7}`
)

// tell notes the rules of deviations, as "operation pointer rule".
func tell(rules *[]string) client.Option {
	return client.WithOnDeviation(func(c *contract.Deviation) {
		for _, v := range c.Violations {
			*rules = append(*rules, strings.Join([]string{c.Operation, v.Pointer, v.Rule}, " "))
		}
	})
}

// What the service has added, or did not have yet, is reported and spoils nothing.
func TestTolerantReading(t *testing.T) {
	physical := `{"type":%s,"account":"a","name":"direct-iad-a-1","owner":"o","site":"iad-a","speed":"10G",` +
		`"slot_id":"00000000-0000-4000-8000-000000000001","facility":{"address":[],"name":"Equinix DC2"}%s}`
	reservation := `,"virtual_port_reservation_id":"00000000-0000-4000-8000-000000000002"`
	for _, test := range []struct {
		name string
		body string
		want string // the type of the response, and what is reported
		told []string
	}{
		{"as the document says", fmt.Sprintf(physical, `"direct"`, reservation), "PhysicalInterconnect direct-iad-a-1", nil},
		{"unknown member", fmt.Sprintf(physical, `"direct"`, reservation+`,"no_such_member":7`), "PhysicalInterconnect direct-iad-a-1",
			[]string{"/no_such_member undeclared"}},
		{"older answer", fmt.Sprintf(physical, `"direct"`, ""), "PhysicalInterconnect direct-iad-a-1",
			[]string{"/virtual_port_reservation_id required"}},
		{"unknown type", fmt.Sprintf(physical, `"type"`, reservation), "PhysicalInterconnect direct-iad-a-1",
			[]string{"/type discriminator"}},
		{"unknown variant", `{"type":"no_such_type","name":"aws-1","vif":12345678901234567890}`,
			`UnknownVariant {"type":"no_such_type","name":"aws-1","vif":12345678901234567890}`, []string{"/type discriminator"}},
		{"wrong type of a member", fmt.Sprintf(physical, `"direct"`, `,"ccr_device_name":["a"]`), "UnknownVariant " + fmt.Sprintf(physical, `"direct"`, `,"ccr_device_name":["a"]`),
			[]string{"/ccr_device_name type", "/virtual_port_reservation_id required"}},
		{"no type", `{"account":"a","name":"gcp-1","region":"us-east1","virtual_port_reservation_id":"00000000-0000-4000-8000-000000000002"}`,
			"GCPPartnerInterconnect gcp-1", []string{"/type required"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, answer(200, jsonHeader, test.body))
			var told []string
			got, err := newClient(t, s.URL, tell(&told)).GetInterconnect(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if text := described(got); text != test.want {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
			for i := range told {
				told[i] = strings.TrimPrefix(told[i], "get_interconnect ")
			}
			slices.Sort(told)
			if !slices.Equal(told, test.told) {
				t.Errorf("told %q, want %q", told, test.told)
			}

			var response *contract.ResponseError
			_, err = newClient(t, s.URL, client.Strict(), tell(&told)).GetInterconnect(t.Context(), "x")
			switch {
			case test.told == nil && err != nil:
				t.Errorf("strictly: %v", err)
			case test.told != nil && (!errors.As(err, &response) || string(response.Body) != test.body):
				t.Errorf("strictly: got %v", err)
			}
			if len(told) != len(test.told) {
				t.Error("a strict client tolerates deviations")
			}
		})
	}
}

func described(i interconnect.Interconnect) string {
	switch v := i.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return "PhysicalInterconnect " + v.Name
	case interconnect.GCPPartnerInterconnect:
		return "GCPPartnerInterconnect " + v.Name
	case interconnect.UnknownVariant:
		return "UnknownVariant " + string(v.JSON)
	}
	return "nothing"
}

// The response to an order is read whatever it is, as long as it can be read.
func TestTolerantMutation(t *testing.T) {
	s := newServer(t, answer(201, jsonHeader, `{"name":"direct-iad-a-1"}`))
	var told []string
	ordered, err := newClient(t, s.URL, tell(&told)).CreateInterconnect(t.Context(), freeOrder())
	if err != nil || described(ordered) != `UnknownVariant {"name":"direct-iad-a-1"}` || len(told) != 2 {
		t.Errorf("got %s, %v, told %q", described(ordered), err, told)
	}
	s.wantCount(t, "POST", 1)

	s = newServer(t, answer(200, jsonHeader, `{"success":true}`))
	told = nil
	if err := newClient(t, s.URL, tell(&told)).DeleteInterconnect(t.Context(), "x"); err != nil || !slices.Equal(told, []string{"delete_interconnect  content"}) {
		t.Errorf("delete: %v, told %q", err, told)
	}
	s.wantCount(t, "DELETE", 1)
}

// One strange item does not take the others with it.
func TestStrangeItems(t *testing.T) {
	pages := map[string]string{
		"":  `{"items":[` + slotJSON + `,` + strangeSlotJSON + `,` + strings.Replace(slotJSON, "{", `{"power":"dc",`, 1) + `],"next":2}`,
		"2": `{"items":[null,` + slotJSON + `],"next":"x"}`,
	}
	s := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(pages[r.URL.Query().Get("cursor")]))
	}))
	var told, got []string
	for slot, err := range newClient(t, s.URL, tell(&told)).ListSlots(t.Context(), nil) {
		var strange *client.ItemError
		var invalid *contract.ValidationError
		var response *contract.ResponseError
		switch {
		case errors.As(err, &strange) && errors.As(err, &invalid):
			got = append(got, fmt.Sprintf("strange %d %s %s", strange.Index, strange.JSON, invalid.Violations[0].Pointer))
		case errors.As(err, &response):
			got = append(got, "end: "+response.Operation)
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, slot.Site)
		}
	}
	want := []string{"iad-a", "strange 1 " + strangeSlotJSON + " /id", "iad-a", "strange 0 null ", "iad-a", "end: list_slots"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if want := []string{"list_slots /items/2/power undeclared"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}

	// A strict client stops, as it does at whatever else.
	n := 0
	for _, err := range newClient(t, s.URL, client.Strict()).ListSlots(t.Context(), nil) {
		var response *contract.ResponseError
		if n++; !errors.As(err, &response) {
			t.Errorf("strictly: got %v", err)
		}
	}
	if n != 1 {
		t.Errorf("strictly: %d items", n)
	}
}

// A response that is not a list has no items.
func TestNoList(t *testing.T) {
	for _, body := range []string{``, `[`, `[]`, `{"items":{}}`, `{"items":[],"items":[]}`, `{"items":[` + slotJSON + `]} x`, "{\"items\":[\"\xff\"]}"} {
		s := newServer(t, answer(200, jsonHeader, body))
		n := 0
		for _, err := range newClient(t, s.URL).ListSlots(t.Context(), nil) {
			var response *contract.ResponseError
			if n++; !errors.As(err, &response) || string(response.Body) != body {
				t.Errorf("%s: %v", body, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d items", body, n)
		}
	}
}

// The responses of July 2026 are readable.
func TestJulyAnswers(t *testing.T) {
	sb := sandbox.New(sandbox.WithContract(sandbox.July2026))
	s := newServer(t, sb)
	var told []string
	c := newClient(t, s.URL, tell(&told))
	orders := []interconnect.InterconnectCreate{
		freeOrder(),
		interconnect.NewInterconnectCreate(interconnect.GCPPartnerInterconnectCreate{Bandwidth: interconnect.Bandwidth1G, PairingKey: "key/us-east1/1"}),
	}
	for _, order := range orders {
		if _, err := c.CreateInterconnect(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for i, err := range c.ListInterconnects(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Fields(described(i))[0])
	}
	if !slices.Equal(got, []string{"PhysicalInterconnect", "GCPPartnerInterconnect"}) {
		t.Errorf("got %q", got)
	}
	for _, rule := range told {
		if !strings.HasSuffix(rule, "/virtual_port_reservation_id required") {
			t.Errorf("told %s", rule)
		}
	}
	if len(told) != 4 {
		t.Errorf("told %q", told)
	}
}

// Deviations are logged, without values.
func TestDeviationsAreLogged(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, answer(200, jsonHeader, `{"state":"Degraded","reason":"half the light"}`))
	c := newClient(t, s.URL, client.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	status, err := c.GetInterconnectStatus(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if state, reason := client.StateOf(status); state != "Degraded" || reason != "half the light" {
		t.Errorf("the state is %s, %s", state, reason)
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, &log)
	}
	if line["where"] != "body /state" || line["rule"] != "discriminator" || line["operation"] != "get_interconnect_status" || strings.Contains(log.String(), "Degraded") {
		t.Errorf("logged %s", &log)
	}
}
