package source

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestTmpCorpus(t *testing.T) {
	names, _ := filepath.Glob("/tmp/corpus/*")
	for _, name := range names {
		var a, b runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&a)
		start := time.Now()
		doc, diags := Load(name, os.ReadFile, Options{})
		d := time.Since(start)
		runtime.ReadMemStats(&b)
		total := b.TotalAlloc - a.TotalAlloc
		runtime.GC()
		runtime.ReadMemStats(&b)
		t.Logf("%-40s %v total %d KB live %d KB", filepath.Base(name), d, total>>10, (int64(b.HeapAlloc)-int64(a.HeapAlloc))>>10)
		for i, d := range diags {
			if i < 10 {
				t.Log("   ", d)
			}
		}
		if doc != nil {
			n, bad := 0, 0
			start = time.Now()
			doc.Root.walk(func(node *Node) {
				if ref := node.Str("$ref"); ref != "" {
					n++
					if _, err := doc.Resolve(node, ref); err != nil {
						if bad++; bad < 5 {
							t.Log("  ", err)
						}
					}
				}
			})
			t.Logf("   %d values, %d refs, %d bad, %v", func() int { v, _ := doc.Root.measure(); return v }(), n, bad, time.Since(start))
		}
		runtime.KeepAlive(doc)
	}
}
