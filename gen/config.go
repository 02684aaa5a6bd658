package gen

import (
	"cmp"
	"path"
	"slices"

	"github.com/interconnect-go/interconnect/gen/internal/emit"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// This file says what can be chosen, and what the choices mean for each stage.

// A Config is what can be chosen for a document. Its fields are the keys of a config file, most of them those of oapi-codegen, with the same
// meaning; [ReadConfig] reads one. The zero Config is what an empty file says, with the defaults of oapi-codegen; [DefaultConfig] has those
// of this generator.
type Config struct {
	// Defaults says what is meant by keys that a config file does not have: the defaults of "oapi-codegen", which is the default, or those
	// of "contractgen".
	Defaults string `key:"defaults"`

	Document string `key:"document"` // the file to read; only contractgen uses it, Generate takes it as an argument
	Package  string `key:"package"`  // name of the Go package
	Output   string `key:"output"`   // the folder of the package; only contractgen uses it

	// Source is how generated files name the document; empty for its name, without its folder if that is absolute.
	Source string

	Generate          GenerateOptions   `key:"generate"`
	OutputOptions     OutputOptions     `key:"output-options"`
	Compatibility     Compatibility     `key:"compatibility"`
	ImportMapping     map[string]string `key:"import-mapping"` // file, as references name it → import path of the package made of it; "-" if this package has its types already
	AdditionalImports []Import          `key:"additional-imports"`

	// Rules are the severities of rules by name, see [Rules]; "all" stands for those that are not named.
	Rules map[string]Severity `key:"rules"`

	// SkipUnsupported leaves out the operations that code cannot honestly be generated for, with a warning, instead of failing.
	SkipUnsupported bool `key:"skip-unsupported"`

	// RequestDefaults makes servers give absent members of request bodies and parameters the defaults of the document, as ApplyDefaults
	// does, before the implementation sees them. Absent parameters always have theirs.
	RequestDefaults bool `key:"request-defaults"`

	// Extensions names the extensions of operations that contract.Operation.Extensions has.
	Extensions []string `key:"extensions"`
}

// GenerateOptions say which parts of the package are generated. The zero value stands for Models, Client and StrictServer. Files of parts
// that are not generated are left alone, so that several configs can share a package.
type GenerateOptions struct {
	Models              bool  `key:"models"`                // types, their readers and writers, schemas
	Client              bool  `key:"client"`                // Client and ClientWithResponses
	ClientWithResponses *bool `key:"client-with-responses"` // false leaves out ClientWithResponses
	StrictServer        bool  `key:"strict-server"`         // StrictServerInterface and NewHandler
	StdHTTPServer       bool  `key:"std-http-server"`       // the same with Handler, NewStrictHandler and their like, and receivers that get the HTTP request
	EmbeddedSpec        bool  `key:"embedded-spec"`         // GetSpec and GetSpecJSON
	ServerURLs          bool  `key:"server-urls"`           // constants and functions for the servers of the document
}

// OutputOptions are oapi-codegen's output-options.
type OutputOptions struct {
	SkipPrune        bool `key:"skip-prune"` // components that nothing refers to are kept
	SkipEnumValidate bool `key:"skip-enum-validate"`
	SkipEnumViaOneOf bool `key:"skip-enum-via-oneof"`

	IncludeTags         []string `key:"include-tags"`
	ExcludeTags         []string `key:"exclude-tags"`
	IncludeOperationIDs []string `key:"include-operation-ids"`
	ExcludeOperationIDs []string `key:"exclude-operation-ids"`
	ExcludeSchemas      []string `key:"exclude-schemas"` // components whose Go types are written by hand

	ResponseTypeSuffix            string `key:"response-type-suffix"`
	ClientTypeName                string `key:"client-type-name"`
	SkipResponseBodyGetters       bool   `key:"skip-response-body-getters"`
	SkipClientResponseContentType bool   `key:"skip-client-response-content-type"`
	ClientResponseBytesFunction   bool   `key:"client-response-bytes-function"`

	// NameNormalizer is ToCamelCase (the default), ToCamelCaseWithDigits, ToCamelCaseWithInitialisms, or GoNames: the names of
	// DefaultConfig, which split words as Go does and know the initialisms of network engineers besides the usual ones.
	NameNormalizer        string   `key:"name-normalizer"`
	AdditionalInitialisms []string `key:"additional-initialisms"`

	TypeMapping               map[string]FormatMapping `key:"type-mapping"`  // by type: string, integer, number, boolean
	NullableType              bool                     `key:"nullable-type"` // nullable.Nullable keeps null apart from absent
	DisableTypeAliasesForType []string                 `key:"disable-type-aliases-for-type"`
	YAMLTags                  bool                     `key:"yaml-tags"`

	PreferSkipOptionalPointer                 bool `key:"prefer-skip-optional-pointer"`
	PreferSkipOptionalPointerWithOmitzero     bool `key:"prefer-skip-optional-pointer-with-omitzero"` // the struct tags also say omitzero
	PreferSkipOptionalPointerOnContainerTypes bool `key:"prefer-skip-optional-pointer-on-container-types"`

	Overlay Overlay `key:"overlay"`
}

// An Overlay is an OpenAPI Overlay that is applied to the document.
type Overlay struct {
	Path   string `key:"path"`
	Strict *bool  `key:"strict"` // whether an action that changes nothing is an error; nil for a warning
}

// A FormatMapping says which Go types the values of a type have.
type FormatMapping struct {
	Default TypeSpec            `key:"default"`
	Formats map[string]TypeSpec `key:"formats"`
}

// A TypeSpec is a Go type, and the import path of its package.
type TypeSpec struct {
	Type   string `key:"type"`
	Import string `key:"import"`
}

// Compatibility are those of oapi-codegen's compatibility options that mean something here.
type Compatibility struct {
	AlwaysPrefixEnumValues           bool `key:"always-prefix-enum-values"`
	DisableRequiredReadOnlyAsPointer bool `key:"disable-required-readonly-as-pointer"`
	HeadersImplicitlyRequired        bool `key:"headers-implicitly-required"`
}

// An Import is a package that the generated code imports: by the alias _ for its effects, otherwise where x-go-type uses it.
type Import struct {
	Alias   string `key:"alias"`
	Package string `key:"package"`
}

// GoNames is the value of NameNormalizer that stands for the names of [DefaultConfig].
const GoNames = "GoNames"

const ownDefaults, theirDefaults = "contractgen", "oapi-codegen"

// DefaultConfig is the config of a document without a config file: Go names with initialisms, constants that begin with the name of their
// type, and slices and maps without pointers.
func DefaultConfig() Config {
	return Config{
		Defaults: ownDefaults,
		OutputOptions: OutputOptions{
			NameNormalizer: GoNames, PreferSkipOptionalPointerOnContainerTypes: true,
			SkipResponseBodyGetters: true, SkipClientResponseContentType: true,
		},
		Compatibility: Compatibility{AlwaysPrefixEnumValues: true},
	}
}

// parts are the parts to generate for an API. One without operations has neither client nor server.
func (c *Config) parts(api *model.API) GenerateOptions {
	g := c.Generate
	if !c.isPartial() {
		g.Models, g.Client, g.StrictServer = true, true, true
	}
	operations := len(api.AllOperations()) > 0
	g.Client, g.StrictServer = g.Client && operations, (g.StrictServer || g.StdHTTPServer) && operations
	return g
}

// isPartial reports whether other configs may generate other parts of the same package.
func (c *Config) isPartial() bool {
	g := c.Generate
	g.ClientWithResponses = nil
	return g != (GenerateOptions{})
}

func (c *Config) policy() *model.Policy {
	p := &model.Policy{Rules: map[string]source.Severity{}}
	if strict := c.OutputOptions.Overlay.Strict; strict != nil {
		p.Rules[source.RuleOverlayMatch] = source.Off
		if *strict {
			p.Rules[source.RuleOverlayMatch] = source.Error
		}
	}
	for rule, severity := range c.Rules {
		if rule == allRules {
			p.All = new(severities[severity])
			continue
		}
		p.Rules[rule] = severities[severity]
	}
	return p
}

// allRules is the key of Rules for those that it does not name.
const allRules = "all"

// withAllRules is the config with the rules on that are off by default.
func (c Config) withAllRules() Config {
	given := c.Rules
	c.Rules = map[string]Severity{}
	for _, rule := range Rules() {
		severity, named := given[rule.Name]
		if all, ok := given[allRules]; ok && !named {
			severity, named = all, true
		}
		if !named {
			severity = rule.Severity
			if severity == Off {
				severity = Warning
			}
		}
		c.Rules[rule.Name] = severity
	}
	return c
}

func (c *Config) source() source.Options {
	o := &c.OutputOptions
	opts := source.Options{
		ImportMapping: c.ImportMapping,
		Select: source.Select{
			IncludeTags: o.IncludeTags, ExcludeTags: o.ExcludeTags,
			IncludeOperationIDs: o.IncludeOperationIDs, ExcludeOperationIDs: o.ExcludeOperationIDs,
		},
	}
	if o.Overlay.Path != "" {
		opts.Overlays = []string{o.Overlay.Path}
	}
	return opts
}

func (c *Config) model(document string, policy *model.Policy) model.Options {
	o := &c.OutputOptions
	opts := model.Options{
		Package:           c.Package,
		Source:            cmp.Or(c.Source, sourceName(document)),
		BareEnums:         !c.Compatibility.AlwaysPrefixEnumValues,
		Exclude:           map[string]bool{},
		NullableType:      o.NullableType,
		PointerContainers: !o.PreferSkipOptionalPointer && !o.PreferSkipOptionalPointerOnContainerTypes,
		SkipPointers:      o.PreferSkipOptionalPointer,
		OmitZero:          o.PreferSkipOptionalPointer && o.PreferSkipOptionalPointerWithOmitzero,
		DeclareArrays:     slices.Contains(o.DisableTypeAliasesForType, "array"),
		UnionsOfConstants: o.SkipEnumViaOneOf,
		SkipPrune:         o.SkipPrune,
		YAMLTags:          o.YAMLTags,
		ReadOnlyValues:    c.Compatibility.DisableRequiredReadOnlyAsPointer,
		RequiredHeaders:   c.Compatibility.HeadersImplicitlyRequired,
		Extensions:        c.Extensions,
		Policy:            policy,
		SkipUnsupported:   c.SkipUnsupported,
		Imported:          c.imported,
	}
	for _, key := range o.ExcludeSchemas {
		opts.Exclude[key] = true
	}
	if o.NameNormalizer == GoNames {
		opts.Normalize = model.GoNames(o.AdditionalInitialisms)
	} else {
		opts.Normalize = oapicodegen.Normalizer(o.NameNormalizer, o.AdditionalInitialisms)
		opts.Prefix, opts.NormalizeGiven, opts.MediaTypeName = oapicodegen.Prefix, true, oapicodegen.MediaTypeName
	}
	if len(o.TypeMapping) > 0 {
		opts.Types = c.mappedType
	}
	opts.Effects, _ = c.imports()
	return opts
}

// imported is the path of the package that generated code knows by a name, "" for none.
func (c *Config) imported(name string) string {
	for _, pkg := range c.AdditionalImports {
		if pkg.Alias == name || pkg.Alias == "" && path.Base(pkg.Package) == name {
			return pkg.Package
		}
	}
	return emit.Imported(name)
}

// mappedType is the Go type that type-mapping has for a type and format.
func (c *Config) mappedType(kind, format string) (goType string, pkg model.Import, ok bool) {
	mapping := c.OutputOptions.TypeMapping[kind]
	spec, ok := mapping.Formats[format]
	if !ok {
		spec = mapping.Default
		if model.HasGoType(kind, format) { // the default is for formats without a type of their own
			return "", model.Import{}, false
		}
	}
	return spec.Type, model.Import{Path: spec.Import}, spec.Type != ""
}

func (c *Config) surface(api *model.API) oapicodegen.Options {
	g, o := c.parts(api), &c.OutputOptions
	opts := oapicodegen.Options{
		Client:         g.Client,
		Responses:      g.Client && (g.ClientWithResponses == nil || *g.ClientWithResponses),
		Server:         g.StrictServer,
		ResponseSuffix: o.ResponseTypeSuffix,
		ClientName:     o.ClientTypeName,
		Getters:        !o.SkipResponseBodyGetters,
		ContentType:    !o.SkipClientResponseContentType,
		Bytes:          o.ClientResponseBytesFunction,
	}
	if slices.Contains(oapicodegen.Normalizers, o.NameNormalizer) {
		opts.NameNormalizer = o.NameNormalizer
	}
	if o.NameNormalizer == oapicodegen.WithInitialisms {
		opts.Initialisms = o.AdditionalInitialisms
	}
	if g.ServerURLs {
		opts.Servers = api.Servers
	}
	return opts
}

func (c *Config) emit(doc *source.Document, api *model.API) emit.Options {
	g := c.parts(api)
	opts := emit.Options{
		Models: g.Models, Client: g.Client, Server: g.StrictServer, StdHTTP: g.StrictServer && g.StdHTTPServer,
		SkipEnumValidate: c.OutputOptions.SkipEnumValidate, RequestDefaults: c.RequestDefaults,
		YAMLTags: c.OutputOptions.YAMLTags, OmitZero: c.OutputOptions.PreferSkipOptionalPointerWithOmitzero,
	}
	if g.EmbeddedSpec {
		opts.Document = doc.Root.JSON()
	}
	_, opts.Packages = c.imports()
	return opts
}

// imports are the packages to import for their effects, and those to import where they are used.
func (c *Config) imports() (effects []string, packages []model.Import) {
	for _, pkg := range c.AdditionalImports {
		if pkg.Alias == "_" {
			effects = append(effects, pkg.Package)
		} else {
			packages = append(packages, model.Import{Name: pkg.Alias, Path: pkg.Package})
		}
	}
	return effects, packages
}
