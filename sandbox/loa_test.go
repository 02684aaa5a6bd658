package sandbox_test

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/interconnect-go/interconnect/sandbox"
)

var shown = regexp.MustCompile(`(?s)\(((?:[^\\()]|\\.)*)\)\s*Tj`)

// textOf returns the strings that a PDF document shows, one per line. It knows only what is needed for ours: nothing is
// compressed, and the text is UTF-16.
func textOf(t *testing.T, document []byte) string {
	t.Helper()
	if !bytes.HasPrefix(document, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(document), []byte("%%EOF")) {
		t.Fatalf("no PDF document: %.40q", document)
	}
	var lines []string
	for _, match := range shown.FindAllSubmatch(document, -1) {
		var units []uint16
		raw := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(match[1], func(b []byte) []byte {
			if b[1] == 'r' {
				return []byte{'\r'}
			}
			return b[1:]
		})
		for i := 0; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		lines = append(lines, strings.TrimSpace(string(utf16.Decode(units))))
	}
	return strings.Join(lines, "\n")
}

func TestLetterOfAuthorization(t *testing.T) {
	r := start(t, sandbox.WithAccountName(account, "Müller & Söhne (Łódź) \\ Co."))
	slot := slots[38]
	ic := r.order(slot)
	path := "/interconnects/" + ic.Name + "/loa"
	r.Advance(24 * time.Hour)
	reply := r.call("GET", path, "")
	wantStatus(t, reply, 200)
	if reply.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("got %v", reply.header)
	}
	text := textOf(t, []byte(reply.body))
	for _, want := range []string{"Letter of Authorization", "Müller & Söhne (Łódź) \\ Co.", account, ic.Name, "Equinix DC2", "400 Example Plaza (fictional)",
		"Ashburn, VA", "United States", slot.ID.String(), *slot.CCRDeviceName, "iad-a", "100G", "15 August 2026", "It authorizes nothing"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the letter:\n%s", want, text)
		}
	}
	if again := r.call("GET", path, ""); again.body != reply.body {
		t.Error("the same letter has other bytes")
	}
	r.Advance(24 * time.Hour)
	if later := textOf(t, []byte(r.call("GET", path, "").body)); !strings.Contains(later, "16 August 2026") {
		t.Errorf("the date is not in the letter:\n%s", later)
	}

	// A name of one's own, and some that are hard to print.
	for name, want := range map[string]string{
		"Example Networks, Inc.": "Example Networks, Inc.",
		"株式会社 Москва":            "株式会社 Москва",
		"party 🎉\x07":            "party \uFFFD\uFFFD",
		strings.Repeat("x", 200): "xxxxxxxxxxxxxxxxxxxx",
		strings.Repeat("é ", 99): "é é é é é é é é é é",
		"<b>(\\":                 "<b>(\\",
	} {
		reply := r.call("GET", path+"?name="+url.QueryEscape(name), "")
		wantStatus(t, reply, 200)
		if text := textOf(t, []byte(reply.body)); !strings.Contains(text, want) || strings.Contains(text, "Müller") {
			t.Errorf("%q is not in the letter:\n%s", want, text)
		}
	}
	// What the font of the letter does not have is said, and only that.
	for name, want := range map[string]string{
		"株式会社 Москва": "shows a box for each: U+682A U+5F0F U+4F1A U+793E. To copy",
		"party 🎉\x07": "cannot write them: U+1F389 U+0007.",
		"مرحبا 🎉":     "shows a box for each: U+0645 U+0631 U+062D U+0628 U+0627. To copy",
		"一二三四五六七八九十":  "U+516B and 2 more. To copy",
		"Ελλάδα Łódź": "",
	} {
		text := strings.Join(strings.Fields(textOf(t, []byte(r.call("GET", path+"?name="+url.QueryEscape(name), "").body))), " ")
		if !strings.Contains(text, want) || want == "" && (strings.Contains(text, "a box") || strings.Contains(text, "cannot write")) {
			t.Errorf("%q: there is no %q in\n%s", name, want, text)
		}
	}
	for _, name := range []string{"", strings.Repeat("x", 201)} {
		wantStatus(t, r.call("GET", path+"?name="+name, ""), 400)
	}

	if reply := r.call("GET", path+"/default", ""); !strings.Contains(reply.body, `"name":"Müller & Söhne (Łódź) \\ Co."`) {
		t.Errorf("got %s", reply.body)
	}
	if reply := start(t).callAs(other, "GET", "/interconnects/x/loa/default", ""); reply.status != 404 {
		t.Errorf("got %d %s", reply.status, reply.body)
	}
	wantFailure(t, r.call("GET", "/interconnects/x/loa", ""), 404, "interconnect x not found")

	google := r.orderGCP(key).Name
	for _, path := range []string{"/loa", "/loa/default"} {
		wantFailure(t, r.call("GET", "/interconnects/"+google+path, ""), 400,
			"interconnect "+google+" is a GCP partner interconnect, which needs no Letter of Authorization")
	}
}

func TestDefaultAccountName(t *testing.T) {
	r := start(t)
	ic := r.order(slots[0])
	if reply := r.call("GET", "/interconnects/"+ic.Name+"/loa/default", ""); reply.body != `{"name":"Account `+account+`"}`+"\n" {
		t.Errorf("got %s", reply.body)
	}
}

// Where pdftotext is installed, as in CI, it reads the letter. The other tests read it by themselves.
func TestLetterWithPdftotext(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is a program that not every machine has; .ci/run installs it")
	}
	r := start(t)
	ic := r.order(slots[36])
	file := filepath.Join(t.TempDir(), "loa.pdf")
	if err := os.WriteFile(file, []byte(r.call("GET", "/interconnects/"+ic.Name+"/loa?name=M%C3%BCller", "").body), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Müller", ic.Name, "Equinix DC2", "14 August 2026", ic.SlotID.String()} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
}
