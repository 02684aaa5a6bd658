package contract

import "testing"

func TestCovers(t *testing.T) {
	tests := []struct {
		declared, essence string
		want              int
	}{
		{"application/json", "application/json", 4},
		{"Application/JSON; charset=utf-8", "application/json", 4},
		{"application/json", "application/json-patch+json", 0},
		{"application/*+json", "application/problem+json", 3},
		{"application/*+json", "application/json", 0},
		{"application/*+json", "text/x+json", 0},
		{"text/*", "text/csv", 2},
		{"text/*", "application/csv", 0},
		{"*/*", "text/csv", 1},
		{"text/plain", "text/csv", 0},
	}
	for _, tt := range tests {
		if got := covers(tt.declared, tt.essence); got != tt.want {
			t.Errorf("covers(%q, %q) = %d, want %d", tt.declared, tt.essence, got, tt.want)
		}
	}
}

func TestMediaPrefersTheNarrowest(t *testing.T) {
	contents := []Content{{MediaType: "*/*"}, {MediaType: "application/*+json"}, {MediaType: "application/*"}, {MediaType: "application/a+json"}}
	tests := []struct{ contentType, want string }{
		{"application/a+json", "application/a+json"},
		{"application/b+json", "application/*+json"},
		{"application/pdf", "application/*"},
		{"image/png", "*/*"},
	}
	for _, tt := range tests {
		content, essence, violation := media(contents, map[string][]string{"Content-Type": {tt.contentType}})
		if violation != nil || content.MediaType != tt.want || essence != tt.contentType {
			t.Errorf("%s: got %v, %q, %v; want %s", tt.contentType, content, essence, violation, tt.want)
		}
	}
}
