package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

// What README.md shows is what happens.

// The first Go code of the README is the first example of the client, whose output is checked, and a whole program.
func TestReadmeExample(t *testing.T) {
	program := readmeBlocks(t, "go")[0]
	_, body, _ := strings.Cut(program, "func main() {\n")
	body = strings.Join(trimmedLines(strings.TrimSuffix(body, "\n}")), "\n")
	if example := strings.Join(trimmedLines(readText(t, "../client/example_test.go")), "\n"); body == "" || !strings.Contains(example, body) {
		t.Errorf("client/example_test.go does not have the code that README.md shows first:\n%s", body)
	}

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "program"), filepath.Join(dir, "main.go")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	run := func(sb *sandbox.Sandbox) (output string, orders int) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				orders++
			}
			sb.ServeHTTP(w, r)
		}))
		defer server.Close()
		command := exec.Command(filepath.Join(dir, "program"))
		command.Env = []string{
			"CLOUDFLARE_BASE_URL=" + server.URL + interconnect.BasePath, "CLOUDFLARE_API_TOKEN=anything",
			"CLOUDFLARE_ACCOUNT_ID=4f8c1d2e9ab04c75b3e6d7018f2a9c35",
		}
		out, _ := command.CombinedOutput()
		return string(out), orders
	}
	if out, orders := run(sandbox.New()); orders != 1 || !strings.Contains(out, "ordered direct-iad-a-c70810a0, a port of 10G at Equinix DC2\n") {
		t.Errorf("the program orders %d times and says\n%s", orders, out)
	}
	elsewhere := slices.DeleteFunc(sandbox.Catalogue(""), func(slot interconnect.Slot) bool { return slot.Site == "iad-a" })
	if out, orders := run(sandbox.New(sandbox.WithSlots(elsewhere))); orders != 0 || !strings.Contains(out, "no slot is free at iad-a\n") {
		t.Errorf("without a free slot the program orders %d times and says\n%s", orders, out)
	}
}

// A module of somebody else gets the packages and the generator in the way that the README says.
func TestReadmeModule(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads what the dependencies of an importer are, and compiles the generator")
	}
	var commands []string
	for _, block := range readmeBlocks(t, "") {
		if strings.HasPrefix(block, "go mod edit -replace") {
			commands = strings.Split(block, "\n")
		}
	}
	if len(commands) != 3 {
		t.Fatalf("README.md has %d commands for a module of one's own, want 3", len(commands))
	}
	checkout, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(readmeBlocks(t, "go")[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range append(append([]string{"go mod init example.com/orders"}, commands...), "go build -o program .", "go tool contractgen -h") {
		command, _, _ = strings.Cut(command, "#")
		args := strings.Fields(strings.Replace(command, "=../interconnect", "="+checkout, 1))
		run := exec.Command(args[0], args[1:]...)
		run.Dir = dir
		run.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := run.CombinedOutput()
		if usage := strings.Contains(string(out), "usage:"); err != nil && !usage {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
}

// The tour is that of the program, whose output is checked.
func TestReadmeTour(t *testing.T) {
	tour := readText(t, "../cmd/interconnect/testdata/demo.txt")
	if _, rest, _ := strings.Cut(readText(t, "../README.md"), "```text\n"); rest == "" {
		t.Error("README.md has no tour")
	} else if shown, _, _ := strings.Cut(rest, "```"); !strings.Contains(tour, shown) {
		t.Errorf("demo.txt does not have the tour that README.md shows:\n%s", shown)
	}
}

// The last Go code is the beginning of a generated type.
func TestReadmeUnion(t *testing.T) {
	types := readText(t, "../generated/interconnect/types.gen.go")
	blocks := readmeBlocks(t, "go")
	if shown := blocks[len(blocks)-1]; !strings.Contains(types, shown) {
		t.Errorf("types.gen.go does not have the code that README.md shows:\n%s", shown)
	}
}

// The HTTP request of the README gets the response that follows it.
func TestReadmeAnswer(t *testing.T) {
	blocks := readmeBlocks(t, "http")
	head, body, _ := strings.Cut(blocks[0], "\n\n")
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\n\n")))
	if err != nil {
		t.Fatal(err)
	}
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	recorder := httptest.NewRecorder()
	interconnect.NewHandler(newService(), contract.HandlerOptions{WriteFailure: cloudflare.WriteFailure}).ServeHTTP(recorder, request)

	head, body, _ = strings.Cut(blocks[1], "\n\n")
	got := recorder.Result()
	want, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head+"\n\n")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != want.Status || got.Header.Get("Content-Type") != want.Header.Get("Content-Type") {
		t.Errorf("the response is %s, %s", got.Status, got.Header.Get("Content-Type"))
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(body)); err != nil {
		t.Fatal(err)
	}
	if answered := strings.TrimSpace(recorder.Body.String()); answered != compact.String() {
		t.Errorf("the body of the response is %s", answered)
	}
}

// The diagnostic that the README shows is one that the tests of the generator hold.
func TestReadmeDiagnostic(t *testing.T) {
	shown := ""
	for _, block := range readmeBlocks(t, "") {
		if strings.HasPrefix(block, "openapi.yaml:") {
			shown = block
		}
	}
	if golden := readText(t, "../gen/testdata/union-same-shape.txtar"); shown == "" || !strings.Contains(golden, shown) {
		t.Errorf("union-same-shape.txtar does not have the diagnostic that README.md shows:\n%s", shown)
	}
}

// Every "make target" that a document names is one of the Makefile's.
func TestDocumentsNameTargets(t *testing.T) {
	makefile := readText(t, "../Makefile")
	for _, path := range []string{"../README.md", "../CONTRIBUTING.md", "../docs/design.md", "../docs/dependencies.md", "../docs/performance.md", "../docs/reliability.md", "../SECURITY.md", "../.ci/run", "../.github/workflows/ci.yml"} {
		for _, m := range regexp.MustCompile("(?m)(?:`|^|step |run: )make ([a-z-]+(?: [a-z-]+)*)").FindAllStringSubmatch(readText(t, path), -1) {
			for target := range strings.FieldsSeq(m[1]) {
				if !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(makefile) {
					t.Errorf("%s names make %s, which the Makefile does not have", path, target)
				}
			}
		}
	}
}

// Every link to a file leads to one. Code has no links.
func TestDocumentsLink(t *testing.T) {
	for _, path := range []string{"../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md", "../docs/design.md", "../docs/dependencies.md", "../docs/migrating.md", "../docs/parameters.md",
		"../docs/performance.md", "../docs/reliability.md", "../SECURITY.md"} {
		text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(readText(t, path), "")
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", path, m[1])
			}
		}
	}
}

// readmeBlocks are the fenced blocks of one language; there are two of each at least.
func readmeBlocks(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for i, part := range strings.Split(readText(t, "../README.md"), "```") {
		if first, text, _ := strings.Cut(part, "\n"); i%2 == 1 && first == language {
			blocks = append(blocks, strings.TrimSuffix(text, "\n"))
		}
	}
	if len(blocks) < 2 {
		t.Fatalf("README.md has %d blocks of %q", len(blocks), language)
	}
	return blocks
}

func trimmedLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
