package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The generated packages of this module are what their documents give. A package is generated if there is a config file for it, whose name
// ends with contractgen.yaml; "make check" and the lines for go generate run the command with the same files.
func TestInStep(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var configs []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case strings.HasSuffix(entry.Name(), "contractgen.yaml"):
			configs = append(configs, path)
		}
		return nil
	})
	if err != nil || len(configs) < 4 {
		t.Fatalf("%d config files: %v", len(configs), err)
	}
	for _, config := range configs {
		name, err := filepath.Rel(root, config)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Chdir(filepath.Dir(config))
			var stdout, stderr bytes.Buffer
			if code := run([]string{"-config", filepath.Base(config), "-check"}, &stdout, &stderr); code != exitOK {
				t.Errorf("exit %d\n%s\nrun: make generate", code, stderr.String())
			}
			if !hasDirective(t, "//go:generate go tool contractgen -config "+filepath.Base(config)) {
				t.Error("no file here has a line for go generate")
			}
		})
	}
}

// hasDirective reports whether a Go file of the current folder has a line.
func hasDirective(t *testing.T, line string) bool {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), line+"\n") {
			return true
		}
	}
	return false
}
