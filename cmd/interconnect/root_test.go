package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command says what it does and shows how, in lines that fit a terminal.
func TestHelp(t *testing.T) {
	r := start(t)
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			return // cobra's own
		}
		topic := cmd.IsAdditionalHelpTopicCommand()
		if cmd.Short == "" || cmd.Long == "" || cmd.Example == "" && !topic {
			t.Errorf("%q has no description or no example", cmd.CommandPath())
		}
		for line := range strings.SplitSeq(cmd.Long, "\n") {
			if len(line) > 80 {
				t.Errorf("%q: %d characters: %s", cmd.CommandPath(), len(line), line)
			}
		}
		args := strings.Fields(cmd.CommandPath())[1:]
		r.run(exitOK, append(args, "--help")...)
		if !topic {
			wantContains(t, r.stdout, cmd.Long, "Examples:\n"+cmd.Example)
		}
		for _, child := range cmd.Commands() {
			check(child)
		}
	}
	check((&program{}).root())
	r.run(exitOK)
	wantContains(t, r.stdout, "Available Commands:", "Additional help topics:")
	r.run(exitOK, "serve", "--help")
	if strings.Contains(r.stdout.String(), "--account") {
		t.Errorf("the help of serve shows flags that it does not take:\n%s", r.stdout)
	}
}

func TestTopics(t *testing.T) {
	r := start(t)
	r.run(exitOK, "help", "exit-codes")
	for _, code := range []int{exitOK, exitFailed, exitUsage, exitNotFound, exitUnknown, exitNotHealthy, exitInterrupted} {
		wantContains(t, r.stdout, fmt.Sprintf("\n  %-3d  ", code))
	}
	r.run(exitOK, "help", "output")
	for _, format := range formats {
		wantContains(t, r.stdout, "\n  -o "+format+" ")
	}
	wantContains(t, r.stdout, "--columns", "--query", `"exit_code"`)
	r.run(exitOK, "help", "environment")
	wantContains(t, r.stdout, "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY", accountVariable, baseURLVariable)
	r.run(exitOK, "version", "-o", "name")
	r.wantStdout(version() + "\n")
	r.run(exitOK, "version", "-o", "json", "--query", ".go")
	r.wantStdout(`"` + runtime.Version() + `"` + "\n")
	r.run(exitUsage, "version", "--account", "a")
	r.run(exitOK, "--version")
	wantContains(t, r.stdout, "interconnect "+version()+"\n")
}

func TestCompletion(t *testing.T) {
	r := start(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		r.run(exitOK, "completion", shell)
		wantContains(t, r.stdout, "interconnect")
	}
	for args, want := range map[string]string{
		"slots list --output ":          "table\nwide\nname\ncsv\njson\nyaml\n:4\n",
		"interconnects list --type ":    "direct\ngcp_partner\n:4\n",
		"serve --contract ":             "august-2026\njuly-2026\n:4\n",
		"interconnects get ":            ":4\n", // no files
		"interconnects status direct- ": ":4\n",
	} {
		r.run(exitOK, append([]string{"__complete"}, strings.Split(args, " ")...)...)
		r.wantStdout(want)
	}
}
