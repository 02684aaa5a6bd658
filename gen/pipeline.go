package main

// Generate is the whole pipeline. It reads nothing but its arguments and writes nothing: main either writes the files that
// it returns or compares them with those on disk.
//
// The error, if any, is a [Diagnostics] with everything that is wrong with the document.
func Generate(source string, text []byte, packageName string) (Files, error) {
	// Load: parse and resolve the document, refuse what is not valid OpenAPI 3.0.
	doc, err := load(source, text)
	if err != nil {
		return nil, err
	}

	// Prepare: give every schema that needs a Go type a component with a Go name, and bring unions to the top.
	components, err := prepare(doc)
	if err != nil {
		return nil, err
	}

	// Analyse: decide how each union chooses its variant, and refuse those that cannot.
	unions, err := analyse(doc, components)
	if err != nil {
		return nil, err
	}

	// Tables: spell the schemas and operations out for the run-time, before oapi-codegen alters the document.
	tables, err := tabulate(doc, components)
	if err != nil {
		return nil, err
	}

	// Stock: let oapi-codegen write types, client and server, all but the unions.
	stock, err := generateStock(doc, packageName, components, unions)
	if err != nil {
		return nil, err
	}

	// Encode: decide for each type how it is read and written.
	codecs, err := encode(components, unions, stock)
	if err != nil {
		return nil, err
	}

	// Direct: decide which operations the codecs serve without the code of oapi-codegen.
	directs, err := serveDirectly(doc, stock, codecs, tables)
	if err != nil {
		return nil, err
	}

	// Emit: write the unions and what belongs to them, and format everything.
	files, err := emit(doc, packageName, stock, unions, codecs, directs, tables)
	if err != nil {
		return nil, err
	}

	// Compile: refuse what would not.
	return files, checkCompiles(doc, components, files)
}
