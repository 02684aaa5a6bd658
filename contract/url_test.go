package contract

import (
	"net/url"
	"testing"
)

func TestOperationURL(t *testing.T) {
	server, err := url.Parse("https://api.example.com/client/v4/")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"./slots":            "https://api.example.com/client/v4/slots",
		"./slots/a%2Fb":      "https://api.example.com/client/v4/slots/a%2Fb",
		"./slots/.../status": "https://api.example.com/client/v4/slots/.../status",
		"./slots/./status":   "",
		"./slots/..":         "",
		"./../slots":         "",
	} {
		got, err := OperationURL(server, path)
		switch {
		case want == "" && err == nil:
			t.Errorf("%s leads to %s", path, got)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%s: got %v, %v; want %s", path, got, err, want)
		}
	}
}
