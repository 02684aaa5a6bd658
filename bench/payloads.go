package main

import (
	"encoding/json"
	"strings"
)

const account = "4f8c1d2e9ab04c75b3e6d7018f2a9c35"

// What is sent and answered. Every peer serves the same values, which it has read from these texts before.
const (
	createPhysical = `{"type":"direct","account":"` + account + `","slot_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","speed":"10G"}`
	createGCP      = `{"type":"gcp_partner","account":"` + account + `","bandwidth":"1G","pairing_key":"7e51371e-72a3-40b5-b844-2e3efefaee59/us-central1/2"}`
	createInvalid  = `{"type":"direct","account":"","slot_id":"slot-1","speed":"10G","colour":"red"}` // three violations, of which the unit sees none

	physical = `{"account":"` + account + `","ccr_device_name":"ccr01.iad-a","facility":{"address":["400 Example Plaza","Ashburn, VA","United States"],` +
		`"name":"Equinix DC2"},"name":"direct-iad-a-7d41f0c2","owner":"network","site":"iad-a","slot_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",` +
		`"speed":"10G","type":"direct","virtual_port_reservation_id":"3b7e2f58-91d4-4c0a-8f63-a5d81e097b46"}`
	gcp = `{"account":"` + account + `","name":"gcp-us-central1-2b73c208","owner":"network","region":"us-central1","speed":"1G","type":"gcp_partner",` +
		`"virtual_port_reservation_id":"9c1c3a2f-1c9f-4d11-8b0e-1d5c2f0a4d56"}`
)

// listOf is a page of n interconnects, of both types in turn. It is the last one.
func listOf(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = []string{physical, gcp}[i%2]
	}
	return `{"items":[` + strings.Join(items, ",") + `],"next":null}`
}

// read is json.Unmarshal for what cannot fail.
func read[T any](text string) T {
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}
