// Consumer measures what our client costs a program that uses it, beside that of oapi-codegen: the processor time of a build whose
// cache has nothing but the standard library, and the size of the program without symbols.
//
// Both clients are generated from the same document with the same configuration, and the program refers to each operation.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A client is one of the two that are compared. tool is the command that generates it.
type client struct {
	name string
	tool []string
}

var clients = []client{
	{"stock", []string{"tool", "oapi-codegen", "-config"}},
	{"ours", []string{"tool", "contractgen", "-config"}},
}

const config = `package: api
output: %s
generate: {models: true, client: true}
`

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("consumer: ", err)
	}
}

func run() error {
	document, err := filepath.Abs("../api/openapi.yaml")
	if err != nil {
		return err
	}
	if _, err := os.Stat(document); err != nil {
		return errors.New("run it in the folder bench: " + err.Error())
	}
	// Within the module, whose dependencies the programs have; git ignores it.
	root, err := os.MkdirTemp(".", "consumer-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	cache, err := os.MkdirTemp("", "consumer-cache-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	for _, c := range clients {
		if err := c.generate(root, document); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	env := append(os.Environ(), "GOCACHE="+cache, "GOFLAGS=-trimpath")
	if err := buildStandardLibrary(root, env); err != nil {
		return err
	}
	fmt.Println("| a program with the client | builds in, s of processor time | has, KB |\n|---|---|---|")
	for _, c := range clients {
		binary := filepath.Join(cache, c.name)
		took, err := command(env, "build", "-ldflags=-s -w", "-o", binary, "./"+filepath.Join(root, c.name))
		if err != nil {
			return err
		}
		file, err := os.Stat(binary)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %d |\n", c.name, took.Seconds(), file.Size()/1000)
	}
	return nil
}

// generate makes the client and a program that refers to each of its operations.
func (c client) generate(root, document string) error {
	folder := filepath.Join(root, c.name, "api")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	output := folder
	if c.name == "stock" {
		output = filepath.Join(folder, "api.gen.go")
	}
	file := filepath.Join(root, c.name+".yaml")
	if output, err := filepath.Abs(output); err != nil {
		return err
	} else if err := os.WriteFile(file, fmt.Appendf(nil, config, output), 0o644); err != nil {
		return err
	}
	arguments := append(c.tool, file)
	if c.name == "ours" {
		arguments = append(arguments, "-document")
	}
	if _, err := command(os.Environ(), append(arguments, document)...); err != nil {
		return err
	}
	operations, err := methods(folder)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "package main\n\nimport %q\n\nvar operations []any\n\nfunc main() {\n\tc, err := api.NewClientWithResponses(\"http://127.0.0.1\")\n\tif err != nil {\n\t\tpanic(err)\n\t}\n",
		"github.com/interconnect-go/interconnect/bench/"+filepath.ToSlash(folder))
	for _, name := range operations {
		fmt.Fprintf(&b, "\toperations = append(operations, c.%s)\n", name)
	}
	b.WriteString("}\n")
	return os.WriteFile(filepath.Join(root, c.name, "main.go"), []byte(b.String()), 0o644)
}

// methods are those of the generated client whose responses are decoded.
func methods(folder string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declared := range parsed.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv != nil && strings.HasSuffix(f.Name.Name, "WithResponse") {
				names = append(names, f.Name.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil, errors.New("the client has no operations")
	}
	return names, nil
}

// buildStandardLibrary fills the cache with the packages of the standard library that the programs have.
func buildStandardLibrary(root string, env []string) error {
	list := exec.Command("go", "list", "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", "./"+root+"/...")
	out, err := list.Output()
	if err != nil {
		return err
	}
	packages := strings.Fields(string(out))
	_, err = command(env, append([]string{"build"}, packages...)...)
	return err
}

// command runs the go command and returns its processor time and that of what it runs.
func command(env []string, arguments ...string) (time.Duration, error) {
	cmd := exec.Command("go", arguments...)
	cmd.Env = env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, out.Bytes())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
