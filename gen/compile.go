package main

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// checkCompiles refuses a document whose code does not compile, for a reason that no earlier step knows: names that meet, numbers that do
// not fit, types that hold themselves. What the code imports is not looked at, and what it says of that is taken as right.
func checkCompiles(doc *document, components map[string]*component, files Files) error {
	fset := token.NewFileSet()
	var parsed []*ast.File
	for name, text := range sortedMap(files) {
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	told := map[string]bool{}
	config := types.Config{
		Importer: nothing{},
		Error: func(err error) {
			var wrong types.Error
			if !errors.As(err, &wrong) || wrong.Soft || strings.HasPrefix(wrong.Msg, "\t") || aboutImports(wrong.Msg) {
				return
			}
			pointer, advice := origin(doc, components, declarationAt(parsed, wrong.Pos)), mending(wrong.Msg)
			if name, ok := strings.CutPrefix(wrong.Msg, "undefined: "); ok {
				if at, ok := doc.typeExtension(name); ok {
					pointer, advice = at, "say where the package is: x-go-type-import: {path: …}"
				}
			}
			if told[pointer] { // one mistake has many consequences
				return
			}
			told[pointer] = true
			doc.refuse(pointer, "its Go code would not compile: %s; %s", wrong.Msg, advice)
		},
	}
	_, _ = config.Check(parsed[0].Name.Name, fset, parsed, nil) // the errors have been told one by one
	return doc.diagnostics.err()
}

// typeExtension finds the x-go-type that uses a package.
func (o *outline) typeExtension(name string) (pointer string, ok bool) {
	for _, pointer := range o.keys {
		if value, _ := o.scalar(pointer); strings.HasSuffix(pointer, "/x-go-type") && strings.Contains(value, name+".") {
			return pointer, true
		}
	}
	return "", false
}

// nothing imports nothing, which leaves packages whose contents are not known.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) { return nil, errors.New(path) }

// aboutImports tells whether an error comes of not knowing the packages that the code imports: that, and methods of types from there.
func aboutImports(message string) bool {
	return strings.HasPrefix(message, "could not import ") || strings.Contains(message, " undefined (type ")
}

// declarationAt is the name of what is declared at a place, for a method the type.
func declarationAt(files []*ast.File, pos token.Pos) string {
	for _, file := range files {
		for _, decl := range file.Decls {
			if pos < decl.Pos() || decl.End() < pos {
				continue
			}
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					return receiver(d)
				}
				return d.Name.Name
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if pos < spec.Pos() || spec.End() < pos {
						continue
					}
					switch s := spec.(type) {
					case *ast.TypeSpec:
						return s.Name.Name
					case *ast.ValueSpec:
						return cmp.Or(constantType(s), s.Names[0].Name)
					}
				}
			}
		}
	}
	return ""
}

func constantType(s *ast.ValueSpec) string {
	if ident, ok := s.Type.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}

// origin is the pointer of the schema or operation that a declaration comes from: of the longest name that it contains.
func origin(doc *document, components map[string]*component, declaration string) string {
	best, pointer := "", ""
	for name, c := range sortedMap(components) {
		if strings.Contains(declaration, name) && len(name) > len(best) {
			best, pointer = name, c.pointer
		}
	}
	for op := range doc.operations() {
		if name, _ := op.Extensions["x-go-name"].(string); strings.Contains(declaration, name) && len(name) > len(best) {
			best, pointer = name, op.pointer
		}
	}
	if pointer == "" { // code that belongs to all operations
		ops := slices.Collect(doc.operations())
		if len(ops) > 0 {
			pointer = ops[0].pointer
		}
	}
	return pointer
}

// mending says what to do about an error of the compiler.
func mending(message string) string {
	for _, m := range []struct{ part, advice string }{
		{"recursive type", "make it an object that has the array as a member"},
		{"truncated", "write values that its format can hold"},
		{"overflows", "write values that its format can hold"},
		{"duplicate case", "say each value and each member once"},
	} {
		if strings.Contains(message, m.part) {
			return m.advice
		}
	}
	return "give it, or what has the same name, another x-go-name"
}
