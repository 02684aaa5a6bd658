package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

func (p *program) interconnectsLOA() *cobra.Command {
	var (
		customer, file string
		force          bool
	)
	cmd := &cobra.Command{
		Use:   "loa NAME",
		Short: "Get the Letter of Authorization of a physical interconnect",
		Long: `Get the Letter of Authorization of a physical interconnect, a PDF document.
With it you order the cross-connect to Cloudflare's port from the operator of
the facility. The file appears when it is complete, and replaces no other
unless --force is given.`,
		Example: `  interconnect interconnects loa direct-iad-a-7d41f0c2
  interconnect interconnects loa direct-iad-a-7d41f0c2 --name "Example Networks, Inc." -f letter.pdf
  interconnect interconnects loa direct-iad-a-7d41f0c2 -f - | lpr`,
		Args:              one("the name of an interconnect"),
		ValidArgsFunction: p.completedOnce(interconnectNames),
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		for _, name := range []string{"output", "query"} {
			if cmd.Flags().Changed(name) {
				return usagef("--%s means nothing to %q, which writes a PDF document; its file is -f", name, cmd.CommandPath())
			}
		}
		var params interconnect.GetInterconnectLOAParams
		if cmd.Flags().Changed("name") {
			params.Name = &customer
		}
		if file == "-" && p.isTerminal(p.stdout) {
			return usagef("a PDF document is nothing for a terminal; give a file with -f, or pipe the output into a program")
		}
		c, err := p.client()
		if err != nil {
			return err
		}
		if file == "-" {
			_, err = c.GetInterconnectLOA(ctx, args[0], &params, p.stdout)
			return err
		}
		if file == "" {
			file = "loa-" + filepath.Base(args[0]) + ".pdf"
		}
		if _, err := os.Lstat(file); err == nil && !force {
			return usagef("%s exists already; choose another file with -f, or replace it with --force", file)
		}
		err = writeFile(file, 0o666, func(w io.Writer) error {
			_, err := c.GetInterconnectLOA(ctx, args[0], &params, w)
			return err
		})
		if err == nil {
			fmt.Fprintf(p.stderr, "wrote %s\n", file)
		}
		return err
	})
	cmd.Flags().StringVar(&customer, "name", "", "customer name in the letter, up to 200 characters (default that of the account)")
	cmd.Flags().StringVarP(&file, "file", "f", "", "file to write; - for standard output (default loa-NAME.pdf)")
	cmd.Flags().BoolVar(&force, "force", false, "replace the file if it exists")
	return cmd
}

// writeFile fills a file beside the one that is wanted, and renames it once it is complete. Errors name the one that
// is wanted.
func writeFile(file string, mode fs.FileMode, fill func(io.Writer) error) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory", file)
	}
	partial := filepath.Join(filepath.Dir(file), fmt.Sprintf(".%s.%d", filepath.Base(file), os.Getpid()))
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return writeError(file, err)
	}
	err = fill(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(partial, file)
	}
	if err != nil {
		_ = os.Remove(partial)
	}
	return writeError(file, err)
}

// writeError is an error of writing a file without the name of the file that was written in its place.
func writeError(file string, err error) error {
	var (
		path   *fs.PathError
		rename *os.LinkError
	)
	switch {
	case errors.As(err, &path):
		return &fs.PathError{Op: path.Op, Path: file, Err: path.Err}
	case errors.As(err, &rename):
		return &fs.PathError{Op: "write", Path: file, Err: rename.Err}
	}
	return err
}
