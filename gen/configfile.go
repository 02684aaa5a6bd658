package gen

import (
	"fmt"
	"go/token"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file reads config files: YAML, or JSON, in the keys of Config. A key of oapi-codegen that means nothing here is named, with what to do
// instead; any other unknown key is an error.

// ReadConfig reads the config file called name. Where there are errors, the config has what could be understood.
func ReadConfig(name string, text []byte) (Config, Diagnostics) {
	r := &configReader{}
	root, found := source.Parse(name, text)
	r.found = found
	var config Config
	if root.Is(source.Object) {
		if root.Str("defaults") == ownDefaults {
			config = DefaultConfig()
		}
		r.object(root, reflect.ValueOf(&config).Elem(), "")
		r.check(root, &config)
	} else if root != nil && !root.Is(source.Null) {
		r.errorf(root, "a config file is an object, not of type %s; write keys such as package: petstore", root.Kind)
	}
	policy := config.policy()
	for i := range r.found {
		if d := &r.found[i]; d.Rule != "" {
			d.Severity = policy.Chosen(d.Rule, source.Warning)
		}
	}
	return config, newDiagnostics(r.found)
}

type configReader struct{ found source.Diagnostics }

func (r *configReader) errorf(n *source.Node, format string, args ...any) {
	r.found = append(r.found, source.Diagnostic{Position: n.Pos(), What: fmt.Sprintf(format, args...)})
}

// object reads the keys of an object into the fields of a struct. The path is that of the object, with a dot at its end.
func (r *configReader) object(n *source.Node, to reflect.Value, at string) {
	if !n.Is(source.Object) {
		advice := "write an object"
		if at == "generate." && n.Is(source.Array) {
			advice = "it is a list in oapi-codegen's old style; write an object of the parts, such as {models: true, client: true}"
		}
		r.errorf(n, "%s is of type %s; %s", strings.TrimSuffix(at, "."), n.Kind, advice)
		return
	}
	fields := map[string]reflect.Value{}
	for i := range to.NumField() {
		if key := to.Type().Field(i).Tag.Get("key"); key != "" {
			fields[key] = to.Field(i)
		}
	}
	for i := range n.Members {
		m := &n.Members[i]
		if field, ok := fields[m.Name]; ok {
			r.value(m.Value, field, at+m.Name)
			continue
		}
		advice, known := foreignKeys[at+m.Name]
		switch {
		case known && (advice == "" || isZero(m.Value)):
		case known:
			r.found = append(r.found, source.Diagnostic{
				Position: m.Pos(), Rule: "unsupported-key",
				What: fmt.Sprintf("oapi-codegen has the key %s, this generator does not: %s", at+m.Name, advice),
			})
		default:
			r.unknown(m, fields, at)
		}
	}
}

// isZero reports whether a value is the one that a key has if it is not set.
func isZero(n *source.Node) bool {
	return n.Kind == source.Null || n.Text == "false" || n.Text == "" && len(n.Members)+len(n.Items) == 0
}

func (r *configReader) unknown(m *source.Member, fields map[string]reflect.Value, at string) {
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	for key := range foreignKeys {
		if rest, ok := strings.CutPrefix(key, at); ok && !strings.Contains(rest, ".") {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	advice := "remove it; \"contractgen help config\" lists the keys"
	if near := source.Nearest(m.Name, names); near != "" {
		advice = fmt.Sprintf("did you mean %s?", near)
	}
	if now, ok := oldKeys[m.Name]; ok && at == "" {
		advice = "it is one of oapi-codegen's old style; write " + now
	}
	r.found = append(r.found, source.Diagnostic{
		Position: m.Pos(), What: fmt.Sprintf("%s is not a key of a config file; %s", at+m.Name, advice),
	})
}

// value reads a value into a field.
func (r *configReader) value(n *source.Node, to reflect.Value, at string) {
	wrong := func(want string) {
		r.errorf(n, "%s is of type %s; write %s", at, n.Kind, want)
	}
	if n.Is(source.Null) {
		return
	}
	switch to.Kind() {
	case reflect.Struct:
		r.object(n, to, at+".")
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		r.value(n, to.Elem(), at)
	case reflect.Bool:
		if n.Kind != source.Bool {
			wrong("true or false")
			return
		}
		to.SetBool(n.Text == "true")
	case reflect.String:
		if n.Kind != source.String {
			wrong("a string")
			return
		}
		to.SetString(n.Text)
	case reflect.Slice:
		if n.Kind != source.Array {
			wrong("a list")
			return
		}
		to.Set(reflect.MakeSlice(to.Type(), len(n.Items), len(n.Items)))
		for i, item := range n.Items {
			r.value(item, to.Index(i), fmt.Sprintf("%s[%d]", at, i))
		}
	case reflect.Map:
		if n.Kind != source.Object {
			wrong("an object")
			return
		}
		to.Set(reflect.MakeMap(to.Type()))
		for i := range n.Members {
			m := &n.Members[i]
			v := reflect.New(to.Type().Elem()).Elem()
			r.value(m.Value, v, at+"."+m.Name)
			to.SetMapIndex(reflect.ValueOf(m.Name), v)
		}
	}
}

// check refuses values that mean nothing.
func (r *configReader) check(root *source.Node, c *Config) {
	options := root.Get("output-options")
	if c.Defaults != "" && c.Defaults != ownDefaults && c.Defaults != theirDefaults {
		r.errorf(root.Get("defaults"), "%q are not known as defaults; write %s or %s", c.Defaults, ownDefaults, theirDefaults)
	}
	if c.Package != "" && !isPackageName(c.Package) {
		r.errorf(root.Get("package"), "%q cannot be the name of a package; write lower-case letters and digits", c.Package)
	}
	if strings.HasSuffix(c.Output, ".go") {
		file := c.Output
		c.Output = path.Dir(file)
		r.found = append(r.found, source.Diagnostic{
			Position: root.Get("output").Pos(), Rule: "unsupported-key",
			What: fmt.Sprintf("output names the file %s, but a package consists of several files; they go to the folder %s: write that", file, c.Output),
		})
	}
	if o := &c.OutputOptions; o.NameNormalizer != "" && o.NameNormalizer != GoNames {
		known := append(slices.Clone(oapicodegen.Normalizers), GoNames)
		if !slices.Contains(known, o.NameNormalizer) {
			r.errorf(options.Get("name-normalizer"), "%q is not a name-normalizer; write one of %s", o.NameNormalizer, strings.Join(known, ", "))
			o.NameNormalizer = ""
		}
	}
	if o := &c.OutputOptions; len(o.AdditionalInitialisms) > 0 && o.NameNormalizer != GoNames && o.NameNormalizer != oapicodegen.WithInitialisms {
		r.errorf(options.Get("additional-initialisms"), "additional-initialisms means nothing without name-normalizer: ToCamelCaseWithInitialisms, or %s; "+
			"add that", GoNames)
	}
	for _, kind := range c.OutputOptions.DisableTypeAliasesForType {
		if kind != "array" {
			r.errorf(options.Get("disable-type-aliases-for-type"), "%q cannot be in disable-type-aliases-for-type; write array", kind)
		}
	}
	for key, name := range map[string]string{"client-type-name": c.OutputOptions.ClientTypeName, "response-type-suffix": c.OutputOptions.ResponseTypeSuffix} {
		if name != "" && !token.IsExported(name) || name != "" && !token.IsIdentifier(name) {
			r.errorf(options.Get(key), "%q is not an exported Go name; begin with a capital, and use letters and digits", name)
		}
	}
	r.checkTypes(options.Get("type-mapping"), c)
	r.checkRules(root.Get("rules"), c)
	r.checkImports(root, c)
}

func (r *configReader) checkTypes(n *source.Node, c *Config) {
	if !n.Is(source.Object) {
		return
	}
	kinds := []string{"string", "integer", "number", "boolean"}
	for i := range n.Members {
		m := &n.Members[i]
		if !slices.Contains(kinds, m.Name) {
			r.errorf(m.Value, "type-mapping has no type %q; write one of %s", m.Name, strings.Join(kinds, ", "))
			continue
		}
		mapping := c.OutputOptions.TypeMapping[m.Name]
		if at := m.Value.Get("default"); at != nil && !r.checkType(at, mapping.Default, c) {
			mapping.Default = TypeSpec{}
			c.OutputOptions.TypeMapping[m.Name] = mapping
		}
		formats := m.Value.Get("formats")
		for format, spec := range mapping.Formats {
			if !r.checkType(formats.Get(format), spec, c) {
				delete(mapping.Formats, format)
			}
		}
	}
}

// checkType reports whether a type can be used.
func (r *configReader) checkType(n *source.Node, spec TypeSpec, c *Config) bool {
	before := len(r.found)
	if !model.IsGoType(spec.Type) {
		r.errorf(n, "%q is not a Go type; write the name of a type, such as time.Time", spec.Type)
		return false
	}
	if spec.Import != "" && !isImportPath(spec.Import) {
		r.errorf(n, "%q is not the path of a Go package; write it as in an import", spec.Import)
		return false
	}
	for _, name := range model.PackagesOf(spec.Type) {
		if spec.Import == "" && c.imported(name) == "" {
			r.errorf(n, "the package %s of the Go type %s is not known; say where it is: import: …", name, spec.Type)
		}
	}
	return len(r.found) == before
}

func (r *configReader) checkRules(n *source.Node, c *Config) {
	if !n.Is(source.Object) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		severity := c.Rules[m.Name]
		if _, ok := severities[severity]; !ok {
			r.errorf(m.Value, "%q is not a severity; write off, warning or error", severity)
			delete(c.Rules, m.Name)
		}
		if _, ok := model.Rules[m.Name]; !ok && m.Name != allRules {
			advice := `"contractgen rules" lists them`
			if near := source.Nearest(m.Name, model.RuleNames()); near != "" {
				advice = fmt.Sprintf("did you mean %s?", near)
			}
			r.errorf(m.Value, "there is no rule %q; %s", m.Name, advice)
			delete(c.Rules, m.Name)
		}
	}
}

func (r *configReader) checkImports(root *source.Node, c *Config) {
	mapping := root.Get("import-mapping")
	for file, pkg := range c.ImportMapping {
		switch n := mapping.Get(file); {
		case strings.HasPrefix(file, "#"):
			r.errorf(n, "import-mapping has %q, which is a place in a file; write the name of the file as references have it", file)
			delete(c.ImportMapping, file)
		case pkg == source.SamePackage:
		case !isImportPath(pkg):
			r.errorf(n, "%q is not the path of a Go package; write it as in an import", pkg)
			delete(c.ImportMapping, file)
		}
	}
	var imports []Import
	for i, pkg := range c.AdditionalImports {
		n := root.Get("additional-imports").Items[i]
		if pkg.Alias == "" {
			pkg.Alias = path.Base(pkg.Package)
		}
		switch {
		case !isImportPath(pkg.Package):
			r.errorf(n, "%q is not the path of a Go package; write it as in an import", pkg.Package)
		case pkg.Alias != "_" && !token.IsIdentifier(pkg.Alias):
			r.errorf(n, "%q cannot be the alias of a package; write a name, or _ for a package that is imported for its effects", pkg.Alias)
		default:
			imports = append(imports, pkg)
		}
	}
	c.AdditionalImports = imports
}

func isPackageName(name string) bool {
	return token.IsIdentifier(name) && strings.ToLower(name) == name && name != "_"
}

func isImportPath(text string) bool { return text != "" && !strings.ContainsAny(text, "\"`\\ \n\t") }

// oldKeys are the keys that only the old style of oapi-codegen's config files has, with those that replace them.
var oldKeys = map[string]string{
	"include-tags":          "output-options: {include-tags: …}",
	"exclude-tags":          "output-options: {exclude-tags: …}",
	"include-operation-ids": "output-options: {include-operation-ids: …}",
	"exclude-operation-ids": "output-options: {exclude-operation-ids: …}",
	"exclude-schemas":       "output-options: {exclude-schemas: …}",
	"response-type-suffix":  "output-options: {response-type-suffix: …}",
	"templates":             "code of your own around what is generated, which templates cannot change",
}

// foreignKeys are the keys of oapi-codegen that Config does not have, with what to do instead. Those without advice have no effect here, or
// ask for what is always so.
var foreignKeys = map[string]string{
	"allow-remote-refs-from": "nothing is fetched; keep a copy of the file beside the document, or name its package in import-mapping",

	"generate.chi-server":      "the server is an http.Handler, which NewHandler returns; mount it by r.Mount(\"/\", handler)",
	"generate.gorilla-server":  "the server is an http.Handler, which NewHandler returns; mount it by r.PathPrefix(\"/\").Handler(handler)",
	"generate.echo-server":     "the server is an http.Handler, which NewHandler returns; mount it by e.Any(\"/*\", echo.WrapHandler(handler))",
	"generate.echo5-server":    "the server is an http.Handler, which NewHandler returns; mount it by e.Any(\"/*\", echo.WrapHandler(handler))",
	"generate.gin-server":      "the server is an http.Handler, which NewHandler returns; mount it by r.NoRoute(gin.WrapH(handler))",
	"generate.fiber-server":    "the server is an http.Handler, which NewHandler returns; mount it by app.Use(adaptor.HTTPHandler(handler))",
	"generate.fiber-v3-server": "the server is an http.Handler, which NewHandler returns; mount it by app.Use(adaptor.HTTPHandler(handler))",
	"generate.iris-server":     "the server is an http.Handler, which NewHandler returns; mount it by app.Any(\"/{p:path}\", iris.FromStd(handler))",

	"output-options.skip-fmt":                             "",
	"output-options.user-templates":                       "what is generated cannot be changed by templates; wrap it in code of your own",
	"output-options.streaming-content-types":              "responses without a schema are written as they are read; remove it",
	"output-options.generate-types-for-anonymous-schemas": "", // always
	"output-options.resolve-type-name-collisions":         "", // always

	"compatibility.old-merge-schemas":                                      "allOf always means the values that fit all of its parts; adapt the code that uses the types",
	"compatibility.old-allof-sibling-merging":                              "what is beside allOf always counts; adapt the code that uses the types",
	"compatibility.old-enum-conflicts":                                     "use always-prefix-enum-values, or x-enum-varnames in the document",
	"compatibility.old-aliasing":                                           "a component that only refers to another one is an alias of its type; adapt the code that uses the types",
	"compatibility.disable-flatten-additional-properties":                  "an object without properties is a map; adapt the code that uses the types",
	"compatibility.disable-enum-value-conflict-resolution":                 "constants that would collide have the name of their type; use x-enum-varnames in the document",
	"compatibility.apply-chi-middleware-first-to-last":                     "",
	"compatibility.apply-gorilla-middleware-first-to-last":                 "",
	"compatibility.circular-reference-limit":                               "",
	"compatibility.sort-handler-registrations":                             "",
	"compatibility.preserve-original-operation-id-casing-in-embedded-spec": "", // always
	"compatibility.allow-unexported-struct-field-names":                    "every field is exported; use x-go-json-ignore for members that are not to be read",
	"compatibility.enable-auth-scopes-on-context":                          "contract.HandlerOptions.Authenticate gets the operation with its security; use that",
}
