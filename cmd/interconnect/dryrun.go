// A dry run makes the same calls as a command, on a client that prints requests instead of sending them.

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
)

func dryRunFlag(cmd *cobra.Command, dry *bool) {
	cmd.Flags().BoolVar(dry, "dry-run", false, "check the request and print it, but do not send it; needs no credentials")
}

// dryRun makes calls that end before they leave, and prints what would have been sent.
func (p *program) dryRun(calls ...func(*client.Client) error) error {
	c, err := p.newClient(client.WithToken("not-sent"),
		client.WithHTTPClient(&http.Client{Transport: printingTransport{p.stdout}}))
	if err != nil {
		return err
	}
	for _, call := range calls {
		if err := call(c); !errors.Is(err, errDryRun) {
			return err
		}
	}
	fmt.Fprintln(p.stderr, "valid, and not sent because of --dry-run")
	return nil
}

var errDryRun = errors.New("dry run")

// printingTransport prints requests and sends none.
type printingTransport struct{ w io.Writer }

func (t printingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	text := fmt.Sprintf("%s %s\n", r.Method, r.URL)
	if r.Body != nil {
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		// A terminal and the log of a CI run are not places for a pairing key.
		body = regexp.MustCompile(`("pairing_key":)"(\\.|[^"\\])*"`).ReplaceAll(body, []byte(`$1"[redacted]"`))
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			return nil, err
		}
		text += indented.String() + "\n"
	}
	if _, err := io.WriteString(t.w, text); err != nil {
		return nil, fmt.Errorf("the request is valid, but cannot be shown: %w", err)
	}
	return nil, errDryRun
}
