package wire

import (
	"net/http"
	"testing"
)

func TestContentOf(t *testing.T) {
	contents := []Content{
		{MediaType: "*/*", Kind: Binary}, {MediaType: "application/*+json"}, {MediaType: "application/*", Kind: Binary}, {MediaType: "application/a+json"},
		{MediaType: "text/csv; header=present", Kind: Text}, {MediaType: "Text/CSV", Kind: Text},
	}
	for contentType, want := range map[string]string{
		"application/a+json":                "application/a+json",
		"Application/A+JSON; charset=UTF-8": "application/a+json",
		"application/b+json":                "application/*+json",
		"text/x+json":                       "*/*",
		"application/pdf":                   "application/*",
		"image/png":                         "*/*",
		"text/csv":                          "Text/CSV",
		"text/csv; header=present":          "text/csv; header=present",
		"text/csv; charset=latin1":          "",
		"application/pdf; charset=latin1":   "application/*",
		"text":                              "*/*",
		"text/csv; =":                       "",
		"":                                  "",
	} {
		content, _, violation := ContentOf(contents, http.Header{"Content-Type": {contentType}})
		got := ""
		if content != nil {
			got = content.MediaType
		}
		if got != want || (violation == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", contentType, got, violation, want)
		}
	}
	if content, essence, _ := ContentOf(contents, nil); content.MediaType != "application/*" || essence != "application/octet-stream" {
		t.Errorf("without Content-Type: got %v, %s", content, essence)
	}
	if _, _, violation := ContentOf(contents, http.Header{"Content-Type": {"text/csv", "text/csv"}}); violation == nil {
		t.Error("two Content-Types are one")
	}
	_, _, violation := ContentOf(contents[3:4], http.Header{"Content-Type": {`text/plain; token="secret"`}})
	if violation == nil || violation.String() != `header "Content-Type": want application/a+json, got "text/plain"` {
		t.Errorf("got %v", violation)
	}
}

func TestNegotiate(t *testing.T) {
	types := []string{"application/json", "text/csv", "application/problem+json"}
	for accept, want := range map[string]string{
		"text/csv":                       "text/csv",
		"text/*, application/json;q=0.5": "text/csv",
		"*/*":                            "application/json",
		"*/*, application/json;q=0":      "text/csv",
		"application/*;q=0.2, application/json;q=.1": "application/problem+json",
		"TEXT/CSV ; Q=1": "text/csv",
		"image/png":      "",
		" , ":            "application/json",
		"text/csv;q=x":   "text/csv",
	} {
		if got := Negotiate(types, []string{accept}); got != want {
			t.Errorf("%s: got %q, want %q", accept, got, want)
		}
	}
	if got := Negotiate(types, nil); got != "application/json" {
		t.Errorf("without Accept: got %q", got)
	}
	if !Acceptable([]Content{{MediaType: "text/*"}}, http.Header{"Accept": {"text/csv"}}) {
		t.Error("a range of the document has nothing in common with one of its types")
	}
}
