package gen

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// Whoever sends or receives webhooks and callbacks by the code of oapi-codegen finds the same functions, methods and types here.
func TestHooksHaveTheSurfaceOfOapiCodegen(t *testing.T) {
	const document = "../internal/features/openapi.yaml"
	doc, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		t.Fatal(err)
	}
	// oapi-codegen does not know values of several types, which other tests need.
	for _, path := range doc.Paths.InMatchingOrder() {
		if strings.HasPrefix(path, "/nothing/") {
			doc.Paths.Delete(path)
		}
	}
	delete(doc.Components.Schemas, "NullableMembers")
	delete(doc.Components.Schemas, "NullableRequired")
	theirs, err := codegen.Generate(doc, codegen.Configuration{
		PackageName: "p", Generate: codegen.GenerateOptions{Models: true, Client: true, StdHTTPServer: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	config, found := ReadConfig(configName, []byte("package: p\ngenerate: {models: true, client: true, std-http-server: true}\n"))
	files, diagnostics := Generate(document, os.ReadFile, config)
	if len(found) > 0 || diagnostics.HasErrors() {
		t.Fatal(found, diagnostics)
	}
	ours := map[string]string{}
	for name, text := range files {
		for declared, signature := range signatures(t, filepath.Base(name), string(text)) {
			ours[declared] = signature
		}
	}
	compared := 0
	for declared, signature := range signatures(t, "theirs.go", theirs) {
		if !strings.Contains(declared, "Webhook") && !strings.Contains(declared, "Callback") {
			continue
		}
		if compared++; ours[declared] != signature {
			t.Errorf("%s\noapi-codegen has %s\nhere it is    %s", declared, signature, ours[declared])
		}
	}
	if compared < 30 {
		t.Errorf("only %d declarations are about webhooks and callbacks", compared)
	}
}

// signatures are the exported functions, methods, types, fields and constants of a file, with what a caller sees of them.
func signatures(t *testing.T, name, text string) map[string]string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	spell := func(node any) string {
		var b strings.Builder
		if err := format.Node(&b, files, node); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	all := map[string]string{}
	add := func(name, signature string) {
		if token.IsExported(name[strings.LastIndexByte(name, '.')+1:]) {
			all[name] = signature
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil {
				name = spell(decl.Recv.List[0].Type) + "." + name
			}
			add(name, spell(decl.Type))
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok {
					for i, name := range value.Names {
						if i < len(value.Values) && value.Type != nil {
							add(name.Name, spell(value.Type)+" = "+spell(value.Values[i]))
						}
					}
					continue
				}
				spec, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				switch object := spec.Type.(type) {
				case *ast.StructType:
					add(spec.Name.Name, "struct")
					for _, f := range object.Fields.List {
						for _, name := range f.Names {
							signature := spell(f.Type)
							if f.Tag != nil {
								signature += " " + f.Tag.Value
							}
							add(spec.Name.Name+"."+name.Name, signature)
						}
					}
				case *ast.InterfaceType:
					var methods []string
					for _, m := range object.Methods.List {
						if len(m.Names) == 1 {
							methods = append(methods, m.Names[0].Name+spell(m.Type))
						}
					}
					slices.Sort(methods)
					methods = slices.Compact(methods) // oapi-codegen declares a callback once for each operation that refers to it
					add(spec.Name.Name, strings.Join(methods, "; "))
				default:
					add(spec.Name.Name, spell(object))
				}
			}
		}
	}
	return all
}
