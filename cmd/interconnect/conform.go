package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/conform"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/control"
)

// conformFlags say how to drive a server, and where the reports go.
type conformFlags struct {
	other    string
	sandbox  bool
	seed     uint64
	requests int
	junit    string
	markdown string
	coverage bool
	yes      bool
}

func (p *program) conform() *cobra.Command {
	var f conformFlags
	cmd := &cobra.Command{
		Use:   "conform URL",
		Short: "Find where a server deviates from the document of the API",
		Long: `Find where a server deviates from the document of the API. The URL is where the
paths of the document begin. The server gets valid requests of all kinds, and
requests that break one rule each; its responses are validated against the
document. Each finding comes with a curl command that reproduces it.

The account is that of --account, and the credentials come from the
environment. Interconnects and CNIs are ordered, for real if the server is
real, and deleted in the end; settings are changed and set back. So a server on
another machine is driven with --yes only.

What no caller can bring about is checked if the server is a sandbox, with
--sandbox: answers such as 429, and each state of a link. Its control API, below
/_sandbox, is used for that.

The same seed sends the same requests to a server in the same state. A server
that remembers used pairing keys wants another seed for each run.

The exit code is 1 if there is a finding, or if the run ended early. What is
named as not checked, such as the other account if none is given, is neither.`,
		Example: `  interconnect conform http://127.0.0.1:8080/client/v4 --account 4f8c1d2e9ab04c75b3e6d7018f2a9c35
  interconnect conform http://127.0.0.1:8080/client/v4 --other-account 0123456789abcdef0123456789abcdef --junit conform.xml
  interconnect conform http://127.0.0.1:8080/client/v4 --sandbox`,
		Args:              one("the URL of a server, such as http://127.0.0.1:8080/client/v4"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("seed") {
			f.seed = rand.Uint64()
		}
		opts, err := p.conformOptions(ctx, cmd, args[0], &f)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "seed %d\n", f.seed)
		report, err := conform.Run(ctx, opts)
		if report == nil {
			return &usageError{err: errors.New(strings.TrimPrefix(err.Error(), "conform: "))}
		}
		if failed := p.writeReports(report, err, &f); failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
		if n := len(report.Findings); n > 0 {
			return fmt.Errorf("the server deviates from the document; findings: %d", n)
		}
		return nil
	})
	flags := cmd.Flags()
	flags.StringVar(&f.other, "other-account", "", "ID of an account that may see nothing of the first one (default not checked)")
	flags.BoolVar(&f.sandbox, "sandbox", false, "the server is a sandbox; bring about what its control API can")
	flags.Uint64Var(&f.seed, "seed", 0, "what is chosen freely depends on it (default a random one, which is printed)")
	flags.IntVar(&f.requests, "max-requests", 5000, "largest number of requests, but for cleaning up")
	flags.StringVar(&f.junit, "junit", "", "`FILE` for a report as JUnit XML")
	flags.StringVar(&f.markdown, "markdown", "", "`FILE` for a report in Markdown")
	flags.BoolVar(&f.coverage, "coverage", false, "print what the requests and the responses had in them, in full")
	flags.BoolVar(&f.yes, "yes", false, "order and delete on a server of another machine too")
	return cmd
}

// conformOptions refuses what would not be understood, and a server of another machine without --yes.
func (p *program) conformOptions(ctx context.Context, cmd *cobra.Command, base string, f *conformFlags) (conform.Options, error) {
	opts := conform.Options{
		BaseURL: base, Account: cmp.Or(p.flags.account, os.Getenv(accountVariable)), OtherAccount: f.other, Seed: f.seed, MaxRequests: f.requests,
		Client: &http.Client{Timeout: p.flags.timeout},
		OnFinding: func(f conform.Finding) {
			fmt.Fprintf(p.stderr, "%s: %s: want %s\n", f.Operation, f.Rule, f.Expected)
		},
		Credentials: conform.Credentials{
			Token: os.Getenv("CLOUDFLARE_API_TOKEN"), Email: os.Getenv("CLOUDFLARE_EMAIL"), Key: os.Getenv("CLOUDFLARE_API_KEY"),
		},
	}
	for _, name := range []string{"base-url", "output", "query", "verbose"} {
		if cmd.Flags().Changed(name) {
			return opts, usagef("--%s means nothing to %q", name, cmd.CommandPath())
		}
	}
	at, err := url.Parse(base)
	switch {
	case err != nil || at.Host == "":
		return opts, usagef("%q is not a URL of a server, want one such as http://127.0.0.1:8080/client/v4", base)
	case f.requests < 1:
		return opts, usagef("--max-requests is %d, want 1 or more", f.requests)
	case opts.Account == "":
		return opts, errNoAccount
	case opts.Credentials == conform.Credentials{}:
		return opts, errNoCredentials
	}
	// Before anything is ordered, not after minutes.
	for flag, file := range map[string]string{"junit": f.junit, "markdown": f.markdown} {
		if at, err := os.Stat(filepath.Dir(file)); err != nil || !at.IsDir() {
			return opts, usagef("--%s: there is no folder %s", flag, filepath.Dir(file))
		}
	}
	if f.sandbox {
		if opts.Control, err = newSandboxControl(at.Scheme+"://"+at.Host, opts.Client); err != nil {
			return opts, err
		}
	}
	if f.yes {
		return opts, nil
	}
	if _, err := loopback(ctx, at.Hostname(), "the server"); err != nil {
		return opts, usagef("%s is not on this machine, and orders may be binding there; add --yes to order and delete nevertheless", at.Host)
	}
	return opts, nil
}

// sandboxControl is the control API of a sandbox.
type sandboxControl struct{ api *control.ClientWithResponses }

func newSandboxControl(origin string, client *http.Client) (*sandboxControl, error) {
	base := origin + control.BasePath
	checked := *client
	checked.Transport = control.NewTransport(client.Transport, contract.TransportOptions{BasePath: control.BasePath})
	api, err := control.NewClientWithResponses(base, control.WithHTTPClient(&checked))
	return &sandboxControl{api}, err
}

func (c *sandboxControl) Fail(ctx context.Context, operationID string, status int) error {
	fault := control.NewFault(control.FailureFault{Operation: operationID, Status: status})
	answer, err := c.api.AddFaultWithResponse(ctx, fault)
	return controlError(answer, err, http.StatusCreated)
}

func (c *sandboxControl) SetState(ctx context.Context, account, name, state string) error {
	var status control.SetStatusJSONRequestBody
	if err := status.UnmarshalJSON([]byte(fmt.Sprintf(`{"state":%q}`, state))); err != nil {
		return err
	}
	answer, err := c.api.SetStatusWithResponse(ctx, account, name, status)
	return controlError(answer, err, http.StatusOK)
}

// controlError is the error of a call of the control API, nil if it was answered as wanted.
func controlError(answer interface{ StatusCode() int }, err error, want int) error {
	switch {
	case err != nil:
		return fmt.Errorf("the control API of the sandbox: %w", err)
	case answer.StatusCode() != want:
		return fmt.Errorf("the control API of the sandbox: %d %s", answer.StatusCode(), http.StatusText(answer.StatusCode()))
	}
	return nil
}

// writeReports writes the report to standard output, and to the files that flags name. Of a run that found nothing because it could not
// begin, the error says all there is to say on a terminal.
func (p *program) writeReports(report *conform.Report, ended error, f *conformFlags) error {
	if ended == nil || len(report.Findings) > 0 || errors.Is(ended, conform.ErrRequests) {
		if f.coverage {
			if err := report.WriteCoverage(p.stdout); err != nil {
				return err
			}
			fmt.Fprintln(p.stdout)
		}
		if err := report.WriteText(p.stdout); err != nil {
			return err
		}
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{{f.junit, report.WriteJUnit}, {f.markdown, report.WriteMarkdown}} {
		if file.name == "" {
			continue
		}
		if err := writeFile(file.name, 0o666, file.write); err != nil {
			return err
		}
	}
	return nil
}
