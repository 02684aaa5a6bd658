package gen

// Configs and extensions that are written for oapi-codegen: what each of them changes about the declarations that oapi-codegen writes is
// compared with what it changes about ours.

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"go.yaml.in/yaml/v3"
)

// baseConfig is what configs are compared with.
const baseConfig = "package: p\ngenerate: {models: true, client: true, std-http-server: true, strict-server: true}\n" +
	"import-mapping: {common.yaml: reflect}\n"

// A configKey is a key of oapi-codegen's config with an example. Where the key does not apply, says is in the diagnostic that names it; where it
// changes nothing in declarations, or not here, because what it asks for is always so, why says so.
type configKey struct {
	key, config, says, why string
	document               string // openapi.yaml if it is empty
	differs                string // expression for the declarations that may change otherwise
}

var configKeys = []configKey{
	{key: "package", config: "package: q", why: "the declarations are the same"},
	{key: "output", config: "output: pets/pets.gen.go", says: "a package consists of several files; they go to the folder pets"},
	{key: "generate.models", config: "generate: {models: true}"},
	{key: "generate.client", config: "generate: {client: true}"},
	{key: "generate.std-http-server", config: "generate: {std-http-server: true, models: true}",
		differs: `Strict|RequestObject|ResponseObject|Response$|Response\.|ResponseHeaders|strictHandler`}, // which NewHandler needs
	{key: "generate.strict-server", config: "generate: {strict-server: true, models: true}",
		differs: `Request|Response|^-(ServerInterface|Handler|Middleware|StdHTTPServer|ServeMux)|Strict|strictHandler`}, // there it needs a server besides
	{key: "generate.embedded-spec", config: "generate: {models: true, embedded-spec: true}", differs: `GetSpec$|PathToRawSpec`}, // names of results
	{key: "generate.server-urls", config: "generate: {models: true, server-urls: true}"},
	{key: "generate.iris-server", config: "generate: {models: true, iris-server: true}", says: "iris.FromStd(handler)"},
	{key: "generate.chi-server", config: "generate: {models: true, chi-server: true}", says: `r.Mount("/", handler)`},
	{key: "generate.fiber-server", config: "generate: {models: true, fiber-server: true}", says: "adaptor.HTTPHandler(handler)"},
	{key: "generate.fiber-v3-server", config: "generate: {models: true, fiber-v3-server: true}", says: "adaptor.HTTPHandler(handler)"},
	{key: "generate.echo-server", config: "generate: {models: true, echo-server: true}", says: "echo.WrapHandler(handler)"},
	{key: "generate.echo5-server", config: "generate: {models: true, echo5-server: true}", says: "echo.WrapHandler(handler)"},
	{key: "generate.gin-server", config: "generate: {models: true, gin-server: true}", says: "gin.WrapH(handler)"},
	{key: "generate.gorilla-server", config: "generate: {models: true, gorilla-server: true}", says: `r.PathPrefix("/").Handler(handler)`},

	{key: "compatibility.old-merge-schemas", config: "compatibility: {old-merge-schemas: true}", says: "allOf always means"},
	{key: "compatibility.old-allof-sibling-merging", config: "compatibility: {old-allof-sibling-merging: true}", says: "beside allOf always counts"},
	{key: "compatibility.old-enum-conflicts", config: "compatibility: {old-enum-conflicts: true}", says: "use always-prefix-enum-values"},
	{key: "compatibility.old-aliasing", config: "compatibility: {old-aliasing: true}", says: "is an alias of its type"},
	{key: "compatibility.disable-flatten-additional-properties", config: "compatibility: {disable-flatten-additional-properties: true}",
		says: "an object without properties is a map"},
	{key: "compatibility.disable-required-readonly-as-pointer", config: "compatibility: {disable-required-readonly-as-pointer: true}"},
	{key: "compatibility.always-prefix-enum-values", config: "compatibility: {always-prefix-enum-values: true}"},
	{key: "compatibility.disable-enum-value-conflict-resolution", config: "compatibility: {disable-enum-value-conflict-resolution: true}",
		says: "use x-enum-varnames"},
	{key: "compatibility.apply-chi-middleware-first-to-last", config: "compatibility: {apply-chi-middleware-first-to-last: true}",
		why: "it is about a server that is not generated"},
	{key: "compatibility.apply-gorilla-middleware-first-to-last", config: "compatibility: {apply-gorilla-middleware-first-to-last: true}",
		why: "it is about a server that is not generated"},
	{key: "compatibility.circular-reference-limit", config: "compatibility: {circular-reference-limit: 9}", why: "it has no effect there either"},
	{key: "compatibility.allow-unexported-struct-field-names", config: "compatibility: {allow-unexported-struct-field-names: true}",
		says: "every field is exported"},
	{key: "compatibility.preserve-original-operation-id-casing-in-embedded-spec",
		config: "compatibility: {preserve-original-operation-id-casing-in-embedded-spec: true}", why: "the document is embedded as it is"},
	{key: "compatibility.headers-implicitly-required", config: "compatibility: {headers-implicitly-required: true}"},
	{key: "compatibility.enable-auth-scopes-on-context", config: "compatibility: {enable-auth-scopes-on-context: true}",
		says: "contract.HandlerOptions.Authenticate"},
	{key: "compatibility.sort-handler-registrations", config: "compatibility: {sort-handler-registrations: true}",
		why: "the router does not depend on the order"},

	{key: "output-options.skip-fmt", config: "output-options: {skip-fmt: true}", why: "the declarations are the same"},
	{key: "output-options.skip-prune", config: "output-options: {skip-prune: true}"},
	{key: "output-options.skip-enum-validate", config: "output-options: {skip-enum-validate: true}"},
	{key: "output-options.skip-enum-via-oneof", config: "output-options: {skip-enum-via-oneof: true}",
		document: "constants.yaml", differs: `Shade|^.(Dark|Light|D|L)$|UnknownVariant`}, // unions have another form
	{key: "output-options.include-tags", config: "output-options: {include-tags: [pets]}"},
	{key: "output-options.exclude-tags", config: "output-options: {exclude-tags: [admin]}"},
	{key: "output-options.include-operation-ids", config: "output-options: {include-operation-ids: [list_orders]}"},
	{key: "output-options.exclude-operation-ids", config: "output-options: {exclude-operation-ids: [list_orders]}"},
	{key: "output-options.user-templates", config: "output-options: {user-templates: {client.tmpl: x}}", says: "cannot be changed by templates"},
	{key: "output-options.exclude-schemas", config: "output-options: {exclude-schemas: [Money]}"},
	{key: "output-options.response-type-suffix", config: "output-options: {response-type-suffix: Resp}"},
	{key: "output-options.client-type-name", config: "output-options: {client-type-name: PetClient}"},
	{key: "output-options.additional-initialisms", config: "output-options: {name-normalizer: ToCamelCaseWithInitialisms, additional-initialisms: [LACP]}"},
	{key: "output-options.streaming-content-types", config: "output-options: {streaming-content-types: [application/x]}", says: "are written as they are read"},
	{key: "output-options.nullable-type", config: "output-options: {nullable-type: true}"},
	{key: "output-options.disable-type-aliases-for-type", config: "output-options: {disable-type-aliases-for-type: [array]}"},
	{key: "output-options.name-normalizer", config: "output-options: {name-normalizer: ToCamelCaseWithInitialisms}"},
	{key: "output-options.name-normalizer", config: "output-options: {name-normalizer: ToCamelCaseWithDigits}"},
	{key: "output-options.name-normalizer", config: "output-options: {name-normalizer: ToCamelCase}", why: "it is the default"},
	{key: "output-options.overlay", config: "output-options: {overlay: {path: overlay.yaml}}"},
	{key: "output-options.overlay.path", config: "output-options: {overlay: {path: overlay.yaml}}"},
	{key: "output-options.overlay.strict", config: "output-options: {overlay: {path: overlay.yaml, strict: false}}"},
	{key: "output-options.yaml-tags", config: "output-options: {yaml-tags: true}"},
	{key: "output-options.client-response-bytes-function", config: "output-options: {client-response-bytes-function: true}"},
	{key: "output-options.skip-client-response-content-type", config: "output-options: {skip-client-response-content-type: true}"},
	{key: "output-options.skip-response-body-getters", config: "output-options: {skip-response-body-getters: true}"},
	{key: "output-options.prefer-skip-optional-pointer", config: "output-options: {prefer-skip-optional-pointer: true}",
		differs: `Pet\.(Labels|NickNames)`}, // an empty list or map is not absent, so that the tag is omitzero
	{key: "output-options.prefer-skip-optional-pointer-with-omitzero",
		config:  "output-options: {prefer-skip-optional-pointer: true, prefer-skip-optional-pointer-with-omitzero: true}",
		differs: `Pet\.(Labels|NickNames)`},
	{key: "output-options.prefer-skip-optional-pointer-on-container-types", config: "output-options: {prefer-skip-optional-pointer-on-container-types: true}",
		differs: `Pet\.(Labels|NickNames)`},
	{key: "output-options.resolve-type-name-collisions", config: "output-options: {resolve-type-name-collisions: true}", why: "nothing collides"},
	{key: "output-options.generate-types-for-anonymous-schemas", config: "output-options: {generate-types-for-anonymous-schemas: true}"}, // which is always so
	{key: "output-options.type-mapping", config: "output-options: {type-mapping: {string: {formats: {date: {type: string}}}}}"},
	{key: "output-options.type-mapping.string", config: "output-options: {type-mapping: {string: {formats: {date: {type: time.Time, import: time}}}}}"},
	{key: "output-options.type-mapping.integer", config: "output-options: {type-mapping: {integer: {default: {type: int64}}}}"},
	{key: "output-options.type-mapping.number", config: "output-options: {type-mapping: {number: {formats: {double: {type: big.Float, import: math/big}}}}}"},
	{key: "output-options.type-mapping.boolean", config: "output-options: {type-mapping: {boolean: {default: {type: Flag}}}}"},

	{key: "import-mapping", config: "import-mapping: {common.yaml: sync/atomic}"}, // the package has another name
	{key: "allow-remote-refs-from", config: `allow-remote-refs-from: ["https://example.com/x.yaml"]`, says: "keep a copy of the file"},
	{key: "additional-imports", config: "additional-imports: [{alias: large, package: math/big}]", why: "it is imported where x-go-type has it"},
	{key: "additional-imports[].alias", config: "additional-imports: [{alias: _, package: math/big}]", why: "the declarations are the same"},
	{key: "additional-imports[].package", config: "additional-imports: [{package: math/big}]", why: "it is imported where x-go-type has it"},
}

// Every key of oapi-codegen either changes what it changes there, or is named in a diagnostic with advice.
func TestConfigKeysOfOapiCodegen(t *testing.T) {
	const dir = "testdata/configs"
	type pair struct{ theirs, ours map[string]string }
	bases := map[string]pair{}
	for _, k := range configKeys {
		t.Run(k.key, func(t *testing.T) {
			if k.document == "" {
				k.document = "openapi.yaml"
			}
			base, ok := bases[k.document]
			if !ok {
				base.theirs = theirSurface(t, dir, k.document, baseConfig)
				base.ours, _ = ourSurface(t, dir, k.document, baseConfig)
				bases[k.document] = base
			}
			config := merged(t, baseConfig, k.config)
			ours, found := ourSurface(t, dir, k.document, config)
			said := slices.ContainsFunc(found, func(d Diagnostic) bool {
				return k.says != "" && strings.Contains(d.Message, k.says) && d.File == configName && d.Line > 0 && d.Rule == "unsupported-key"
			})
			switch {
			case k.says != "" && !said:
				t.Errorf("no diagnostic says %q: %v", k.says, found)
			case k.says == "" && len(found) > 0:
				t.Error(found)
			case k.says != "":
				return
			}
			theirs := theirSurface(t, dir, k.document, config)
			changes := compareChanges(t, change(base.theirs, theirs), change(base.ours, ours), k.differs)
			if changes == 0 && k.why == "" {
				t.Error("the key changes nothing")
			}
		})
	}
}

// The table has every key that oapi-codegen's schema for config files has.
func TestConfigKeysAreComplete(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/oapi-codegen/oapi-codegen/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "configuration-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]json.RawMessage
		Items      json.RawMessage
	}
	known := map[string]bool{"generate": true, "compatibility": true, "output-options": true}
	for _, k := range configKeys {
		known[k.key] = true
	}
	keys := 0
	var visit func(text json.RawMessage, path string)
	visit = func(text json.RawMessage, path string) {
		var o object
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		for name, inner := range o.Properties {
			if keys++; !known[path+name] {
				t.Errorf("configKeys has no %s", path+name)
			}
			visit(inner, path+name+".")
		}
		if o.Items != nil {
			visit(o.Items, strings.TrimSuffix(path, ".")+"[].")
		}
	}
	visit(text, "")
	if keys < 60 {
		t.Errorf("only %d keys", keys)
	}
}

// The extensions of oapi-codegen change what they change there, and under the names of its next version too.
func TestExtensionsOfOapiCodegen(t *testing.T) {
	const document = "extensions.yaml"
	text, err := os.ReadFile("testdata/configs/" + document)
	if err != nil {
		t.Fatal(err)
	}
	without, next := t.TempDir(), t.TempDir()
	rewrite := func(dir string, rename func(name string) string) {
		var root yaml.Node
		if err := yaml.Unmarshal(text, &root); err != nil {
			t.Fatal(err)
		}
		walk(&root, func(n *yaml.Node) {
			if n.Kind != yaml.MappingNode {
				return
			}
			var kept []*yaml.Node
			var override *yaml.Node
			for i := 0; i < len(n.Content); i += 2 {
				key, value := n.Content[i], n.Content[i+1]
				switch name := rename(key.Value); {
				case key.Value == "x-go-type-import" && override != nil:
					// Under the next name, the import stands in the same string.
					override.Value += ";"
					for _, part := range []string{"name", "path"} {
						for j := 0; j < len(value.Content); j += 2 {
							if value.Content[j].Value == part {
								override.Value += " " + value.Content[j+1].Value
							}
						}
					}
				case name != "":
					if key.Value == "x-go-type" && name != key.Value {
						override = value
					}
					key.Value = name
					kept = append(kept, key, value)
				}
			}
			n.Content = kept
		})
		changed, err := yaml.Marshal(&root)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, document), changed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(without, func(name string) string {
		if strings.HasPrefix(name, "x-") {
			return ""
		}
		return name
	})
	rewrite(next, func(name string) string {
		if name == "x-enumNames" {
			name = "x-enum-varnames"
		}
		if name := strings.TrimPrefix(strings.TrimPrefix(name, "x-go-"), "x-"); strings.HasPrefix(name, "oapi-codegen-") {
			return "x-" + name
		}
		if rest, ok := strings.CutPrefix(name, "x-"); ok {
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, "go-"), "type-skip")
			if after, ok := strings.CutPrefix(rest, "-optional"); ok {
				rest = "skip-optional" + after
			}
			if rest == "name" || rest == "type" || rest == "type-name" {
				rest += "-override"
			}
			return "x-oapi-codegen-" + rest
		}
		return name
	})
	const config = "package: p\ngenerate: {models: true, client: true, std-http-server: true, strict-server: true}\n"
	ours, found := ourSurface(t, "testdata/configs", document, config)
	plain, plainFound := ourSurface(t, without, document, config)
	if len(found)+len(plainFound) > 0 {
		t.Fatal(found, plainFound)
	}
	theirs := change(theirSurface(t, without, document, config), theirSurface(t, "testdata/configs", document, config))
	compareChanges(t, theirs, change(plain, ours), strings.Join([]string{
		`^-Thing\.Direct`,                     // a number without a format is a float64
		`Thing\.Inner|Thing_Inner|ThingInner`, // a type of its own in any case
		`Thing\.Tagged`,                       // another order of tags
		`[rR]enamedThing`,                     // types are exported; there the name of a type is also that of members that refer to it
		`Thing\.Renamed`,                      // likewise
		`^.(ThingToPut|ThingBody)$`,           // bodies of components that refer to a schema have no alias
		`^.GetThing404JSONResponse$`,          // a type of the operation's own
	}, "|"))

	nextOurs, nextFound := ourSurface(t, next, document, config)
	if len(nextFound) > 0 {
		t.Error(nextFound)
	}
	for name, signature := range ours {
		if nextOurs[name] != signature {
			t.Errorf("%s is %s, by the names of the next version %s", name, signature, nextOurs[name])
		}
	}
}

// merged is a config with the keys of another one.
func merged(t *testing.T, base, with string) string {
	var a, b map[string]any
	if err := yaml.Unmarshal([]byte(base), &a); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(with), &b); err != nil {
		t.Fatal(err)
	}
	maps.Copy(a, b)
	text, err := yaml.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// change lists the declarations that two surfaces do not share, with a sign before their names.
func change(before, after map[string]string) map[string]string {
	changed := map[string]string{}
	for name, signature := range before {
		if after[name] != signature {
			changed["-"+name] = signature
		}
	}
	for name, signature := range after {
		if before[name] != signature {
			changed["+"+name] = signature
		}
	}
	return changed
}

// oneSided are the declarations that only one of the two generators has, or has so, whatever the config says: a type of an inline object, and the
// name of an imported package are the last.
var oneSided = regexp.MustCompile(`(Unm|M)arshalJSON$|ParamError|RequiredHeaderError|ParamFormatError|ServerInterfaceWrapper|UnimplementedServer|` +
	`^.(NewHandler|NewTransport|Operations|Schemas|StdHTTPServerOptions\.Contract)$|` +
	`^.(Pet\.Home|Pet_Home|Holder\.Item)`)

// compareChanges compares changes of two surfaces, but for declarations that may differ. It returns how many are the same.
func compareChanges(t *testing.T, theirs, ours map[string]string, differs string) (same int) {
	t.Helper()
	may := regexp.MustCompile(differs)
	all := maps.Clone(theirs)
	maps.Copy(all, ours)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch {
		case oneSided.MatchString(name) || differs != "" && may.MatchString(name):
			same++
		case theirs[name] == ours[name]:
			same++
		default:
			t.Errorf("%s\noapi-codegen: %s\nhere:         %s", name, theirs[name], ours[name])
		}
	}
	return same
}

// theirSurface is what oapi-codegen declares for a document with a config.
func theirSurface(t *testing.T, dir, document, text string) map[string]string {
	t.Helper()
	var config codegen.Configuration
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	opts := util.LoadSwaggerWithOverlayOpts{Strict: config.OutputOptions.Overlay.Strict == nil || *config.OutputOptions.Overlay.Strict}
	if path := config.OutputOptions.Overlay.Path; path != "" {
		opts.Path = filepath.Join(dir, path)
	}
	doc, err := util.LoadSwaggerWithOverlay(filepath.Join(dir, document), opts)
	if err != nil {
		t.Fatal(err)
	}
	code, err := codegen.Generate(doc, config)
	if err != nil {
		t.Fatal(err)
	}
	return signatures(t, "theirs.go", code)
}

// ourSurface is the same for this generator, with the diagnostics of the config. What is generated compiles.
func ourSurface(t *testing.T, dir, document, text string) (map[string]string, Diagnostics) {
	t.Helper()
	config, found := ReadConfig(configName, []byte(text))
	read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }
	files, diagnostics := Generate(document, read, config)
	if files == nil {
		t.Fatal(diagnostics)
	}
	all := map[string]string{}
	for name, text := range files {
		maps.Copy(all, signatures(t, name, string(text)))
	}
	if config.isPartial() && !config.Generate.Models {
		return all, found // the types are generated by another config
	}
	// What configs leave to be written by hand.
	files["types.go"] = []byte("package " + config.Package + "\n\ntype Flag bool\n")
	if len(config.OutputOptions.ExcludeSchemas) > 0 {
		files["types.go"] = append(files["types.go"], "type Money struct{ Cents int }\n"...)
	}
	if err := compile(files); err != nil {
		t.Error(err)
	}
	return all, found
}
