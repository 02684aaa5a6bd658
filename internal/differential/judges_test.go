package differential

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/interconnect-go/interconnect/api"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/everywhere"
)

// A document is one OpenAPI document, read by kin-openapi and by our generator.
type document struct {
	name    string
	targets []*target
	words   words
}

// A target is one schema with everything that judges values against it.
type target struct {
	name     string
	dir      contract.Direction
	ours     *contract.Schema
	kin      *openapi3.SchemaRef
	explicit *openapi3.Schema // kin, with the implicit mappings of discriminators written out
	nulls    *openapi3.Schema // kin, with nullable where a schema has no type
	both     *openapi3.Schema // kin, with both of these
	goType   goType
	words    *words

	// read reads a text by the emitted code in the direction of the target. It is nil where there is none that can be called.
	read func(text []byte, mode schema.Mode) (value any, deviations []schema.Violation, err error)
}

// ourVerdict is nil if the text is valid.
func (t *target) ourVerdict(text []byte) error {
	return t.ours.Check(text, t.dir)
}

// kinVerdict is nil if the text is valid. It has no details, which are slow to make.
func (t *target) kinVerdict(text []byte) error {
	return visit(t.kin.Value, text, t.kinOptions()...)
}

// explicitVerdict is the verdict of a kin-openapi that is told what the names of the variants imply.
func (t *target) explicitVerdict(text []byte) error {
	return visit(t.explicit, text, t.kinOptions()...)
}

// nullsVerdict is the verdict of a kin-openapi that accepts null where a schema has no type.
func (t *target) nullsVerdict(text []byte) error { return visit(t.nulls, text, t.kinOptions()...) }

// bothVerdict is the verdict of a kin-openapi with both.
func (t *target) bothVerdict(text []byte) error { return visit(t.both, text, t.kinOptions()...) }

func (t *target) kinOptions() []openapi3.SchemaValidationOption {
	options := []openapi3.SchemaValidationOption{openapi3.FailFast()}
	switch t.dir {
	case contract.InRequest:
		options = append(options, openapi3.VisitAsRequest())
	case contract.InResponse:
		options = append(options, openapi3.VisitAsResponse())
	}
	return options
}

func visit(s *openapi3.Schema, text []byte, options ...openapi3.SchemaValidationOption) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var decoded any
	if err := dec.Decode(&decoded); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("trailing data")
	}
	return s.VisitJSON(decoded, append(options, stringFormats)...)
}

// stringFormats makes kin-openapi check the formats that we check. What a format means is not compared.
var stringFormats = openapi3.WithStringFormatValidators(func() map[string]openapi3.StringFormatValidator {
	validators := map[string]openapi3.StringFormatValidator{}
	for name := range formatSamples {
		validators[name] = openapi3.NewCallbackValidator(func(s string) error {
			if !schema.ValidFormat(name, s) {
				return fmt.Errorf("no %s", name)
			}
			return nil
		})
	}
	return validators
}())

// documents loads both documents.
func documents(t testing.TB) []*document {
	text, err := os.ReadFile("../everywhere/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return []*document{
		newDocument(t, "cni", api.Document, interconnect.Schemas(), interconnect.Operations(), interconnectTypes),
		newDocument(t, "everywhere", text, everywhere.Schemas(), everywhere.Operations(), everywhereTypes),
	}
}

// withInline adds the schemas that stand in requests and responses instead of among the components, and returns the contents of each schema.
func withInline(schemas map[string]*contract.Schema, operations []contract.Operation) map[*contract.Schema]*contract.Content {
	components := slices.Collect(maps.Values(schemas))
	of := map[*contract.Schema]*contract.Content{}
	add := func(name string, contents []contract.Content) {
		for i := range contents {
			c := &contents[i]
			if c.Schema != nil && !slices.Contains(components, c.Schema) {
				schemas[name] = c.Schema
			}
			of[c.Schema] = c
		}
	}
	for _, op := range operations {
		if op.Body != nil {
			add(op.ID+" request", op.Body.Content)
		}
		for _, r := range op.Responses {
			add(op.ID+" "+r.Status, r.Content)
		}
	}
	return of
}

func newDocument(t testing.TB, name string, text []byte, ours map[string]*contract.Schema, operations []contract.Operation, goTypes map[string]goType) *document {
	contents := withInline(ours, operations)
	kin, explicit, nulls, both := load(t, text), load(t, text), load(t, text), load(t, text)
	nullable := map[*openapi3.Schema]bool{}
	for key := range kin {
		writeMapping(explicit[key].Value)
		writeMapping(both[key].Value)
		writeNullable(nulls[key], nullable)
		writeNullable(both[key], nullable)
	}
	if a, b := sortedKeys(kin), sortedKeys(ours); !slices.Equal(a, b) {
		t.Fatalf("%s: the document has the schemas %q, the generated code %q", name, a, b)
	}
	if a, b := sortedKeys(kin), sortedKeys(goTypes); !slices.Equal(a, b) {
		t.Fatalf("%s: the document has the schemas %q, types_test.go %q", name, a, b)
	}
	d := &document{name: name, words: collect(kin)}
	for _, key := range sortedKeys(kin) {
		one := target{name: key, ours: ours[key], kin: kin[key], explicit: explicit[key].Value,
			nulls: nulls[key].Value, both: both[key].Value, goType: goTypes[key], words: &d.words}
		if one.read = one.goType.read; !strings.HasPrefix(key, "Directed") {
			d.targets = append(d.targets, &one)
			continue
		}
		request, response := one, one
		request.name, request.dir = key+", requested", contract.InRequest
		response.name, response.dir = key+", answered", contract.InResponse
		request.readContent(contents[ours[key]])
		response.readContent(contents[ours[key]])
		d.targets = append(d.targets, &request, &response)
	}
	return d
}

// readContent makes a target read bodies, which have a direction, if there is one of its schema.
func (t *target) readContent(c *contract.Content) {
	if t.read = nil; c != nil {
		t.read = func(text []byte, mode schema.Mode) (any, []schema.Violation, error) {
			return c.Read(string(text), t.dir, mode)
		}
	}
}

// load returns the components of a document and what withInline calls the other schemas, by the same names.
func load(t testing.TB, text []byte) map[string]*openapi3.SchemaRef {
	loaded, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*openapi3.SchemaRef{}
	for name, ref := range loaded.Components.Schemas {
		schemas[name] = ref
	}
	add := func(name string, content openapi3.Content) {
		if media := content.Get("application/json"); media != nil && media.Schema.Ref == "" {
			schemas[name] = media.Schema
		}
	}
	for _, path := range loaded.Paths.Map() {
		for _, op := range path.Operations() {
			if op.RequestBody != nil {
				add(op.OperationID+" request", op.RequestBody.Value.Content)
			}
			for status, r := range op.Responses.Map() {
				add(op.OperationID+" "+status, r.Value.Content)
			}
		}
	}
	return schemas
}

// writeMapping writes out the mapping that the names of the variants imply.
func writeMapping(s *openapi3.Schema) {
	if s.Discriminator == nil || len(s.Discriminator.Mapping) > 0 {
		return
	}
	mapping := map[string]openapi3.MappingRef{}
	for _, variant := range s.OneOf {
		if variant.Ref == "" {
			return // an inline variant has no name
		}
		mapping[impliedValue(variant.Ref)] = openapi3.MappingRef{Ref: variant.Ref}
	}
	s.Discriminator.Mapping = mapping
}

// writeNullable writes out that a schema without a type, and those within it, accept null.
func writeNullable(ref *openapi3.SchemaRef, done map[*openapi3.Schema]bool) {
	if ref == nil || done[ref.Value] {
		return
	}
	s := ref.Value
	done[s] = true
	if s.Type == nil && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0 && s.Not == nil && len(s.Enum) == 0 {
		s.Nullable = true
	}
	writeNullable(s.Items, done)
	writeNullable(s.Not, done)
	writeNullable(s.AdditionalProperties.Schema, done)
	for _, property := range s.Properties {
		writeNullable(property, done)
	}
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		writeNullable(part, done)
	}
}

// impliedValue is the value of a discriminator that selects a variant where there is no mapping.
func impliedValue(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
