package main

import (
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/interconnect-go/interconnect/gen"
)

// This file explains the command line.

const synopsis = `Contractgen makes a Go package of an OpenAPI document (3.0, 3.1 or 3.2): types that validate what they read
and write, unions that hold exactly one variant, a client and a server.

	contractgen -document openapi.yaml -out internal/petstore [-package petstore]
	contractgen -config contractgen.yaml [-document openapi.yaml]

	contractgen help config   the keys of a config file, which are those of oapi-codegen
	contractgen rules         what a document should not have, and why

`

const examples = `
In a module that has it as a tool (go get -tool github.com/interconnect-go/interconnect/cmd/contractgen):

	//go:generate go tool contractgen -document openapi.yaml -out .

Every problem of a document is reported in one run, a line each: file:line:col: where: what; what to do [rule].
The exit code is 0 if the package is written or in step with the document, 1 if not, and 2 for a wrong command line.
`

const configHelp = `A config file has the choices for a document, in YAML. Its keys are those of oapi-codegen, so that a file written
for it works here: names and pointers follow oapi-codegen's defaults, unless it says otherwise. Paths are relative to
the current folder.

	defaults: contractgen               # ours: what is not said below is as it is without a config file
	package: petstore                   # name of the package
	output: internal/petstore           # its folder
	document: openapi.yaml              # ours; -document does the same
	generate:                           # all but the last two if the key is missing
	  models: true
	  client: true
	  client-with-responses: false      # ours: leaves out ClientWithResponses
	  strict-server: true
	  embedded-spec: true
	  server-urls: true
	output-options:
	  include-tags: [pets]              # also exclude-tags, include-operation-ids, exclude-operation-ids
	  exclude-schemas: [Money]          # types that are written by hand
	  overlay: {path: overlay.yaml}     # an OpenAPI Overlay
	  name-normalizer: ToCamelCaseWithInitialisms   # GoNames, ours, has the names that there are without a config file
	  additional-initialisms: [LACP]
	  type-mapping: {string: {formats: {date: {type: civil.Date, import: cloud.google.com/go/civil}}}}
	  nullable-type: true               # null is kept apart from absent
	  skip-prune: true                  # components that nothing refers to are kept
	  prefer-skip-optional-pointer-on-container-types: true
	compatibility:
	  always-prefix-enum-values: true
	import-mapping: {common.yaml: example.com/api/common}   # "-" for types that the package has already
	rules: {all: warning, operation-id: "off"}      # ours; see "contractgen rules"
	request-defaults: true              # ours: servers give absent members of request bodies their defaults
	skip-unsupported: true              # ours: leaves out operations that code cannot be generated for
	extensions: [x-team]                # ours: extensions of operations that contract.Operation has

Other keys of oapi-codegen are either without effect or named in a warning. A number without a format is a float64, not
a float32 as there: it would lose digits.
`

func (c *command) help(args []string) int {
	switch {
	case len(args) == 0:
		flags := c.flags()
		flags.SetOutput(c.stdout)
		c.usage(flags)
	case len(args) == 1 && args[0] == "config":
		fmt.Fprint(c.stdout, configHelp)
	case len(args) == 1 && args[0] == "rules":
		return c.rules(nil)
	default:
		return c.misused(fmt.Errorf("there is no help on %q; there is on config and rules", args))
	}
	return exitOK
}

func (c *command) usage(flags *flag.FlagSet) {
	out := flags.Output()
	fmt.Fprint(out, synopsis)
	flags.PrintDefaults()
	fmt.Fprint(out, examples)
}

// rules lists the rules.
func (c *command) rules(args []string) int {
	if len(args) > 0 {
		return c.misused(fmt.Errorf("unexpected argument %q", args[0]))
	}
	printRules(c.stdout)
	return exitOK
}

func printRules(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tSEVERITY\tFINDS\tBECAUSE")
	for _, rule := range gen.Rules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", rule.Name, rule.Severity, rule.Finds, rule.Why)
	}
	w.Flush()
	fmt.Fprint(out, "\nA config file sets severities: rules: {all: warning, no-description: off}. In a document, x-lint-ignore: [RULE] switches rules\n"+
		"off for an object and everything in it.\n")
}
