package gen

// Documents that their authors did not intend: valid ones with random changes, and ones with Go code in every place
// that has a string. The generator refuses them or makes a package, and what stands in a document is never code of the
// package.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"
)

var (
	long      = flag.Bool("long", false, "make 20,000 documents instead of 300, for many minutes")
	mutated   = flag.String("mutate", "", "documents to change at random, besides those of the tests: paths separated by commas")
	mutations = flag.Int("mutations", 500, "how often to change each document that -mutate names")
)

// smallDocuments returns the documents of testdata, and those of other packages, by name.
func smallDocuments(t *testing.T) (names []string, texts [][]byte) {
	names, archives := smallArchives(t)
	for _, archive := range archives {
		texts = append(texts, archive.Files[0].Data)
	}
	return names, texts
}

// acceptedOf returns which of the documents give a package.
func acceptedOf(texts [][]byte) (accepted []int) {
	for i, text := range texts {
		if files, _ := generateText(text); files != nil {
			accepted = append(accepted, i)
		}
	}
	return accepted
}

func generateText(text []byte) (Files, Diagnostics) {
	return generateWithAllRules(&txtar.Archive{Files: []txtar.File{{Name: "openapi.yaml", Data: text}}})
}

// generateWithAllRules generates what an archive is about, as a case of testdata.
func generateWithAllRules(archive *txtar.Archive) (Files, Diagnostics) {
	read := readFrom(archive)
	config := DefaultConfig()
	var found Diagnostics
	if text, err := read(configName); err == nil {
		config, found = ReadConfig(configName, text)
	}
	config.Package = "p"
	files, diagnostics := Generate(archive.Files[0].Name, read, config.withAllRules())
	if found.HasErrors() {
		files = nil
	}
	return files, append(found, diagnostics...)
}

// generated runs the generator with all rules. The error is what must not happen, whatever the document is.
func generated(text []byte) (files Files, err error) {
	return generatedFrom(&txtar.Archive{Files: []txtar.File{{Name: "openapi.yaml", Data: text}}})
}

func generatedFrom(archive *txtar.Archive) (files Files, err error) {
	defer func() {
		if p := recover(); p != nil {
			stack := make([]byte, 4<<10)
			err = fmt.Errorf("panic: %v\n%s", p, stack[:runtime.Stack(stack, false)])
		}
	}()
	start := time.Now()
	files, diagnostics := generateWithAllRules(archive)
	if took := time.Since(start); took > time.Minute {
		return nil, fmt.Errorf("%w: %s", errSlow, took)
	}
	if len(diagnostics) > 0 {
		for line := range strings.Lines(diagnostics.Error()) {
			missing := strings.Contains(line, ":1:1: the file does not exist; ")
			if !missing && !slices.ContainsFunc(archive.Files, func(f txtar.File) bool { return strings.HasPrefix(line, f.Name+":") }) {
				return nil, fmt.Errorf("a diagnostic without a place: %s", line)
			}
			if strings.Contains(line, "a mistake of the generator") || strings.Contains(line, "oapi-codegen v") ||
				strings.Contains(line, "oapi-codegen (unknown") {
				return nil, fmt.Errorf("the generator failed: %s", line)
			}
		}
	}
	if (files == nil) != diagnostics.HasErrors() {
		return nil, fmt.Errorf("%d files, with %v", len(files), diagnostics)
	}
	config, _ := readFrom(archive)(configName)
	if files != nil && !bytes.Contains(config, []byte("import-mapping:")) { // types of other packages need not be there
		err = compile(withHandwritten(files, archive))
	}
	for _, file := range archive.Files {
		for _, given := range goType.FindAllSubmatch(file.Data, -1) {
			if err != nil && strings.Contains(err.Error(), "undefined: "+string(given[1])) {
				err = nil // a type that is written by hand, for all that is known
			}
		}
	}
	return files, err
}

// goType is an x-go-type of the package itself.
var goType = regexp.MustCompile(`(?:x-go-type|x-oapi-codegen-type-override)"?: *[\["'*]*(?:map\[string\])?([A-Z]\w*)`)

var errSlow = errors.New("it took too long")

func TestMutatedDocuments(t *testing.T) {
	names, texts := smallDocuments(t)
	accepted := acceptedOf(texts)
	documents := 300
	if *long {
		documents = 20_000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	made := 0
	for i := range documents {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		at := random.IntN(len(texts))
		if random.IntN(2) == 0 { // one that gives a package
			at = accepted[random.IntN(len(accepted))]
		}
		text := mutate(texts[at], random)
		files, err := generated(text)
		if err != nil {
			t.Fatalf("document %d, made of %s: %v\n%s", i, names[at], err, smallest(text, err))
		}
		if files != nil {
			made++
		}
	}
	t.Logf("of %d documents, %d gave a package", documents, made)
}

// Documents of others are changed at random: go test ./gen -run TestMutatedFiles -mutate a.yaml,b.json -v. What must not happen is kept in a
// file of its own, and reported for each document once.
func TestMutatedFiles(t *testing.T) {
	if *mutated == "" {
		t.Skip("no documents: use -mutate")
	}
	for path := range strings.SplitSeq(*mutated, ",") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			original, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			seed := uint64(time.Now().UnixNano())
			made := 0
			for i := range *mutations {
				text := mutate(original, rand.New(rand.NewPCG(seed, uint64(i))))
				files, err := generated(text)
				if err != nil {
					kept := filepath.Join(os.TempDir(), fmt.Sprintf("mutated-%s-%d", filepath.Base(path), i))
					if writeErr := os.WriteFile(kept, text, 0o644); writeErr != nil {
						t.Error(writeErr)
					}
					t.Fatalf("seed %d, document %d, which is now %s: %v\n%.5000s", seed, i, kept, err, smallest(text, err))
				}
				if files != nil {
					made++
				}
			}
			t.Logf("seed %d: of %d documents, %d gave a package", seed, *mutations, made)
		})
	}
}

// smallest is a document as small as could be found in a while that fails in the same way.
func smallest(text []byte, failure error) []byte {
	if errors.Is(failure, errSlow) {
		return text // each attempt would take as long
	}
	kind := kindOfFailure(failure)
	return shrink(text, time.Now().Add(2*time.Minute), func(text []byte) bool {
		_, err := generated(text)
		return err != nil && kindOfFailure(err) == kind
	})
}

// kindOfFailure is a failure without what depends on the document: numbers and names.
func kindOfFailure(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return details.ReplaceAllString(first, "")
}

var details = regexp.MustCompile(`"[^"]*"|\w*[\d._/#~]\S*|\b[A-Z]\w*`)

// shrink leaves out parts of a document as long as it fails, until a time: members and items or, of what is not YAML, lines.
func shrink(text []byte, until time.Time, fails func([]byte) bool) []byte {
	attempt := func(smaller []byte) bool {
		if len(smaller) >= len(text) || time.Now().After(until) || !fails(smaller) {
			return false
		}
		text = smaller
		return true
	}
	var root yaml.Node
	if yaml.Unmarshal(text, &root) == nil && root.Kind == yaml.DocumentNode {
		if same, err := yaml.Marshal(&root); err == nil && fails(same) {
			text = append(same, '\n') // so that the same text without anything is smaller
			shrinkNode(&root, func() bool {
				smaller, err := yaml.Marshal(&root)
				return err == nil && attempt(smaller)
			})
			return text
		}
	}
	for size := len(text) / 2; size > 0; size /= 2 {
		for from := 0; from < len(text); {
			if !attempt(slices.Concat(text[:from], text[min(from+size, len(text)):])) {
				from += size
			}
		}
	}
	return text
}

// shrinkNode leaves out children of a node, many at once first, and then those of the children that are left.
func shrinkNode(n *yaml.Node, attempt func() bool) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	if n.Kind != yaml.DocumentNode {
		for size := len(n.Content) / step; size > 0; size /= 2 {
			for from := 0; from < len(n.Content); {
				before := n.Content
				n.Content = slices.Concat(before[:from], before[min(from+size*step, len(before)):])
				if !attempt() {
					n.Content = before
					from += size * step
				}
			}
		}
	}
	for _, child := range n.Content {
		shrinkNode(child, attempt)
	}
}

// A failing document is made small, whether it is YAML or not.
func TestShrink(t *testing.T) {
	text, err := os.ReadFile("../internal/everywhere/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	needle := []byte("propertyName")
	small := shrink(text, time.Now().Add(time.Minute), func(text []byte) bool {
		var root yaml.Node
		return yaml.Unmarshal(text, &root) == nil && bytes.Contains(text, needle)
	})
	if !bytes.Contains(small, needle) || bytes.Count(small, []byte("\n")) > 12 {
		t.Errorf("it is shrunk to\n%s", small)
	}
	broken := append([]byte("{"), text...)
	small = shrink(broken, time.Now().Add(time.Minute), func(text []byte) bool { return text[0] == '{' && bytes.Contains(text, needle) })
	if string(small) != "{"+string(needle) {
		t.Errorf("it is shrunk to %q", small)
	}
}

// Texts that are not even documents.
func FuzzDocument(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := generated(text); err != nil {
			t.Error(err)
		}
	})
}

// strange are values that no member of a document expects.
var strange = []string{
	"null", "true", "-1", "1e999", "0.1", "99999999999999999999", "''", "'\\'", "[]", "{}", "[null]", "{'': null}", "'#/components/schemas'",
	"{$ref: '#'}", "{$ref: '#/components/schemas/A'}", "{$ref: 'other.yaml#/x'}", "!!binary aGVsbG8=", "2001-01-01", "'\\xff'", "~", "{type: [string, 'null']}",
	"{oneOf: []}", "{allOf: [{}]}", "{type: array}", "{enum: []}", "{pattern: '('}", "\"\\0\"", "\"\\u2028\"",
}

// mutate changes a document in one to four places.
func mutate(text []byte, random *rand.Rand) []byte {
	if random.IntN(8) == 0 { // bytes
		text = append([]byte{}, text...)
		for range 1 + random.IntN(4) {
			text[random.IntN(len(text))] = byte(random.IntN(256))
		}
		if random.IntN(3) == 0 {
			text = text[:random.IntN(len(text))]
		}
		return text
	}
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil || root.Kind != yaml.DocumentNode {
		return text
	}
	for range 1 + random.IntN(4) {
		var nodes []*yaml.Node // that have children
		var all []*yaml.Node
		walk(&root, func(n *yaml.Node) {
			all = append(all, n)
			if n.Kind != yaml.DocumentNode && len(n.Content) > 0 {
				nodes = append(nodes, n)
			}
		})
		if len(nodes) == 0 {
			break
		}
		n := nodes[random.IntN(len(nodes))]
		i, step := random.IntN(len(n.Content)), 1
		if n.Kind == yaml.MappingNode {
			i, step = i/2*2, 2
		}
		switch random.IntN(7) {
		case 0: // gone
			n.Content = append(n.Content[:i:i], n.Content[i+step:]...)
		case 1: // twice
			n.Content = append(n.Content, n.Content[i:i+step]...)
		case 2: // something else
			var value yaml.Node
			if yaml.Unmarshal([]byte(strange[random.IntN(len(strange))]), &value) == nil && len(value.Content) > 0 {
				n.Content[i+step-1] = value.Content[0]
			}
		case 3: // a copy from elsewhere
			n.Content[i+step-1] = copied(all[random.IntN(len(all))])
		case 4: // another name, or another item
			if other := all[random.IntN(len(all))]; other.Kind == yaml.ScalarNode {
				n.Content[i] = copied(other)
			}
		case 5: // a reference to any place
			n.Content[i+step-1] = refTo("#/components/schemas/" + all[random.IntN(len(all))].Value)
		case 6: // a member of a schema
			if n.Kind == yaml.MappingNode {
				keywords := []string{"oneOf", "allOf", "anyOf", "not", "items", "properties", "required", "enum", "default", "discriminator", "nullable",
					"format", "pattern", "additionalProperties", "x-go-name", "x-go-type", "x-enum-varnames", "readOnly", "example", "$ref", "maximum"}
				var value yaml.Node
				if yaml.Unmarshal([]byte(strange[random.IntN(len(strange))]), &value) == nil && len(value.Content) > 0 {
					key := &yaml.Node{Kind: yaml.ScalarNode, Value: keywords[random.IntN(len(keywords))]}
					n.Content = append(n.Content, key, value.Content[0])
				}
			}
		}
	}
	changed, err := yaml.Marshal(&root)
	if err != nil || len(changed) > 4<<20 {
		return text
	}
	return changed
}

func walk(n *yaml.Node, each func(*yaml.Node)) {
	each(n)
	for _, child := range n.Content {
		walk(child, each)
	}
}

func copied(n *yaml.Node) *yaml.Node {
	c := *n
	c.Anchor, c.Content = "", nil
	for _, child := range n.Content {
		c.Content = append(c.Content, copied(child))
	}
	if c.Kind == yaml.DocumentNode || c.Kind == yaml.AliasNode {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "x"}
	}
	return &c
}

func refTo(to string) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Value: "$ref"}, {Kind: yaml.ScalarNode, Value: to, Style: yaml.SingleQuotedStyle},
	}}
}

// injections are strings that end whatever they may stand in, and go on as Go. No Go name that is made of one is
// in_jected.
var injections = []string{
	"x\nvar in_jected = 1\n", "x\r\nvar in_jected = 1\r\n", "x\rvar in_jected = 1\r", "x\u2028var in_jected = 1\u2028", "x */ var in_jected = 1 /*",
	"`\nvar in_jected = 1\nvar _ = `", "` + in_jected + `", "\" + in_jected + \"", "\"\nvar in_jected = 1\nvar _ = \"", "'\nvar in_jected = 1\n'",
	"}\nvar in_jected = 1\nfunc _() {", "\\\"\nvar in_jected = 1\n//", "x\n\n//go:embed mutate_test.go\nvar in_jected string\n",
	"\ufeffvar in_jected = 1\ufeff", "\x00", "\u0085var in_jected = 1", "x\npackage p\nfunc init() { in_jected() }\nvar in_jected = func() {} //",
	"x\u2029var in_jected = 1\u2029", "//line in_jected.go:1", "x\n//line in_jected.go:1\n", "/*line in_jected.go:1*/", "x\n//export in_jected\n",
	"x\n//go:build in_jected\n", "+build in_jected", "x\"`\nvar in_jected = 1\nvar _ = `\"", "x\"` + in_jected + `\"", "x\n\n// +build in_jected\n\nx",
	"//go:linkname in_jected os.Exit", "{{define \"x\"}}var in_jected = 1{{end}}", "%!s(in_jected)", "\x00var in_jected = 1", "json:\"in_jected\" `\nvar in_jected = 1\n",
}

// Code that stands in a string of a document, a config or an overlay does not become code of the package, wherever the string is.
func TestInjections(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	names, archives := smallArchives(t)
	tried, accepted := map[string]int{}, map[string]int{}
	for i, archive := range archives {
		if files, _ := generateWithAllRules(archive); files == nil {
			continue
		}
		handwritten := slices.ContainsFunc(archive.Files, func(f txtar.File) bool { return strings.HasSuffix(f.Name, ".go") && !isGolden(f.Name) })
		for j, file := range archive.Files {
			kind, of := "file", 3 // how many strings one is chosen of
			switch {
			case isGolden(file.Name) || strings.HasSuffix(file.Name, ".go"):
				continue
			case j == 0:
				kind, of = "document", 100
			case file.Name == configName && handwritten: // which fits this config only
				continue
			case file.Name == configName:
				kind = "config"
			case bytes.Contains(file.Data, []byte("overlay:")):
				kind = "overlay"
			}
			if *long {
				of = 1
			}
			inject(file.Data, random, of, func(place string, changed []byte) {
				with := &txtar.Archive{Files: slices.Clone(archive.Files)}
				with.Files[j].Data = changed
				files, err := generatedFrom(with)
				if err != nil {
					t.Errorf("%s, %s, %s: %v", names[i], file.Name, place, err)
				}
				for name, text := range files {
					if filepath.Ext(name) != ".go" {
						continue
					}
					if problem := injected(text); problem != "" {
						t.Errorf("%s, %s, %s: %s: %s", names[i], file.Name, place, name, problem)
					}
				}
				if tried[kind]++; files != nil {
					accepted[kind]++
				}
			})
		}
	}
	for _, kind := range []string{"document", "config", "overlay", "file"} {
		t.Logf("of %d strings of a %s, %d gave a package", tried[kind], kind, accepted[kind])
		if tried[kind] == 0 || accepted[kind] == 0 && (kind != "config" || *long) { // most strings of a config are names, where code is refused
			t.Errorf("no string of a %s was accepted, so that nothing was tested", kind)
		}
	}
}

// inject replaces one string of a file by code, or adds code to it: one of so many strings, twice.
func inject(text []byte, random *rand.Rand, of int, try func(place string, changed []byte)) {
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil { // the generator reads more than this package
		return
	}
	var strs []*yaml.Node // values and names
	walk(&root, func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
			strs = append(strs, n)
		}
	})
	for i, n := range strs {
		if random.IntN(of) > 0 {
			continue
		}
		before := *n
		for range 2 {
			payload := injections[random.IntN(len(injections))]
			n.Value, n.Style = payload, yaml.DoubleQuotedStyle
			if random.IntN(2) == 0 { // behind what was there, which is more often accepted
				n.Value = before.Value + payload
			}
			if changed, err := yaml.Marshal(&root); err == nil {
				try(fmt.Sprintf("string %d, %q", i, n.Value), changed)
			}
		}
		*n = before
	}
}

// smallArchives returns the cases of testdata, and documents of other packages.
func smallArchives(t *testing.T) (names []string, archives []*txtar.Archive) {
	t.Helper()
	for _, path := range casePaths(t) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "use.go" }) // which fits the document as it is
		names, archives = append(names, path), append(archives, archive)
	}
	for _, path := range []string{"../api/sandbox.yaml", "../internal/everywhere/openapi.yaml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names, archives = append(names, path), append(archives, &txtar.Archive{Files: []txtar.File{{Name: "openapi.yaml", Data: text}}})
	}
	return names, archives
}

// directive is a comment that means something to the compiler or to tools.
var directive = regexp.MustCompile(`^(//[a-z0-9]+:[a-z0-9]|//line |/\*line |//(export|extern) |// ?\+build )`)

// injected says what is code in a file that must not be.
func injected(file []byte) (problem string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "", file, parser.ParseComments)
	if err != nil {
		return err.Error()
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && name.Name == "in_jected" {
			problem = "the identifier in_jected"
		}
		return true
	})
	for _, group := range parsed.Comments {
		for _, comment := range group.List {
			if directive.MatchString(comment.Text) && comment.Text != "//sumtype:decl" {
				problem = "the directive " + comment.Text
			}
		}
	}
	return problem
}
