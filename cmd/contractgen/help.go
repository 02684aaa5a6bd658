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
	contractgen -config contractgen.yaml [openapi.yaml]
	contractgen -check | -lint …          compare instead of writing; look for mistakes

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
	generate:                           # without the key: models, client and strict-server
	  models: true                      # types, their readers and writers
	  client: true                      # Client and ClientWithResponses
	  client-with-responses: false      # ours: leaves out ClientWithResponses
	  strict-server: true               # StrictServerInterface and NewHandler
	  std-http-server: true             # also ServerInterface, Handler and NewStrictHandler, as oapi-codegen has them
	  embedded-spec: true               # GetSpec
	  server-urls: true                 # constants for the servers of the document
	output-options:
	  include-tags: [pets]              # also exclude-tags, include-operation-ids, exclude-operation-ids
	  exclude-schemas: [Money]          # types that are written by hand
	  overlay: {path: overlay.yaml}     # an OpenAPI Overlay; strict: true if each action has to change something
	  name-normalizer: ToCamelCaseWithInitialisms   # GoNames, ours, has the names that there are without a config file
	  additional-initialisms: [LACP]
	  type-mapping: {string: {formats: {date: {type: civil.Date, import: cloud.google.com/go/civil}}}}
	  nullable-type: true               # null is kept apart from absent
	  prefer-skip-optional-pointer: true            # also -with-omitzero, -on-container-types
	  response-type-suffix: Reply       # of the types of ClientWithResponses
	  client-type-name: PetClient
	  skip-prune: true                  # components that nothing refers to are kept
	  yaml-tags: true                   # fields have tags for YAML
	  skip-enum-validate: true          # also skip-enum-via-oneof, skip-response-body-getters,
	                                    # skip-client-response-content-type, client-response-bytes-function,
	                                    # disable-type-aliases-for-type: as oapi-codegen has them
	compatibility:
	  always-prefix-enum-values: true   # also disable-required-readonly-as-pointer, headers-implicitly-required
	import-mapping: {common.yaml: example.com/api/common}   # "-" for types that the package has already
	additional-imports: [{alias: _, package: example.com/api/formats}]
	rules: {all: warning, operation-id: "off"}      # ours; see "contractgen rules"
	request-defaults: true              # ours: servers give absent members of requests their defaults
	skip-unsupported: true              # ours: leaves out operations that code cannot be generated for
	extensions: [x-team]                # ours: extensions of operations that contract.Operation has

Any other key is reported, with what to do instead. A number without a format is a float64, not a float32 as there: it
would lose digits.
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
