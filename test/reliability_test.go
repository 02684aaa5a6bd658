package test

import (
	"bufio"
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every row of docs/reliability.md ends with a command. It names tests that exist, and make test or make test-long runs them.
func TestReliability(t *testing.T) {
	command := regexp.MustCompile("`go test ((?:\\./\\S+ ?)+)([^`]*)`")
	makefile := readText(t, "../Makefile")
	_, long, found := strings.Cut(makefile, "\ntest-long:")
	if !found {
		t.Fatal("the Makefile has no test-long")
	}
	long, _, _ = strings.Cut(long, "\n\n")
	rows := 0
	for _, line := range strings.Split(readText(t, "../docs/reliability.md"), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| What |") {
			continue
		}
		rows++
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		m := command.FindStringSubmatch(strings.ReplaceAll(cells[len(cells)-2], "\x00", "|"))
		if m == nil {
			t.Errorf("no command in %s", line)
			continue
		}
		packages, flags := strings.Fields(m[1]), m[2]
		pattern := flagOf(flags, "run")
		fuzz := flagOf(flags, "fuzz")
		for _, p := range packages {
			names := declared(t, p)
			switch {
			case fuzz != "" && !matches(names, "Fuzz", fuzz):
				t.Errorf("%s has no fuzz target %s", p, fuzz)
			case fuzz == "" && pattern != "" && !matches(names, "Test", pattern):
				t.Errorf("%s has no test %s", p, pattern)
			}
			if strings.Contains(flags, "-long") && !regexp.MustCompile(regexp.QuoteMeta(p)+" .*-long").MatchString(long) {
				t.Errorf("make test-long does not run %s", m[0])
			}
		}
	}
	if rows < 30 {
		t.Errorf("there are %d rows", rows)
	}
}

// flagOf returns the value of a flag, without quotes.
func flagOf(flags, name string) string {
	m := regexp.MustCompile(`-` + name + ` ('[^']*'|\S+)`).FindStringSubmatch(flags)
	if m == nil {
		return ""
	}
	return strings.Trim(m[1], "'")
}

// declared returns the functions of the tests of a package.
func declared(t *testing.T, path string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", path, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", path, err)
	}
	for _, file := range files {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(readText(t, file), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

func matches(names []string, prefix, pattern string) bool {
	expression := regexp.MustCompile(pattern)
	for _, name := range names {
		if strings.HasPrefix(name, prefix) && expression.MatchString(name) {
			return true
		}
	}
	return false
}

// make test-long runs every fuzz target that there is.
func TestLongRunsFuzzTargets(t *testing.T) {
	out, err := exec.Command("make", "-C", "..", "-n", "test-long").Output()
	if err != nil {
		t.Skip("make is not there:", err)
	}
	listed := false
	for scanner := bufio.NewScanner(bytes.NewReader(out)); scanner.Scan(); {
		listed = listed || strings.Contains(scanner.Text(), "test -list '^Fuzz' ./...")
	}
	if !listed {
		t.Errorf("make test-long does not list the fuzz targets:\n%s", out)
	}
}
