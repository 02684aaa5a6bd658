package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dlclark/regexp2"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A validator is a judge of values that has nothing to do with the generator. Its error is the reason why a value is not valid; ok is false
// if it cannot say, because it does not understand the schema.
type validator interface {
	check(n *source.Node, v *value) (err error, ok bool)
}

// A schemaValidator is santhosh-tekuri/jsonschema on the converted schemas.
type schemaValidator struct {
	conversion *conversion
	compiler   *jsonschema.Compiler
	compiled   map[string]*jsonschema.Schema // nil for what does not compile
	broken     error                         // of the last schema that does not compile
}

const resource = "file:///document.json"

func newSchemaValidator(doc *source.Document, adjust adjustment, nodes []*source.Node) (*schemaValidator, error) {
	c := newConversion(doc, jsonSchema, adjust)
	for _, n := range nodes {
		c.key(n)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) {
		return compileECMA(pattern)
	})
	schemas := c.convert()
	if adjust&adjustFormat != 0 {
		for _, name := range formatsIn(schemas) {
			compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error { return ourFormat(name, v) }})
		}
	}
	if err := compiler.AddResource(resource, map[string]any{"$defs": schemas}); err != nil {
		return nil, err
	}
	return &schemaValidator{conversion: c, compiler: compiler, compiled: map[string]*jsonschema.Schema{}}, nil
}

// ecma is a compiled regular expression of ECMA-262.
type ecma struct {
	text    string
	matches func(text string) bool
}

func (e *ecma) String() string { return e.text }

func (e *ecma) MatchString(text string) bool { return e.matches(text) }

// compileECMA compiles a pattern by regexp2, whose dot matches the separators of lines and paragraphs, which that of ECMA-262 does not. What
// regexp2 does not have, such as \p{gc=Mark}, is left to package schema.
func compileECMA(pattern string) (*ecma, error) {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(pattern[i : i+2])
			i++
			continue
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '.' && !class:
			b.WriteString(`[^\n\r\u2028\u2029]`)
			continue
		}
		b.WriteByte(pattern[i])
	}
	re, err := regexp2.Compile(b.String(), regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		m, err := schema.Compile(pattern)
		if err != nil {
			return nil, err
		}
		return &ecma{pattern, m.MatchString}, nil
	}
	return &ecma{pattern, func(text string) bool {
		matches, err := re.MatchString(text)
		return matches && err == nil // an error, of a pattern that takes too long, is a no
	}}, nil
}

// formatsIn lists the formats of schemas.
func formatsIn(schemas map[string]any) []string {
	found := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if format, ok := v["format"].(string); ok {
				found[format] = true
			}
			for _, one := range v {
				walk(one)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(schemas)
	return sortedKeys(found)
}

// ourFormat checks a format as package schema does.
func ourFormat(name string, v any) error {
	switch v := v.(type) {
	case string:
		if !schema.ValidFormat(name, v) {
			return fmt.Errorf("not a %s", name)
		}
	case json.Number:
		s := &schema.Schema{Format: name}
		if s.CheckNumber(string(v)) != 0 {
			return fmt.Errorf("not a %s", name)
		}
	}
	return nil
}

// at compiles the schema at a JSON pointer below the definitions.
func (v *schemaValidator) at(pointer string) *jsonschema.Schema {
	if s, ok := v.compiled[pointer]; ok {
		return s
	}
	s, err := v.compiler.Compile(resource + "#/$defs/" + pointer)
	if err != nil {
		s, v.broken = nil, err
	}
	v.compiled[pointer] = s
	return s
}

func (v *schemaValidator) check(n *source.Node, value *value) (err error, ok bool) {
	s := v.at(v.conversion.keys[n])
	if s == nil {
		return v.broken, false
	}
	return s.Validate(value.decoded()), true
}

// accepts reports whether a value is valid.
func (v *schemaValidator) accepts(n *source.Node, value *value) bool {
	err, ok := v.check(n, value)
	return ok && err == nil
}

// A kinValidator is kin-openapi on the schemas of the document, as it has them.
type kinValidator struct {
	conversion *conversion
	doc        *openapi3.T
	options    []openapi3.SchemaValidationOption
}

func newKinValidator(doc *source.Document, adjust adjustment, nodes []*source.Node) (*kinValidator, error) {
	c := newConversion(doc, openAPI, adjust)
	for _, n := range nodes {
		c.key(n)
	}
	version := map[source.Version]string{source.V30: "3.0.3", source.V31: "3.1.0", source.V32: "3.1.0"}[doc.Version]
	schemas := c.convert()
	text, err := json.Marshal(map[string]any{
		"openapi": version, "info": map[string]any{"title": "schemas", "version": "1"}, "paths": map[string]any{},
		"components": map[string]any{"schemas": schemas},
	})
	if err != nil {
		return nil, err
	}
	v := &kinValidator{conversion: c}
	v.doc, err = openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	v.options = []openapi3.SchemaValidationOption{openapi3.FailFast(), openapi3.SetSchemaRegexCompiler(func(pattern string) (openapi3.RegexMatcher, error) {
		return compileECMA(pattern)
	})}
	if doc.Version != source.V30 {
		v.options = append(v.options, openapi3.EnableJSONSchema2020())
	}
	if adjust&adjustFormat != 0 {
		strs, integers, numbers := map[string]openapi3.StringFormatValidator{}, map[string]openapi3.IntegerFormatValidator{}, map[string]openapi3.NumberFormatValidator{}
		for _, name := range formatsIn(schemas) {
			strs[name] = openapi3.NewCallbackValidator(func(s string) error { return ourFormat(name, s) })
			integers[name] = openapi3.NewCallbackValidator(func(n int64) error { return ourFormat(name, json.Number(fmt.Sprint(n))) })
			numbers[name] = openapi3.NewCallbackValidator(func(f float64) error { return ourFormat(name, json.Number(fmt.Sprint(f))) })
		}
		v.options = append(v.options, openapi3.WithStringFormatValidators(strs), openapi3.WithIntegerFormatValidators(integers), openapi3.WithNumberFormatValidators(numbers))
	}
	return v, nil
}

func (v *kinValidator) check(n *source.Node, value *value) (err error, ok bool) {
	s := v.doc.Components.Schemas[v.conversion.keys[n]]
	if s == nil || s.Value == nil {
		return nil, false
	}
	defer func() {
		if p := recover(); p != nil {
			err, ok = fmt.Errorf("panic: %v", p), false
		}
	}()
	if err = s.Value.VisitJSON(value.decoded(), v.options...); err != nil && strings.Contains(err.Error(), "failed to compile") {
		return err, false
	}
	return err, true
}
