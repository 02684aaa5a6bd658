package main

import (
	_ "embed"
	"os"
	"regexp"
	"strings"
	"testing"
)

//go:embed testdata/demo.txt
var demoText string

// The tour says the same each time, but for the port and the name of the file.
func TestDemo(t *testing.T) {
	t.Chdir(t.TempDir())
	environment(t, "http://127.0.0.1:1") // it calls no other server
	r := &rig{t: t}
	for _, args := range [][]string{{"demo"}, {"demo", "--loa", "interconnect-demo-loa.pdf"}} {
		r.run(exitOK, args...)
		r.wantStderr("")
		letter, err := os.ReadFile("interconnect-demo-loa.pdf")
		if err != nil || !strings.HasPrefix(string(letter), "%PDF-") {
			t.Errorf("the letter begins with %.10q, %v", letter, err)
		}
		got := regexp.MustCompile(`127\.0\.0\.1:[0-9]+`).ReplaceAllString(r.stdout.String(), "127.0.0.1:PORT")
		wantText(t, "the tour", got, demoText)
	}
	r.run(exitFailed, "demo", "--loa", "no/such/directory.pdf")
}
