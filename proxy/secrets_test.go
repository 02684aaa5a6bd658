package proxy_test

import (
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/internal/redact/redacttest"
)

// A service that repeats the credentials wherever it can, in whatever spelling, does not get them into archive, log and
// report.
func TestSecretsAreNotKept(t *testing.T) {
	for kind, credential := range map[string]struct {
		user, secret string
		header       []string
	}{
		"token": {"", "T0k3n/that+n0b0dy=may_see~42", []string{"Authorization", "Bearer T0k3n/that+n0b0dy=may_see~42"}},
		"key": {"somebody@example.com", "c2547eb745079dac9320b638f5e225cf483cc5cfdda41",
			[]string{"X-Auth-Email", "somebody@example.com", "X-Auth-Key", "c2547eb745079dac9320b638f5e225cf483cc5cfdda41"}},
		"basic": {"somebody", "c2547eb745079dac9320b638f5e225cf", []string{"Authorization", "Basic c29tZWJvZHk6YzI1NDdlYjc0NTA3OWRhYzkzMjBiNjM4ZjVlMjI1Y2Y="}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			spellings := redacttest.Spellings(credential.user, credential.secret)
			service := redacttest.NewService(t)
			leaks := 0
			try := func(how, raw string) {
				service.Answer(raw)
				r := &rig{t: t}
				r.over(service.URL)
				r.sendAndForget("GET", path+"/slots", credential.header...)
				report, err := json.Marshal(r.end())
				if err != nil {
					t.Fatal(err)
				}
				for what, text := range map[string]string{"archive": r.har.String(), "log": r.log.String(), "report": string(report)} {
					if where := redacttest.Shown(text, credential.secret); where != "" && leaks < 10 {
						leaks++
						t.Errorf("%s: the credential is in the %s, %s\nafter %.300q", how, what, where, raw)
					}
				}
				if !strings.Contains(r.har.String(), path+"/slots") {
					t.Errorf("%s: the exchange is not recorded", how)
				}
			}
			for _, with := range []func(string) iter.Seq2[string, string]{
				redacttest.Responses,
				func(text string) iter.Seq2[string, string] { return redacttest.Successes([]byte(slots), text) },
			} {
				if kind == "token" {
					for name, raw := range with(redacttest.All(spellings)) {
						try(name+", all spellings", raw)
					}
				}
				for name, raw := range redacttest.Mixed(spellings, with) {
					try(name, raw)
				}
			}
		})
	}
}

// A broken escape does not hide the name of a secret, or the secret.
func TestBrokenEscapesHideNothing(t *testing.T) {
	for _, query := range []string{"?%zzapi_tok%65n=hunter2secret", "?api_token=hunter2secret&q=%zz%68unter2secret", "?api_token=%zzhunter2secret%"} {
		r := start(t, answer(200, "application/json", `{"items":[]}`))
		r.send("GET", path+"/slots"+query, "", "Authorization", any)
		report, err := json.Marshal(r.end())
		if err != nil {
			t.Fatal(err)
		}
		if where := redacttest.Shown(r.har.String()+r.log.String()+string(report), "hunter2secret"); where != "" {
			t.Errorf("%s: the secret is shown %s", query, where)
		}
	}
}
