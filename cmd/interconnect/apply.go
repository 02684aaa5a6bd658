// A whole account as one file: "export" writes what is there, "apply" makes it so that it is as in the file. The
// planning is in the package reconcile.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/reconcile"
)

func (p *program) export() *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Write the whole account as a file that apply takes",
		Long: `Write the settings, the interconnects and the CNIs of the account to standard
output, as YAML, or as JSON with -o json. "interconnect apply" takes what it
writes: applied as it is, it changes nothing.

What the service knows and a file cannot change is in comments. Pairing keys are
missing, since the service does not tell them; they are needed only to order a
link anew. Members that this program does not know are kept under "unknown".`,
		Example: `  interconnect export > account.yaml
  interconnect export -o json
  interconnect export | diff - account.yaml`,
		Args: cobra.NoArgs,
		RunE: p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
			if format := p.flags.output; cmd.Flags().Changed("output") && !p.flags.structured() {
				return usagef("-o %s: a file for apply is YAML or JSON", format)
			}
			c, unknown, err := p.readingClient()
			if err != nil {
				return err
			}
			state, err := reconcile.Read(ctx, c, unknown, nil)
			if err != nil {
				return fmt.Errorf("the account cannot be read: %w", err)
			}
			export := state.Export()
			if p.query != nil || p.flags.output == "json" {
				return p.encode(export.JSON)
			}
			p.flags.output = "yaml"
			export.Comments[""] = "Account " + state.Account + ", written by \"interconnect export\".\n" +
				"Edit it, then: interconnect apply -f FILE --dry-run"
			return p.encodeValue(export.JSON, export.Comments)
		}),
	}
}

// readingClient returns a client that records the members of responses that no Go type has.
func (p *program) readingClient() (*client.Client, *reconcile.Unknown, error) {
	unknown := &reconcile.Unknown{}
	c, err := p.client(client.WithOnDeviation(func(c *client.Deviation) {
		p.warn(c)
		unknown.Note(c)
	}))
	return c, unknown, err
}

// applyFlags are those of apply.
type applyFlags struct {
	file     string
	dry, yes bool
	reconcile.Options
}

func (p *program) apply() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Make the account as a file says",
		Long: `Read a file that says what the account should have, show what has to be ordered,
created and changed for that, ask, and do it. The file is YAML or JSON, and
"interconnect export" writes one:

  settings:
    default_asn: 64512
  interconnects:
    - ref: ashburn           # your own word for it, for CNIs of this file
      type: direct
      slot_id: 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512
    - name: gcp-us-east4-7d41f0c2   # one that is there
      type: gcp_partner
    - ref: gcp
      type: gcp_partner
      bandwidth: 1G
      pairing_key_file: key.txt     # or pairing_key
  cnis:
    - interconnect: ashburn  # a ref, or the name of an interconnect
      magic: {conduit_name: cni-iad-1, mtu: 1500, description: Primary}
      bgp: {customer_asn: 4200000001, extra_prefixes: []}

A section that is missing is not changed. A CNI is meant as a whole, except that
cust_ip, p2p_ip and bgp_mode stay as they are if they are missing.

Nothing is ordered twice. The command keeps no state: it reads the account and
finds a port by its slot, a CNI by its ID or conduit name, and a link to Google
Cloud by its name. Since the service does not tell pairing keys, a link that the
file has no name for is taken to be one of the same region and bandwidth that is
not in the file, if there is one. After a failure, or a response that is lost,
apply the same file again.

Nothing is deleted without --prune, which deletes what the sections of the file
do not have. What cannot be changed, such as the speed of a port, is an error.`,
		Example: `  interconnect apply -f account.yaml --dry-run
  interconnect apply -f account.yaml
  interconnect apply -f account.yaml --prune --yes -o json`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, _ []string) error {
		switch {
		case f.file == "":
			return usagef("-f is missing: name the file to apply; \"interconnect export\" writes one")
		case !f.yes && !f.dry:
			if f.file == "-" {
				return usagef("standard input has the file, so there is no way to ask for confirmation; add --yes to do it without")
			}
			if err := p.checkTerminal(); err != nil {
				return err
			}
		}
		return p.runApply(ctx, &f)
	})
	flags := cmd.Flags()
	flags.StringVarP(&f.file, "file", "f", "",
		"`FILE` with what the account should have, as YAML or JSON; - for standard input")
	flags.BoolVar(&f.dry, "dry-run", false, "show what would be done, and do nothing; reads the account")
	flags.BoolVar(&f.Prune, "prune", false, "delete what the sections of the file do not have")
	flags.BoolVar(&f.ForgetUnknown, "forget-unknown", false,
		"change CNIs that have members which this program does not know")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	return cmd
}

func (p *program) runApply(ctx context.Context, f *applyFlags) error {
	text, err := p.readDocument(f.file)
	if err != nil {
		return err
	}
	c, unknown, err := p.readingClient()
	if err != nil {
		return err
	}
	plan := func() (*reconcile.Plan, error) { // from the beginning, as a plan takes the file and the state for its own
		file, err := reconcile.Parse(text, c.AccountID(), func(name string) ([]byte, error) {
			if name == "-" {
				return nil, errors.New("standard input cannot have it; name a file")
			}
			if !filepath.IsAbs(name) && f.file != "-" {
				name = filepath.Join(filepath.Dir(f.file), name)
			}
			return p.read(name)
		})
		if err != nil {
			return nil, err
		}
		state, err := reconcile.Read(ctx, c, unknown, file)
		if err != nil {
			return nil, fmt.Errorf("the account cannot be read: %w", err)
		}
		return reconcile.New(file, state, f.Options), nil
	}
	todo, err := plan()
	if err != nil {
		return err
	}
	if f.dry || len(todo.Problems) > 0 {
		return p.showPlan(todo)
	}
	if !f.yes && len(todo.Steps) > 0 {
		if err := p.confirmPlan(ctx, todo); err != nil {
			return err
		}
		again, err := plan()
		if err != nil {
			return err
		}
		if !bytes.Equal(encodePlan(again), encodePlan(todo)) {
			return errors.New(
				"nothing was done: the account has changed since the plan was shown; apply again and look at the new plan",
			)
		}
		todo = again
	} else if !p.flags.structured() {
		if err := todo.WriteText(p.stderr, printable); err != nil {
			return err
		}
	}
	return p.doPlan(ctx, c, todo)
}

func encodePlan(plan *reconcile.Plan) []byte {
	var text bytes.Buffer
	_ = json.NewEncoder(&text).Encode(plan) // a plan can be encoded, and a buffer written to
	return text.Bytes()
}

// showPlan shows a plan that is not carried out. Its problems are an error.
func (p *program) showPlan(plan *reconcile.Plan) error {
	var err error
	if p.flags.structured() {
		err = p.encode(plan)
	} else {
		err = plan.WriteText(p.stdout, printable)
	}
	if err == nil && len(plan.Problems) > 0 {
		return plan.Problems
	}
	return err
}

// confirmPlan shows a plan and asks. Deletions are counted, so that they are not confirmed without having read that
// there are any.
func (p *program) confirmPlan(ctx context.Context, plan *reconcile.Plan) error {
	var text strings.Builder
	if err := plan.WriteText(&text, printable); err != nil {
		return err
	}
	text.WriteByte('\n')
	word := "yes"
	if plan.Count(reconcile.Order) > 0 {
		text.WriteString("An order may be binding. ")
	}
	if n := plan.Count(reconcile.Delete); n > 0 {
		text.WriteString("A deletion is for good. ")
		word = fmt.Sprintf("delete %d", n)
	}
	return p.confirm(ctx, text.String(), word, "nothing was done")
}

// doPlan carries out a plan and reports each step as it is done; JSON and YAML report all of them at the end.
func (p *program) doPlan(ctx context.Context, c *client.Client, plan *reconcile.Plan) error {
	err := plan.Apply(ctx, c, func(step *reconcile.Step) {
		if !p.flags.structured() {
			fmt.Fprintln(p.stdout, printable(step.Outcome()))
		}
	})
	if p.flags.structured() {
		err = errors.Join(err, p.encode(plan))
	}
	return err
}

// explainProblems is about a file that is not valid, or that cannot be applied.
func explainProblems(problems reconcile.Problems) failure {
	f := failure{code: exitUsage, sentence: "the file cannot be applied, and nothing was done"}
	for _, problem := range problems {
		f.details = append(f.details, problem.String())
	}
	return f
}

// explainApply is about a plan that has ended early.
func (p *program) explainApply(cmd *cobra.Command, err *reconcile.ApplyError) failure {
	f := p.explain(cmd, err.Err)
	if f.code != exitInterrupted {
		f.sentence = err.Step.String() + ": " + f.sentence
	}
	if err.Left > 0 {
		f.details = append(f.details, fmt.Sprintf("%d more to do, not tried", err.Left))
	}
	f.hint = "apply the same file again: it reads what is there, and does what is left to do"
	if err.Step.Action == reconcile.Order && err.Step.Status == reconcile.InDoubt {
		f.hint += "; not at once, as an order that is under way may not be in the list yet"
	}
	return f
}
