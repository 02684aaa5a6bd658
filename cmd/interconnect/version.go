// Which build of the program this is, for reports of what went wrong and for the header User-Agent.

package main

import (
	"cmp"
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A build says from what and for what the program was made.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the repository; empty if the build does not know it
	Modified bool   `json:"modified"`           // the files were not those of the revision
	Time     string `json:"time,omitempty"`     // of the revision, RFC 3339
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func thisBuild() build {
	b := build{Version: "(unknown version)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	b.Version = cmp.Or(info.Main.Version, "(devel)")
	b.Revision, b.Time, b.Modified = settings["vcs.revision"], settings["vcs.time"], settings["vcs.modified"] == "true"
	if b.Version == "(devel)" && len(b.Revision) >= 12 {
		b.Version = "devel-" + b.Revision[:12]
	}
	return b
}

// version is that of the module, with the revision where a build knows no better.
func version() string { return thisBuild().Version }

func buildLayout() layout[build] {
	return layout[build]{
		columns: []string{"VERSION", "REVISION", "MODIFIED", "TIME", "GO", "PLATFORM"},
		row: func(b build) []string {
			return []string{b.Version, b.Revision, yesOrNo(b.Modified), b.Time, b.Go, b.Platform}
		},
		name: func(b build) string { return b.Version },
	}
}

func (p *program) version() *cobra.Command {
	cmd := p.withoutService(&cobra.Command{
		Use:   "version",
		Short: "Show the version of this program",
		Long: `Show the version of this program, the revision of the repository that it was
built from, and for which platform. -o name prints the version alone.`,
		Example: `  interconnect version
  interconnect version -o json`,
		Annotations: buildLayout().annotations(),
	}, "output", "columns", "query")
	cmd.RunE = p.do(func(context.Context, *cobra.Command, []string) error {
		return printValue(p, thisBuild(), nil, false, buildLayout())
	})
	return cmd
}
