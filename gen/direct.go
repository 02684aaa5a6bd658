package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// A direct is the code that serves an operation without that of oapi-codegen: between the codecs and the implementation there is
// nothing but a function. It is written where all parameters are plain and the body, if there is one, has a codec.
type direct struct {
	Name       string // of the operation, in Go
	ID         string
	Parameters []field // of the request object
	Query      []field // of its Params
	Body       string  // the Go type of the body, if there is one
	Answers    []directAnswer
}

// A field is filled by an expression.
type field struct{ Name, Value string }

// A directAnswer is a response whose body has a codec.
type directAnswer struct {
	Type   string // of the response
	Body   string // its component
	Status int
}

// serveDirectly decides which operations can be served directly.
func serveDirectly(doc *document, stock *stock, codecs []codec, tables *tables) ([]direct, error) {
	code := "package p\n" + strings.Join(stock.types, "\n\n") + "\n\n" + strings.Join(stock.server, "\n\n")
	file, err := parser.ParseFile(token.NewFileSet(), "", code, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	types := map[string]ast.Expr{}
	for _, decl := range file.Decls {
		if general, ok := decl.(*ast.GenDecl); ok {
			for _, spec := range general.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					types[t.Name.Name] = t.Type
				}
			}
		}
	}
	hasCodec := func(name string) bool {
		return slices.ContainsFunc(codecs, func(c codec) bool { return c.Name == name })
	}
	var all []direct
	for op := range doc.operations() {
		name, _ := op.Extensions["x-go-name"].(string)
		d := direct{Name: name}
		for _, table := range tables.Operations {
			if table.Name == name {
				d.ID = table.ID
			}
		}
		request, ok := types[name+"RequestObject"].(*ast.StructType)
		if !ok || !d.request(op, request, types, hasCodec) {
			continue
		}
		for status, response := range sortedMap(op.Responses.Map()) {
			number, err := strconv.Atoi(status)
			answer := name + status + "JSONResponse"
			body, ok := types[answer].(*ast.Ident)
			content := response.Value.Content["application/json"]
			if err == nil && ok && content != nil && len(response.Value.Headers) == 0 && hasCodec(body.Name) {
				d.Answers = append(d.Answers, directAnswer{answer, body.Name, number})
			}
		}
		if len(d.Answers) > 0 {
			all = append(all, d)
		}
	}
	return all, nil
}

// request fills the fields of the request object, if it can.
func (d *direct) request(op operation, request *ast.StructType, types map[string]ast.Expr, hasCodec func(string) bool) bool {
	for _, f := range request.Fields.List {
		switch name := f.Names[0].Name; name {
		case "Body":
			pointer, ok := f.Type.(*ast.StarExpr)
			if !ok || op.RequestBody == nil || !op.RequestBody.Value.Required || len(op.RequestBody.Value.Content) != 1 {
				return false
			}
			body, ok := types[text(pointer.X)].(*ast.Ident)
			if !ok || !hasCodec(body.Name) {
				return false
			}
			d.Body = body.Name
		case "Params":
			params, ok := types[text(f.Type)].(*ast.StructType)
			if !ok || !d.query(op, params, types) {
				return false
			}
		default:
			value := "c.Path(" + strconv.Quote(jsonName(f)) + ")"
			switch text(f.Type) {
			case "string":
			case "openapi_types.UUID":
				value = "c.PathUUID(" + strconv.Quote(jsonName(f)) + ")"
			default:
				if text(types[text(f.Type)]) != "string" {
					return false
				}
				value = text(f.Type) + "(" + value + ")"
			}
			d.Parameters = append(d.Parameters, field{name, value})
		}
	}
	return true
}

// query fills the fields of Params. They are pointers: a required parameter takes the other way.
func (d *direct) query(op operation, params *ast.StructType, types map[string]ast.Expr) bool {
	for _, f := range params.Fields.List {
		pointer, ok := f.Type.(*ast.StarExpr)
		wire := jsonName(f)
		parameter := cmp.Or(op.Parameters.GetByInAndName("query", wire), op.item.Parameters.GetByInAndName("query", wire))
		if !ok || parameter == nil || parameter.AllowEmptyValue || parameter.Schema == nil || parameter.Style != "" && parameter.Style != "form" {
			return false
		}
		goType := text(pointer.X)
		underlying := goType
		if declared, ok := types[goType]; ok {
			underlying = text(declared)
		}
		var read string
		switch underlying {
		case "string":
			read = "QueryText"
		case "bool":
			read = "QueryBool"
		case "int", "int32", "int64":
			read = "QueryInt"
		case "openapi_types.UUID":
			read = "QueryUUID"
		default:
			return false
		}
		d.Query = append(d.Query, field{f.Names[0].Name, "contract." + read + "[" + goType + "](c, " + strconv.Quote(wire) + ")"})
	}
	return true
}

// jsonName is the name of a field in JSON, which oapi-codegen also gives to parameters.
func jsonName(f *ast.Field) string {
	name, _, _ := strings.Cut(tagOf(f, "json"), ",")
	return name
}
