package reference

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A document is a Document in the form in which the pages show it.
type document struct {
	Document
	Title      string
	Version    string
	Bearer     []string // the names of the security schemes that take a token
	Operations []operation

	file  file       // the document, with this server as the only one
	forms *yaml.Node // the same for the forms, see [formsOf]; never changed
}

// Label is what the navigation calls the document.
func (d document) Label() string { return cmp.Or(d.Document.Label, d.Title) }

// Page is the path of the document's page.
func (d document) Page() string { return "/docs/" + d.Name }

// File is the path of the document itself.
func (d document) File() string { return d.Page() + ".yaml" }

// Forms is the path of the document that the forms of the page are made of.
func (d document) Forms() string { return d.Page() + "/forms.json" }

// An operation is one line of the table in the overview.
type operation struct {
	ID           string
	Method, Path string // the path is below the base path
	Summary      string
	Link         string // to the operation in the document's page
}

var (
	name     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	basePath = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`) // no other server
)

func read(d Document) (document, error) {
	if !name.MatchString(d.Name) || d.Name == "assets" {
		return document{}, errors.New("want another name, of lower-case letters, digits and dashes")
	}
	if !basePath.MatchString(d.BasePath) {
		return document{}, fmt.Errorf("base path %q: want one such as /_sandbox", d.BasePath)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(d.YAML, &tree); err != nil {
		return document{}, err
	}
	var content struct {
		Info       struct{ Title, Version string }
		Paths      yaml.Node
		Components struct {
			SecuritySchemes map[string]struct{ Type, Scheme string } `yaml:"securitySchemes"`
		}
	}
	if err := tree.Decode(&content); err != nil {
		return document{}, err
	}
	if content.Info.Title == "" || content.Paths.Kind != yaml.MappingNode {
		return document{}, errors.New("it has no info.title or no paths; want an OpenAPI document")
	}
	doc := document{Document: d, Title: content.Info.Title, Version: content.Info.Version}
	for scheme, s := range content.Components.SecuritySchemes {
		if s.Type == "http" && strings.EqualFold(s.Scheme, "bearer") {
			doc.Bearer = append(doc.Bearer, scheme)
		}
	}
	slices.Sort(doc.Bearer)
	var err error
	if doc.Operations, err = operations(doc, &content.Paths); err != nil {
		return document{}, err
	}
	if err := serveHere(&tree, d.BasePath); err != nil {
		return document{}, err
	}
	text, err := encode(&tree)
	if err != nil {
		return document{}, err
	}
	doc.file = newFile("application/yaml", text)
	doc.forms = formsOf(&tree)
	_, err = doc.fill(values{})
	return doc, err
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// operations are in the order of the document.
func operations(d document, paths *yaml.Node) ([]operation, error) {
	var found []operation
	for path, item := range members(paths) {
		for method, node := range members(item) {
			if !slices.Contains(methods, method) {
				continue
			}
			var o struct {
				OperationID string `yaml:"operationId"`
				Tags        []string
				Summary     string
			}
			if err := node.Decode(&o); err != nil {
				return nil, fmt.Errorf("%s %s: %w", strings.ToUpper(method), path, err)
			}
			if o.OperationID == "" {
				return nil, fmt.Errorf("%s %s: no operationId to link to; add one", strings.ToUpper(method), path)
			}
			tag := "default" // as Swagger UI calls it
			if len(o.Tags) > 0 {
				tag = o.Tags[0]
			}
			found = append(found, operation{
				ID:      o.OperationID,
				Method:  strings.ToUpper(method),
				Path:    path,
				Summary: o.Summary,
				Link:    d.Page() + "#/" + url.PathEscape(tag) + "/" + url.PathEscape(o.OperationID),
			})
		}
	}
	return found, nil
}

// serveHere makes this server the only one of the document, so that neither the forms nor whoever takes the file calls
// another. OpenAPI lets paths and operations have servers of their own.
func serveHere(tree *yaml.Node, path string) error {
	root := tree.Content[0]
	for _, item := range members(member(root, "paths")) {
		remove(item, "servers")
		for _, operation := range members(item) {
			remove(operation, "servers")
		}
	}
	remove(root, "servers")
	var servers yaml.Node
	err := servers.Encode(map[string]any{"servers": []map[string]string{{"url": path, "description": "This sandbox"}}})
	if err != nil {
		return err
	}
	root.Content = append(root.Content, servers.Content...)
	return nil
}

func encode(tree *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	err := errors.Join(e.Encode(tree), e.Close())
	return b.Bytes(), err
}

// members ranges over the members of a YAML mapping in their order. Anything else has none.
func members(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// member returns a member of a YAML mapping, nil if it has none of that name.
func member(n *yaml.Node, name string) *yaml.Node {
	for key, value := range members(n) {
		if key == name {
			return value
		}
	}
	return nil
}

func remove(n *yaml.Node, key string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}
