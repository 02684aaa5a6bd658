package test

// A change of the document that adds something changes no test: nothing that is written by hand repeats the document, or takes for unknown
// what may become known. This is tried with everything that can be added at once.

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var long = flag.Bool("long", false, "also run the tests that take minutes")

// TestDocumentGrows adds an optional member to every object, a value to every enum that has several, a status to every operation, and a
// query parameter to every list, generates, and runs the tests of a copy of this module.
func TestDocumentGrows(t *testing.T) {
	if !*long {
		t.Skip("it takes minutes; run it with -long")
	}
	root := copyModule(t)
	path := filepath.Join(root, "api", "openapi.yaml")
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(readText(t, path)), &document); err != nil {
		t.Fatal(err)
	}
	members, values := 0, 0
	for _, schema := range valuesOf(lookUp(document.Content[0], "components", "schemas")) {
		if properties := lookUp(schema, "properties"); properties != nil {
			members++
			insert(properties, "grown", "{description: Grown is new., type: string}")
		}
		if enum := lookUp(schema, "enum"); enum != nil && len(enum.Content) > 1 {
			values++
			enum.Content = append(enum.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "grown"})
		}
	}
	operations := 0
	for _, item := range valuesOf(lookUp(document.Content[0], "paths")) {
		for _, operation := range valuesOf(item) {
			responses := lookUp(operation, "responses")
			if responses == nil {
				continue
			}
			operations++
			insert(responses, "402", "{$ref: '#/components/responses/Forbidden'}")
			// Where there are none, the first one gives the method of the client another argument, which is a change for its callers.
			if parameters := lookUp(operation, "parameters"); parameters != nil {
				parameters.Content = append(parameters.Content, parsed(`{name: grown, in: query, description: Grown is new., schema: {type: string}, example: a}`))
			}
		}
	}
	if members < 15 || values < 2 || operations < 16 {
		t.Fatalf("%d members, %d values and %d operations are grown; the document has more", members, values, operations)
	}
	text, err := yaml.Marshal(&document)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"generate", "./api"}, {"build", "./..."}, {"test", "-vet=off", "-short", "./..."},
	} {
		command := exec.Command("go", args...)
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
}

// copyModule copies the files of this module that git knows, or would, into a directory.
func copyModule(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	command := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Skipf("git does not list the files of the module: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			continue // deleted since
		}
		to := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// lookUp follows the names of members; it returns nil if there is none of such a name.
func lookUp(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		if node.Kind != yaml.MappingNode {
			return nil
		}
		i := slices.IndexFunc(node.Content, func(n *yaml.Node) bool { return n.Value == name })
		if i < 0 || i%2 == 1 {
			return nil
		}
		node = node.Content[i+1]
	}
	return node
}

// valuesOf returns the values of a mapping.
func valuesOf(node *yaml.Node) (values []*yaml.Node) {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 1; i < len(node.Content); i += 2 {
		values = append(values, node.Content[i])
	}
	return values
}

func insert(mapping *yaml.Node, name, text string) {
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, parsed(text))
}

func parsed(text string) *yaml.Node {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		panic(err)
	}
	return node.Content[0]
}
