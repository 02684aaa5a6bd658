package main

import (
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/interconnect-go/interconnect/gen"
)

// This file reads the command line and runs what it asks for.

const (
	exitOK     = 0
	exitFailed = 1 // errors in the document, drift, or files that cannot be written
	exitUsage  = 2
)

// A command is one run of the command line.
type command struct {
	args           []string
	stdout, stderr io.Writer

	configFile, document, out, pkg string
	check, lint, skip, verbose     bool
	json, sarif                    bool

	config gen.Config
	found  gen.Diagnostics
}

func run(args []string, stdout, stderr io.Writer) int {
	c := &command{args: args, stdout: stdout, stderr: stderr}
	if len(args) > 0 {
		switch args[0] {
		case "help":
			return c.help(args[1:])
		case "rules":
			return c.rules(args[1:])
		}
	}
	flags := c.flags()
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	if err := c.complete(flags); err != nil {
		if c.found.HasErrors() { // of the config file, for whose lack the rest may be missing
			return c.report(true)
		}
		return c.misused(err)
	}
	return c.run()
}

func (c *command) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("contractgen", flag.ContinueOnError)
	flags.SetOutput(c.stderr)
	flags.StringVar(&c.configFile, "config", "", "read choices from the config `FILE`; see \"contractgen help config\"")
	flags.StringVar(&c.document, "document", "", "the OpenAPI document, a `FILE` of YAML or JSON")
	flags.StringVar(&c.out, "out", "", "the `FOLDER` of the package")
	flags.StringVar(&c.pkg, "package", "", "the `NAME` of the package (default the last part of -out)")
	flags.BoolVar(&c.check, "check", false, "compare the folder with the document instead of writing")
	flags.BoolVar(&c.lint, "lint", false, "check the document against all rules instead of generating; fail if there is anything to report")
	flags.BoolVar(&c.skip, "skip-unsupported", false, "leave out operations that code cannot be generated for, instead of failing")
	flags.BoolVar(&c.verbose, "v", false, "report all problems, however many, and names that had to be changed")
	flags.BoolVar(&c.json, "json", false, "report problems on standard output as JSON, for editors")
	flags.BoolVar(&c.sarif, "sarif", false, "report problems on standard output as SARIF 2.1.0, for code scanning")
	flags.Usage = func() { c.usage(flags) }
	return flags
}

// complete reads the config file and fills in what was not given.
func (c *command) complete(flags *flag.FlagSet) error {
	if flags.NArg() == 1 && c.document == "" { // as oapi-codegen has it
		c.document = flags.Arg(0)
	} else if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(flags.NArg()-1))
	}
	if c.json && c.sarif {
		return errors.New("-json and -sarif exclude each other")
	}
	c.config = gen.DefaultConfig()
	if c.configFile != "" {
		text, err := os.ReadFile(c.configFile)
		if err != nil {
			return fmt.Errorf("the config file cannot be read: %w; correct its name, or create it", err)
		}
		c.config, c.found = gen.ReadConfig(filepath.ToSlash(c.configFile), text)
	}
	for _, one := range []struct {
		given *string
		field *string
	}{{&c.document, &c.config.Document}, {&c.out, &c.config.Output}, {&c.pkg, &c.config.Package}} {
		if *one.given != "" {
			*one.field = *one.given
		}
	}
	c.config.SkipUnsupported = c.config.SkipUnsupported || c.skip
	if c.verbose {
		c.config.Rules = withDefault(c.config.Rules, "name-collision", gen.Warning)
	}
	if c.config.Document == "" {
		return errors.New("no document; name one with -document, or in the config file")
	}
	c.config.Source = inModule(c.config.Document)
	if c.lint {
		return nil
	}
	if c.config.Output == "" {
		return errors.New("no folder for the package; name one with -out, or as output in the config file")
	}
	if c.config.Package == "" {
		abs, err := filepath.Abs(c.config.Output)
		if err != nil {
			return err
		}
		c.config.Package = filepath.Base(abs)
	}
	if name := c.config.Package; !token.IsIdentifier(name) || strings.ToLower(name) != name {
		return fmt.Errorf("%q cannot be the name of a package; name another one with -package", name)
	}
	return nil
}

// inModule is the path of a document from the root of its module, so that generated files do not depend on where the command was started.
// It is empty for a document that is not in a module.
func inModule(document string) string {
	abs, err := filepath.Abs(document)
	if err != nil {
		return ""
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			if name, err := filepath.Rel(dir, abs); err == nil {
				return filepath.ToSlash(name)
			}
			return ""
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

func withDefault(rules map[string]gen.Severity, rule string, severity gen.Severity) map[string]gen.Severity {
	all := map[string]gen.Severity{rule: severity}
	for name, s := range rules {
		all[name] = s
	}
	return all
}

func (c *command) run() int {
	if c.lint {
		c.found = append(c.found, gen.Lint(c.config.Document, nil, c.config)...)
		if len(c.found) == 0 && !c.json && !c.sarif {
			fmt.Fprintf(c.stdout, "%s: nothing to report\n", c.config.Document)
		}
		return c.report(len(c.found) > 0)
	}
	refused := c.found.HasErrors() // by the config; the problems of the document are of interest nevertheless
	files, found := gen.Generate(c.config.Document, nil, c.config)
	c.found = append(c.found, found...)
	if refused || found.HasErrors() {
		return c.report(true)
	}
	if c.check {
		return c.compare(files)
	}
	if err := gen.Write(c.config.Output, files, c.config); err != nil {
		fmt.Fprintln(c.stderr, "contractgen:", err)
		return exitFailed
	}
	status := c.report(false)
	if !c.json && !c.sarif {
		fmt.Fprintf(c.stdout, "wrote %d files to %s from %s\n", len(files), filepath.ToSlash(c.config.Output), c.config.Document)
	}
	return status
}

// compare reports how the folder differs from the files.
func (c *command) compare(files gen.Files) int {
	drift, err := gen.Check(c.config.Output, files, c.config)
	if err != nil {
		fmt.Fprintln(c.stderr, "contractgen:", err)
		return exitFailed
	}
	if c.json || c.sarif {
		for _, d := range drift {
			c.found = append(c.found, gen.Diagnostic{
				Position: gen.Position{File: d.Path, Line: d.Line}, Severity: gen.Error,
				Message: fmt.Sprintf("the file is not what %s gives (%s); run: %s", c.config.Document, d.Form, c.remedy()),
			})
		}
		return c.report(len(drift) > 0)
	}
	status := c.report(len(drift) > 0)
	out := filepath.ToSlash(c.config.Output)
	if len(drift) == 0 {
		fmt.Fprintf(c.stdout, "%s is in step with %s\n", out, c.config.Document)
		return status
	}
	for _, d := range drift {
		fmt.Fprintln(c.stderr, d)
	}
	fmt.Fprintf(c.stderr, "%s is not what %s gives; run: %s\n", out, c.config.Document, c.remedy())
	return status
}

// remedy is the command that brings the folder in step: this one without -check.
func (c *command) remedy() string {
	words := []string{"go tool contractgen"}
	for _, arg := range c.args {
		switch strings.TrimLeft(arg, "-") {
		case "check", "check=true", "json", "sarif", "v":
			continue
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// misused reports a wrong command line.
func (c *command) misused(err error) int {
	fmt.Fprintln(c.stderr, "contractgen:", err)
	fmt.Fprintln(c.stderr, `"contractgen help" explains the command line.`)
	return exitUsage
}
