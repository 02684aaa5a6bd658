package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/interconnect-go/interconnect/gen/internal/emit"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/oapicodegen"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

func main() {
	for _, name := range os.Args[1:] {
		start := time.Now()
		doc, d := source.Load(name, os.ReadFile, source.Options{})
		loaded := time.Since(start)
		if doc == nil {
			fmt.Println(filepath.Base(name), "LOAD", d)
			continue
		}
		api, d2 := model.Build(doc, model.Options{Package: "p", Extensions: []string{"x-api-token-group"}, SkipPrune: os.Getenv("KEEP") != ""})
		ops, types := 0, 0
		if api != nil {
			ops, types = len(api.Operations), len(api.Types)
		}
		errors := 0
		for _, x := range d2 {
			if x.Severity == source.Error {
				errors++
			}
		}
		if dir := os.Getenv("OUT"); dir != "" && api != nil {
			pkg := "p" + strings.Map(func(r rune) rune {
				if r >= 0x61 && r <= 0x7a || r >= 0x30 && r <= 0x39 {
					return r
				}
				return -1
			}, strings.ToLower(filepath.Base(name)))
			if p := os.Getenv("PKG"); p != "" {
				pkg = p
			}
			api.Package = pkg
			if e := os.Getenv("EFFECT"); e != "" {
				api.Effects = []string{e}
			}
			api.Source = firstNonEmpty(os.Getenv("SOURCE"), api.Source)
			taken := map[string]bool{}
			for _, t := range api.Types {
				taken[t.Name] = true
				for _, v := range t.Values {
					taken[v.Name] = true
				}
			}
			surface, err := oapicodegen.Generate(api.Operations, oapicodegen.Options{Models: true, Client: true, Responses: os.Getenv("REPLIES") != "", Server: true}, emit.Go, taken)
			if err != nil {
				fmt.Println("   SURFACE", err)
				continue
			}
			files, err := emit.Package(api, surface)
			if err != nil {
				fmt.Println("   EMIT", err)
			}
			os.MkdirAll(filepath.Join(dir, pkg), 0o777)
			for f, text := range files {
				os.WriteFile(filepath.Join(dir, pkg, f), text, 0o666)
			}
		}
		fmt.Println(filepath.Base(name), loaded.Milliseconds(), time.Since(start).Milliseconds(), "ops", ops, "types", types, "diags", len(d2), "errors", errors)
		for i, x := range d2 {
			if x.Severity == source.Error && i < 40 {
				fmt.Println("   ", x)
			}
		}
	}
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
