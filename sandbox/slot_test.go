package sandbox_test

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func TestCatalogue(t *testing.T) {
	slots := sandbox.Catalogue("")
	ids := map[uuid.UUID]bool{}
	devices := map[string]map[string]bool{}
	speeds := map[string]int{}
	for _, slot := range slots {
		if ids[slot.ID] {
			t.Errorf("%s is there twice", slot.ID)
		}
		ids[slot.ID] = true
		if !regexp.MustCompile(`^[a-z]{3}-[ab]$`).MatchString(slot.Site) {
			t.Errorf("site %q", slot.Site)
		}
		if !strings.Contains(slot.Facility.Address[0], "fictional") {
			t.Errorf("%s could be a real address", slot.Facility.Address)
		}
		if devices[slot.Site] == nil {
			devices[slot.Site] = map[string]bool{}
		}
		devices[slot.Site][*slot.CCRDeviceName] = true
		speeds[slot.Speed]++
	}
	if len(slots) != 216 || len(devices) != 36 || speeds["10G"] != 144 || speeds["100G"] != 72 {
		t.Errorf("%d slots at %d sites, %v", len(slots), len(devices), speeds)
	}
	for site, names := range devices {
		if len(names) != 2 {
			t.Errorf("%s has %d devices", site, len(names))
		}
	}
	if !reflect.DeepEqual(slots, sandbox.Catalogue("")) {
		t.Error("the same seed gives other slots")
	}
	if slots[0].ID == sandbox.Catalogue("other")[0].ID {
		t.Error("another seed gives the same IDs")
	}
}

func TestSlotFilters(t *testing.T) {
	r := start(t)
	slots := sandbox.Catalogue("")
	ashburn := slots[36] // the first of iad-a
	r.order(ashburn)
	tests := []struct {
		query string
		want  int
	}{
		{"", 216},
		{"site=iad-a", 6},
		{"site=IAD-A", 0},
		{"speed=100G", 72},
		{"speed=1G", 0},
		{"occupied=true", 1},
		{"occupied=false", 215},
		{"address_contains=Ashburn", 12},
		{"address_contains=ashBURN", 12},
		{"address_contains=" + url.QueryEscape("SÃO"), 12},
		{"address_contains=equinix+dc2", 12},
		{"address_contains=nowhere", 0},
		{"site=iad-a&speed=10G&occupied=false", 3},
	}
	for _, test := range tests {
		list := decode[interconnect.SlotList](t, r.call("GET", "/slots?limit=1000&"+test.query, ""))
		if len(list.Items) != test.want || list.Next != nil {
			t.Errorf("%s: got %d slots, next %v; want %d", test.query, len(list.Items), list.Next, test.want)
		}
	}

	if got := decode[interconnect.Slot](t, r.call("GET", "/slots/"+slots[0].ID.String(), "")); !reflect.DeepEqual(got, slots[0]) {
		t.Errorf("got %+v, want %+v", got, slots[0])
	}
	missing := uuid.UUID{1}
	wantFailure(t, r.call("GET", "/slots/"+missing.String(), ""), 404, "slot "+missing.String()+" not found")
}

func TestOwnSlots(t *testing.T) {
	mine, name := account, "ccr.example"
	slot := func(i byte) interconnect.Slot {
		return interconnect.Slot{ID: uuid.UUID{i}, Site: "Lab 1/ä", Facility: interconnect.Facility{Name: "Lab"}, Speed: "400G", CCRDeviceName: &name}
	}
	free, taken, reserved := slot(1), slot(2), slot(3)
	taken.Occupied = true
	reserved.Account = &mine
	r := start(t, sandbox.WithSlots([]interconnect.Slot{free, taken, reserved}))
	mine, name = "changed", "changed" // the caller's own

	seen := func(account string) string {
		var lines []string
		for _, s := range decode[interconnect.SlotList](t, r.callAs(account, "GET", "/slots", "")).Items {
			owner := "nobody"
			if s.Account != nil {
				owner = *s.Account
			}
			lines = append(lines, fmt.Sprint(s.Occupied, " ", owner, " ", *s.CCRDeviceName))
		}
		return strings.Join(lines, ", ")
	}
	if got, want := seen(account), "false nobody ccr.example, true nobody ccr.example, false "+account+" ccr.example"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := seen(other), "false nobody ccr.example, true nobody ccr.example, true nobody ccr.example"; got != want {
		t.Errorf("another account: got %s, want %s", got, want)
	}
	for _, s := range []interconnect.Slot{taken, reserved} {
		wantFailure(t, r.callAs(other, "POST", "/interconnects", physicalOrder(other, s.ID)), 400, "/slot_id: slot "+s.ID.String()+" is occupied")
	}
	if ic := r.order(reserved); !strings.HasPrefix(ic.Name, "direct-lab-1-") {
		t.Errorf("the name is %s", ic.Name)
	}

	if list := decode[interconnect.SlotList](t, start(t, sandbox.WithSlots(nil)).call("GET", "/slots", "")); len(list.Items) != 0 {
		t.Errorf("got %v, want no slots", list.Items)
	}
	invalid := free
	invalid.Account = new(strings.Repeat("x", 33))
	for name, slots := range map[string][]interconnect.Slot{"the same ID twice": {free, free}, "an account that is too long": {invalid}} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			sandbox.New(sandbox.WithSlots(slots))
		})
	}
}
