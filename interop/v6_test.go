package interop

import (
	"errors"
	"strings"
	"testing"

	"github.com/cloudflare/cloudflare-go/v6"
	cni "github.com/cloudflare/cloudflare-go/v6/network_interconnects"
	"github.com/cloudflare/cloudflare-go/v6/option"

	"github.com/interconnect-go/interconnect/sandbox"
)

// v6 returns the part of version 6 that is for this API. The sandbox answers by the contract that this version knows.
func v6(t *testing.T, opts ...sandbox.Option) (*cni.NetworkInterconnectService, *journal) {
	url, served := serve(t, append([]sandbox.Option{sandbox.WithContract(sandbox.July2026)}, opts...)...)
	client := cloudflare.NewClient(option.WithBaseURL(url), option.WithAPIToken("any"), option.WithMaxRetries(1))
	return client.NetworkInterconnects, served
}

// v6Status returns the status of the failure that the SDK reports, 0 if it is none.
func v6Status(err error) int {
	var failure *cloudflare.Error
	if errors.As(err, &failure) && len(failure.Errors) > 0 {
		return failure.StatusCode
	}
	return 0
}

func v6FreeSlot(t *testing.T, api *cni.NetworkInterconnectService) cni.SlotListResponseItem {
	t.Helper()
	slots, err := api.Slots.List(t.Context(), cni.SlotListParams{
		AccountID: cloudflare.F(account), Occupied: cloudflare.F(false), Limit: cloudflare.F(int64(1)),
	})
	ok(t, err)
	equal(t, "free slots", len(slots.Items), 1)
	return slots.Items[0]
}

func v6Physical(t *testing.T, api *cni.NetworkInterconnectService) cni.InterconnectNewResponseNscInterconnectPhysicalBody {
	t.Helper()
	created, err := api.Interconnects.New(t.Context(), cni.InterconnectNewParams{
		AccountID: cloudflare.F(account),
		Body: cni.InterconnectNewParamsBodyNscInterconnectCreatePhysicalBody{
			Account: cloudflare.F(account), Type: cloudflare.F("direct"), SlotID: cloudflare.F(v6FreeSlot(t, api).ID),
		},
	})
	ok(t, err)
	physical, is := created.AsUnion().(cni.InterconnectNewResponseNscInterconnectPhysicalBody)
	if !is {
		t.Fatalf("got %T, want a physical interconnect", created.AsUnion())
	}
	return physical
}

func v6GCPPartner(t *testing.T, api *cni.NetworkInterconnectService) *cni.InterconnectNewResponse {
	t.Helper()
	created, err := api.Interconnects.New(t.Context(), cni.InterconnectNewParams{
		AccountID: cloudflare.F(account),
		Body: cni.InterconnectNewParamsBodyNscInterconnectCreateGcpPartnerBody{
			Account: cloudflare.F(account), Type: cloudflare.F("gcp_partner"), PairingKey: cloudflare.F("key/us-central1/1"),
			Bandwidth: cloudflare.F(cni.InterconnectNewParamsBodyNscInterconnectCreateGcpPartnerBodyBandwidth1G),
		},
	})
	ok(t, err)
	return created
}

func TestV6Slots(t *testing.T) {
	api, _ := v6(t)
	first := v6FreeSlot(t, api)
	slot, err := api.Slots.Get(t.Context(), first.ID, cni.SlotGetParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	equal(t, "ID", slot.ID, first.ID)
	ashburn, err := api.Slots.List(t.Context(), cni.SlotListParams{
		AccountID: cloudflare.F(account), AddressContains: cloudflare.F("Ashburn, VA"), Site: cloudflare.F("iad-a"),
		Speed: cloudflare.F("100G"), Occupied: cloudflare.F(false),
	})
	ok(t, err)
	for _, s := range ashburn.Items {
		equal(t, "slot", s.Site+" "+s.Speed+" "+s.Facility.Name, "iad-a 100G Equinix DC2")
	}
	if len(ashburn.Items) == 0 || ashburn.Next != 0 {
		t.Errorf("got %+v, want one page of slots", ashburn)
	}
}

func TestV6Interconnects(t *testing.T) {
	api, _ := v6(t)
	physical, partner := v6Physical(t, api), v6GCPPartner(t, api)
	equal(t, "type", physical.Type, "direct")

	// One page after the other, as the SDK has no iterator for this API.
	var names []string
	params := cni.InterconnectListParams{AccountID: cloudflare.F(account), Limit: cloudflare.F(int64(1))}
	for range 3 {
		page, err := api.Interconnects.List(t.Context(), params)
		ok(t, err)
		for _, item := range page.Items {
			names = append(names, item.Name)
		}
		if page.Next == 0 {
			break
		}
		params.Cursor = cloudflare.F(page.Next)
	}
	equal(t, "names", strings.Join(names, " "), physical.Name+" "+partner.Name)
	partners, err := api.Interconnects.List(t.Context(), cni.InterconnectListParams{AccountID: cloudflare.F(account), Type: cloudflare.F("gcp_partner")})
	ok(t, err)
	equal(t, "GCP partner interconnects", len(partners.Items), 1)

	found, err := api.Interconnects.Get(t.Context(), physical.Name, cni.InterconnectGetParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	equal(t, "slot", found.SlotID, physical.SlotID)
	status, err := api.Interconnects.Status(t.Context(), physical.Name, cni.InterconnectStatusParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	if _, pending := status.AsUnion().(cni.InterconnectStatusResponsePending); !pending {
		t.Errorf("got the state %T", status.AsUnion())
	}

	var letter []byte
	loa := cni.InterconnectLOAParams{AccountID: cloudflare.F(account)}
	ok(t, api.Interconnects.LOA(t.Context(), physical.Name, loa, option.WithResponseBodyInto(&letter)))
	wantPDF(t, letter)

	ok(t, api.Interconnects.Delete(t.Context(), physical.Name, cni.InterconnectDeleteParams{AccountID: cloudflare.F(account)}))
	_, err = api.Interconnects.Get(t.Context(), physical.Name, cni.InterconnectGetParams{AccountID: cloudflare.F(account)})
	equal(t, "status", v6Status(err), 404)
}

// Version 6 reads a GCP partner interconnect as what it is if it gets no member that it does not know.
func TestV6VariantsInJuly(t *testing.T) {
	api, _ := v6(t)
	created := v6GCPPartner(t, api)
	if v, is := created.AsUnion().(cni.InterconnectNewResponseNscInterconnectGcpPartnerBody); !is || v.Region != "us-central1" {
		t.Errorf("got %T %+v", created.AsUnion(), v)
	}
	found, err := api.Interconnects.Get(t.Context(), created.Name, cni.InterconnectGetParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	if v, is := found.AsUnion().(cni.InterconnectGetResponseNscInterconnectGcpPartnerBody); !is || v.Region != "us-central1" {
		t.Errorf("got %T %+v", found.AsUnion(), v)
	}
	list, err := api.Interconnects.List(t.Context(), cni.InterconnectListParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	if v, is := list.Items[0].AsUnion().(cni.InterconnectListResponseItemsNscInterconnectGcpPartnerBody); !is || v.Region != "us-central1" {
		t.Errorf("got %T %+v", list.Items[0].AsUnion(), v)
	}
}

// By the contract of August it takes the same interconnect for a physical one, and loses the region: which is why the sandbox
// has the contract of July. If this test fails, it need no longer have it.
func TestV6VariantsInAugust(t *testing.T) {
	api, _ := v6(t, sandbox.WithContract(sandbox.August2026))
	created := v6GCPPartner(t, api)
	if v, is := created.AsUnion().(cni.InterconnectNewResponseNscInterconnectPhysicalBody); !is || v.Type != "gcp_partner" || created.Region != "" {
		t.Errorf("got %T %+v with region %q", created.AsUnion(), v, created.Region)
	}
}

func v6CNI(interconnect, conduit string) cni.CNINewParams {
	return cni.CNINewParams{
		AccountID: cloudflare.F(account), Account: cloudflare.F(account), Interconnect: cloudflare.F(interconnect),
		Magic: cloudflare.F(cni.CNINewParamsMagic{
			ConduitName: cloudflare.F(conduit), Description: cloudflare.F(""), Mtu: cloudflare.F(int64(1500)),
		}),
		BGP: cloudflare.F(cni.CNINewParamsBGP{
			CustomerASN: cloudflare.F(int64(4200000001)), ExtraPrefixes: cloudflare.F([]string{"100.96.0.0/12"}),
		}),
	}
}

func TestV6CNIs(t *testing.T) {
	api, _ := v6(t)
	physical := v6Physical(t, api)
	created, err := api.CNIs.New(t.Context(), v6CNI(physical.Name, "conduit-1"))
	ok(t, err)
	equal(t, "ASN", created.BGP.CustomerASN, 4200000001)

	list, err := api.CNIs.List(t.Context(), cni.CNIListParams{AccountID: cloudflare.F(account), Slot: cloudflare.F(physical.SlotID)})
	ok(t, err)
	equal(t, "CNIs", len(list.Items), 1)

	updated, err := api.CNIs.Update(t.Context(), created.ID, cni.CNIUpdateParams{
		AccountID: cloudflare.F(account), ID: cloudflare.F(created.ID), Account: cloudflare.F(account),
		CustIP: cloudflare.F(created.CustIP), P2pIP: cloudflare.F(created.P2pIP), Interconnect: cloudflare.F(created.Interconnect),
		Magic: cloudflare.F(cni.CNIUpdateParamsMagic{
			ConduitName: cloudflare.F("conduit-2"), Description: cloudflare.F("moved"), Mtu: cloudflare.F(int64(1476)),
		}),
	})
	ok(t, err)
	equal(t, "MTU", updated.Magic.Mtu, 1476)
	found, err := api.CNIs.Get(t.Context(), created.ID, cni.CNIGetParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	equal(t, "conduit", found.Magic.ConduitName, "conduit-2")
	equal(t, "BGP", found.BGP.CustomerASN, 0)

	ok(t, api.CNIs.Delete(t.Context(), created.ID, cni.CNIDeleteParams{AccountID: cloudflare.F(account)}))
	_, err = api.CNIs.Get(t.Context(), created.ID, cni.CNIGetParams{AccountID: cloudflare.F(account)})
	equal(t, "status", v6Status(err), 404)
}

func TestV6Settings(t *testing.T) {
	api, _ := v6(t)
	settings, err := api.Settings.Get(t.Context(), cni.SettingGetParams{AccountID: cloudflare.F(account)})
	ok(t, err)
	equal(t, "ASN at first", settings.DefaultASN, 13335)
	for _, step := range []struct {
		update cni.SettingUpdateParams
		want   int64
	}{
		{cni.SettingUpdateParams{DefaultASN: cloudflare.F(int64(64512))}, 64512},
		{cni.SettingUpdateParams{}, 64512},
		{cni.SettingUpdateParams{DefaultASN: cloudflare.Null[int64]()}, 13335},
	} {
		step.update.AccountID = cloudflare.F(account)
		updated, err := api.Settings.Update(t.Context(), step.update)
		ok(t, err)
		equal(t, "ASN", updated.DefaultASN, step.want)
	}
}

// Failures arrive as such, and none of them is sent again.
func TestV6Failures(t *testing.T) {
	api, served := v6(t)
	physical := v6Physical(t, api)
	_, err := api.CNIs.New(t.Context(), v6CNI(physical.Name, "taken"))
	ok(t, err)
	_, err = api.CNIs.New(t.Context(), v6CNI(physical.Name, "taken"))
	equal(t, "conduit name in use", v6Status(err), 409)
	equal(t, "attempts", served.count("operation=create_cni", "status=409"), 1)
	_, err = api.CNIs.New(t.Context(), v6CNI("unknown", "free"))
	equal(t, "unknown interconnect", v6Status(err), 400)
	_, err = api.Slots.Get(t.Context(), "00000000-0000-4000-8000-000000000000", cni.SlotGetParams{AccountID: cloudflare.F(account)})
	equal(t, "unknown slot", v6Status(err), 404)
}
