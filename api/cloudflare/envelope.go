// Package cloudflare is what Cloudflare's API has beyond OpenAPI: its envelope of failures, the permissions of tokens and its formats.
//
// Importing it adds the formats to those that package schema validates.
package cloudflare

import (
	"net/http"
	"strconv"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/wire"
)

// WriteFailure responds with the failure envelope of Cloudflare's API, application/json:
//
//	{"success":false,"errors":[{"code":10010,"message":"/slot_id: want a UUID … (format)",
//	 "source":{"pointer":"/slot_id"}}],"messages":[],"result":null}
//
// There is one entry for each violation, at most 100; a last one says how many are left out. Other failures have a single entry. No list of
// codes is published. Those that have been seen on Cloudflare's API are used where they fit (10000 for 401 and 403, 7003 for 404, 10010 for 400);
// the others are 10000 plus the status, which is our choice.
//
// It is for [contract.HandlerOptions].
func WriteFailure(w http.ResponseWriter, _ *http.Request, f *contract.Failure) {
	b := append(make([]byte, 0, 512), `{"success":false,"errors":[`...)
	entry := func(message string) {
		b = strconv.AppendInt(append(b, `{"code":`...), int64(code(f.Status)), 10)
		b = wire.AppendString(append(b, `,"message":`...), message)
	}
	for i, item := range f.Items() {
		if i > 0 {
			b = append(b, ',')
		}
		entry(item.Message)
		if item.Pointer != "" && item.In == "body" { // the envelope's pointer leads into the body
			b = append(wire.AppendString(append(b, `,"source":{"pointer":`...), item.Pointer), '}')
		}
		b = append(b, '}')
	}
	if len(f.Violations) == 0 {
		entry(f.Message)
		b = append(b, '}')
	}
	b = append(b, "],\"messages\":[],\"result\":null}\n"...)
	w.Header()["Content-Type"] = contentType
	w.WriteHeader(f.Status)
	w.Write(b)
}

var contentType = []string{"application/json"}

func code(status int) int {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return 10000
	case http.StatusNotFound:
		return 7003
	case http.StatusBadRequest:
		return 10010
	}
	return 10000 + status
}
