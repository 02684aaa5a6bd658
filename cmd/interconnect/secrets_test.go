package main

import (
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/internal/redact/redacttest"
)

// The successes of the commands below.
const (
	slotExample = `{"id":"4b99d788-9a01-53d2-97b3-e7d272d0ad85","site":"iad-a","speed":"10G","occupied":false,` +
		`"facility":{"name":"Equinix DC2","address":["1 Example Plaza"]}}`
	portExample = `{"type":"direct","account":"a","name":"direct-iad-a-1","owner":"o","site":"iad-a","speed":"10G",` +
		`"slot_id":"4b99d788-9a01-53d2-97b3-e7d272d0ad85","facility":{"address":[],"name":"Equinix DC2"},` +
		`"virtual_port_reservation_id":"4b99d788-9a01-53d2-97b3-e7d272d0ad86"}`
	cniExample = `{"id":"4b99d788-9a01-53d2-97b3-e7d272d0ad85","account":"a","interconnect":"direct-iad-a-1","cust_ip":"10.64.0.1/31",` +
		`"p2p_ip":"10.64.0.0/31","magic":{"conduit_name":"c","description":"d","mtu":1500}}`
)

// Whatever a service repeats of the credentials, no command prints them, in any format.
func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "T0k3n/that+n0b0dy=may_see~42"
	service := redacttest.NewService(t)
	environment(t, service.URL+"/client/v4")
	t.Setenv("CLOUDFLARE_API_TOKEN", secret)
	spellings := redacttest.Spellings("", secret)
	netHTTP := &buffer{} // what net/http says by itself
	defer log.SetOutput(log.Writer())
	log.SetOutput(netHTTP)

	const id = "4b99d788-9a01-53d2-97b3-e7d272d0ad85"
	for _, command := range []struct{ args, example string }{
		{"slots list", `{"items":[` + slotExample + `],"next":null}`},
		{"interconnects get direct-iad-a-1", portExample},
		{"interconnects create --slot " + id, portExample},
		{"interconnects status direct-iad-a-1 --wait --wait-timeout 20ms", `{"state":"Down","reason":"no light"}`},
		{"interconnects loa direct-iad-a-1 -f -", ""},
		{"interconnects delete direct-iad-a-1 --yes", ""},
		{"cnis get " + id, cniExample},
		{"settings update --default-asn 64512", `{"default_asn":64512}`},
	} {
		t.Run(command.args, func(t *testing.T) {
			formats := []string{"-o table", "-o table -v", "-o json", "-o json -v", "-o yaml", "-o wide", "-o csv", "-o name"}
			leaks, n := 0, 0
			try := func(how, raw string) {
				service.Answer(raw)
				r := &rig{t: t}
				format := formats[n%len(formats)]
				n++
				code := r.start(t.Context(), append(strings.Fields(command.args), strings.Fields(format)...)...)()
				for what, text := range map[string]string{"stdout": r.stdout.String(), "stderr": r.stderr.String(), "the log": netHTTP.String()} {
					if where := redacttest.Shown(text, secret); where != "" && leaks < 10 {
						leaks++
						t.Errorf("%s, %s, exit code %d: %s shows the credential %s\nafter %.300q", how, format, code, what, where, raw)
					}
				}
			}
			for name, raw := range redacttest.Successes([]byte(command.example), redacttest.All(spellings)) {
				try(name+", all spellings", raw)
			}
			for name, raw := range redacttest.Mixed(spellings, redacttest.Responses) {
				try(name, raw)
			}
		})
	}
}

// A server that repeats the credentials does not get them into what conform prints and writes.
func TestConformShowsNoSecrets(t *testing.T) {
	const secret = "T0k3n/that+n0b0dy=may_see~42"
	service := redacttest.NewService(t)
	environment(t, "")
	t.Setenv("CLOUDFLARE_API_TOKEN", secret)
	for name, raw := range redacttest.Responses(redacttest.All(redacttest.Spellings("", secret))) {
		if !strings.Contains(name, "refusal") && !strings.Contains(name, "header Cf-Ray") && !strings.Contains(name, "header name") {
			continue
		}
		service.Answer(raw)
		r := &rig{t: t}
		dir := t.TempDir()
		files := []string{filepath.Join(dir, "report.xml"), filepath.Join(dir, "report.md")}
		r.start(t.Context(), "conform", service.URL, "--account", account, "--max-requests", "40", "--junit", files[0], "--markdown", files[1])()
		text := r.stdout.String() + r.stderr.String()
		for _, file := range files {
			written, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text += string(written)
		}
		if where := redacttest.Shown(text, secret); where != "" {
			t.Errorf("%s: the credential is shown %s", name, where)
		}
	}
}
