package conform

import (
	"net/http"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/sandbox"
)

// What is found at random is reported without what has nothing to do with it, and once.
func TestShrinking(t *testing.T) {
	for seed := range uint64(3) {
		report := drive(t, crash("update_cni", `"description":""`, `"extra_prefixes":[]`)(sandbox.New()), seed)
		if len(report.Findings) != 1 {
			t.Fatalf("seed %d: want one finding, got %+v", seed, report.Findings)
		}
		f := report.Findings[0]
		for name, usual := range map[string]string{"customer_asn": `4200000001`, "md5_key": `"conform #1"`, "mtu": `1500`, "bgp_mode": `"dynamic_route_exchange"`} {
			if strings.Contains(f.Curl, name) && !strings.Contains(f.Curl, `"`+name+`":`+usual) { // absent is smaller still
				t.Errorf("seed %d: %s is other than usual, without need: %s", seed, name, f.Curl)
			}
		}
		if f.Operation != "update_cni" || f.Rule != RuleServerError || f.Times != 1 {
			t.Errorf("seed %d: the finding is %+v", seed, f)
		}
	}
}

// What is random does not spoil a run that ends early, and shrinking is bounded.
func TestRandomIsBounded(t *testing.T) {
	requests := 0
	url := serve(t, around("update_settings", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		requests++
		crash("update_settings", "")(next).ServeHTTP(w, r)
	})(sandbox.New()))
	opts := testOptions(url, 1)
	opts.MaxRequests = 100000
	if _, err := Run(t.Context(), opts); err != nil || requests > maxShrinking+200 {
		t.Errorf("%d requests for one operation: %v", requests, err)
	}
}
