// What a command sends can come from a file: the body of a request as the API takes it, as YAML or JSON. What is wrong
// with it is reported with its line, before anything is sent.

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/reconcile"
	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/yamljson"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func fileFlag(cmd *cobra.Command, file *string, what string) {
	cmd.Flags().StringVar(file, "file", "", "`FILE` with "+what+", as YAML or JSON; - for standard input")
}

// fileAlone refuses flags beside --file that would say what the file says.
func fileAlone(cmd *cobra.Command, other ...string) error {
	for _, name := range other {
		if err := exclusive(cmd, "file", name); err != nil {
			return err
		}
	}
	return nil
}

// readBody reads the body of a request from a file; "-" is standard input. The account of a body may be missing, and
// must be that of the command line otherwise.
func readBody[T any](p *program, operation, file string) (body T, err error) {
	document, err := p.readDocument(file)
	if err != nil {
		return body, err
	}
	text := document.JSON
	schema := bodySchema(operation)
	if takesAccount(schema) {
		account, err := p.account()
		if err != nil {
			return body, err
		}
		if text, err = withAccount(document, account); err != nil {
			return body, err
		}
	}
	if err := checkInput(schema, text); err != nil {
		return body, &contract.RequestError{Operation: operation, Err: &placedError{document, err}}
	}
	if err := json.Unmarshal(text, &body); err != nil {
		return body, err
	}
	if err := checkPrefixes(bgpOf(body)); err != nil {
		return body, &contract.RequestError{Operation: operation, Err: &placedError{document, err}}
	}
	return body, nil
}

// bgpOf returns the BGP session in the body of a request; nil if it has none.
func bgpOf(body any) *interconnect.BGPControl {
	switch body := body.(type) {
	case interconnect.CNICreate:
		return body.BGP
	case interconnect.CNIUpdate:
		return body.BGP
	}
	return nil
}

// checkPrefixes refuses extra prefixes with bits behind the prefix, see [reconcile.MeantPrefix]. bgp may be nil.
func checkPrefixes(bgp *interconnect.BGPControl) error {
	if bgp == nil {
		return nil
	}
	var invalid contract.ValidationError
	for i, text := range bgp.ExtraPrefixes {
		if meant := reconcile.MeantPrefix(text); meant != "" {
			invalid.Violations = append(invalid.Violations, contract.Violation{
				In: "body", Pointer: fmt.Sprintf("/bgp/extra_prefixes/%d", i), Rule: "prefix", Want: meant, Got: strconv.Quote(text),
			})
		}
	}
	if len(invalid.Violations) == 0 {
		return nil
	}
	return &invalid
}

// checkInput is [contract.Schema.Check] for what people write: a member that the schema does not have is mistyped, also
// where the schema allows it for the sake of programs. It would be lost when the text is decoded.
func checkInput(schema *contract.Schema, text []byte) error {
	err := schema.Check(text, contract.InRequest)
	invalid := &contract.ValidationError{}
	if err != nil && !errors.As(err, &invalid) {
		return err
	}
	deviations, _ := schema.CheckTolerant(text, contract.InRequest)
	for _, v := range deviations {
		if v.Rule == "undeclared" {
			invalid.Violations = append(invalid.Violations, v)
		}
	}
	if len(invalid.Violations) > 0 {
		return invalid
	}
	return nil
}

// readDocument reads a file, or standard input for "-".
func (p *program) readDocument(file string) (*yamljson.Document, error) {
	text, err := p.read(file)
	if err != nil {
		return nil, err
	}
	if file == "-" {
		file = "standard input"
	}
	document, err := yamljson.Parse(file, text)
	if err != nil {
		return nil, usagef("%w", err)
	}
	return document, nil
}

// maxInput is the largest file that is read, in bytes: room for the export of an account with 40,000 CNIs.
const maxInput = 16 << 20

// read reads a file, or standard input for "-".
func (p *program) read(name string) ([]byte, error) {
	input := p.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer file.Close()
		input = file
	}
	text, err := io.ReadAll(io.LimitReader(input, maxInput+1))
	switch {
	case err != nil:
		return nil, usagef("%w", err)
	case len(text) > maxInput:
		return nil, usagef("%s is longer than %d MiB", name, maxInput>>20)
	}
	return text, nil
}

// bodySchema returns the schema of an operation's body.
func bodySchema(operation string) *contract.Schema {
	for _, op := range interconnect.Operations() {
		if op.ID == operation {
			return op.Body.Content[0].Schema
		}
	}
	panic("no operation " + operation)
}

// takesAccount reports whether a body has an account.
func takesAccount(s *contract.Schema) bool {
	if len(s.OneOf) > 0 {
		s = s.OneOf[0]
	}
	return s.Property("account") != nil
}

// withAccount returns the JSON of a document with an account. It is an error if the document has another one.
func withAccount(document *yamljson.Document, account string) ([]byte, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(document.JSON, &members) != nil || members == nil {
		return document.JSON, nil // which is not an object, as the check will tell
	}
	given, ok := members["account"]
	if !ok {
		comma := ","
		if len(members) == 0 {
			comma = ""
		}
		text := bytes.TrimSpace(document.JSON)
		return []byte(`{"account":` + strconv.Quote(account) + comma + string(text[1:])), nil
	}
	var text string
	if json.Unmarshal(given, &text) == nil && text != account {
		return nil, usagef("%s: the account is %s, but the command is for %s", document.Where("/account"), text, account)
	}
	return document.JSON, nil
}

// account returns the account that the command is for.
func (p *program) account() (string, error) {
	account := cmp.Or(p.flags.account, os.Getenv(accountVariable))
	if account == "" {
		return "", errNoAccount
	}
	return account, nil
}

// A placedError is an error about a document, with the places of what is wrong.
type placedError struct {
	document *yamljson.Document
	err      error
}

func (e *placedError) Error() string { return e.document.Name + ": " + e.err.Error() }
func (e *placedError) Unwrap() error { return e.err }

// violations lists what is wrong with a request or a response, each with its place if that is known.
func violations(err error) []string {
	var invalid *contract.ValidationError
	if !errors.As(err, &invalid) {
		return []string{err.Error()}
	}
	var placed *placedError
	errors.As(err, &placed)
	var list []string
	for _, v := range invalid.Violations {
		text := v.String()
		if placed != nil {
			text = fmt.Sprintf("%s: %s", placed.document.Where(v.Pointer), text)
		}
		list = append(list, text)
	}
	return list
}
