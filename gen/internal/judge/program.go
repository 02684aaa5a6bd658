package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tableHead is the part of the generated table that does not depend on the document.
//
//go:embed subject.go.txt
var tableHead string

// programText is the program that answers for the generated types.
//
//go:embed program.go.txt
var programText string

// A program runs the generated types in a process of their own.
type program struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// A verdict is what the generated code says of a text.
type verdict struct {
	Check     string   // why Schema.Check refuses the text; empty if it is valid
	HasType   bool     // whether there is a Go type, which the following is about
	Refused   string   // why the Go type refuses the text
	Rules     []string // that the text violates, for the Go type
	Back      string   // the text that the value is written as
	Unwritten string   // why it cannot be written
	Wrong     string   // what else is not as it should be
}

// build makes the program in a folder.
func build(dir string, d *document) (*program, error) {
	files, err := d.files()
	if err != nil {
		return nil, err
	}
	root, module, err := mainModule()
	if err != nil {
		return nil, err
	}
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	goSum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return nil, err
	}
	requires := string(goMod[strings.Index(string(goMod), "\nrequire"):])
	all := map[string][]byte{
		"go.mod":  fmt.Appendf(nil, "module judge.example\n\ngo 1.26\n\nrequire %s v0.0.0\n\nreplace %s => %s\n%s", module, module, root, withoutTools(requires)),
		"go.sum":  goSum,
		"main.go": []byte(programText),
	}
	for name, text := range files {
		all[filepath.Join(d.api.Package, name)] = text
	}
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
	}
	compile := exec.Command("go", "build", "-mod=mod", "-o", "judge.exe", ".")
	compile.Dir, compile.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := compile.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the generated package does not build: %w\n%s", err, out)
	}
	p := &program{command: exec.Command(filepath.Join(dir, "judge.exe"))}
	p.command.Stderr = os.Stderr
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	return p, p.command.Start()
}

// withoutTools leaves out the tool directives of a go.mod file.
func withoutTools(requires string) string {
	if i := strings.Index(requires, "\ntool"); i >= 0 {
		return requires[:i]
	}
	return requires
}

// mainModule is the folder and the path of the module that the generated code imports.
func mainModule() (dir, path string, err error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Path}}").Output()
	if err != nil {
		return "", "", fmt.Errorf("go list -m: %w", err)
	}
	dir, path, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return dir, path, nil
}

// ask returns what the generated code says of a text.
func (p *program) ask(t *target, text []byte) (v verdict, err error) {
	question, err := json.Marshal([]any{t.index, string(text)})
	if err != nil {
		return v, err
	}
	if _, err := p.in.Write(append(question, '\n')); err != nil {
		return v, err
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return v, fmt.Errorf("the program ended: %w", err)
	}
	return v, json.Unmarshal(line, &v)
}

func (p *program) stop() error {
	p.in.Close()
	return p.command.Wait()
}
