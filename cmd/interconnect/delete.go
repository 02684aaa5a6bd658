// Deleting is for good, and may end a contract. So a deletion shows what it is about to delete, not only an ID,
// and asks for a word that only a reader of it knows.

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// deleteFlags are those of the commands that delete.
type deleteFlags struct {
	yes, dry bool

	wait    bool
	timeout time.Duration
}

func (f *deleteFlags) define(cmd *cobra.Command, gone string) {
	flags := cmd.Flags()
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	dryRunFlag(cmd, &f.dry)
	flags.BoolVar(&f.wait, "wait", false, "wait until "+gone)
	flags.DurationVar(&f.timeout, "wait-timeout", 0, "wait no longer than this; 0 for no limit")
}

func (f *deleteFlags) check(p *program) error {
	wait := waitFlags{f.wait, f.timeout}
	if err := wait.check(); err != nil {
		return err
	}
	switch {
	case f.dry && f.wait:
		return usagef("--dry-run deletes nothing that --wait could wait for")
	case !f.yes && !f.dry:
		return p.checkTerminal()
	}
	return nil
}

func (p *program) interconnectsDelete() *cobra.Command {
	var (
		f        deleteFlags
		withCNIs bool
	)
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete an interconnect for good",
		Long: `Delete an interconnect for good. The connection ends, and a physical
interconnect gives its slot back. On a terminal the command shows what it is
about to delete and asks to type the name once more; elsewhere --yes is needed.

An interconnect with CNIs on it is not deleted: the message names all of them.
With --with-cnis they are deleted first.`,
		Example: `  interconnect interconnects delete direct-iad-a-7d41f0c2
  interconnect interconnects delete direct-iad-a-7d41f0c2 --with-cnis --wait
  interconnect interconnects delete direct-iad-a-7d41f0c2 --dry-run`,
		Args:              one("the name of an interconnect"),
		ValidArgsFunction: p.completedOnce(interconnectNames),
	}
	cmd.RunE = p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
		if err := f.check(p); err != nil {
			return err
		}
		if f.dry && !withCNIs { // the account need not be read for it
			return p.dryRun(func(c *client.Client) error { return c.DeleteInterconnect(ctx, args[0]) })
		}
		return p.deleteInterconnect(ctx, args[0], &f, withCNIs)
	})
	f.define(cmd, "the interconnect is gone and its slot is free")
	cmd.Flags().BoolVar(&withCNIs, "with-cnis", false, "delete the CNIs on it too, before it")
	return cmd
}

func (p *program) deleteInterconnect(ctx context.Context, name string, f *deleteFlags, withCNIs bool) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	var cnis []interconnect.CNI
	for cni, err := range c.ListCNIs(ctx, nil) {
		if err != nil {
			return err
		}
		if cni.Interconnect == name {
			cnis = append(cnis, cni)
		}
	}
	if len(cnis) > 0 && !withCNIs {
		return &inTheWayError{name, cnis}
	}
	var ic interconnect.Interconnect
	if !f.yes || f.wait {
		if ic, err = c.GetInterconnect(ctx, name); err != nil {
			return err
		}
	}
	if f.dry {
		var calls []func(*client.Client) error
		for _, cni := range cnis {
			calls = append(calls, func(c *client.Client) error { return c.DeleteCNI(ctx, cni.ID) })
		}
		return p.dryRun(append(calls, func(c *client.Client) error { return c.DeleteInterconnect(ctx, name) })...)
	}
	if !f.yes {
		facts := describeInterconnect(ic)
		for _, cni := range cnis {
			facts = append(facts, [2]string{"with the CNI", describeCNI(cni)})
		}
		if err := p.confirmDeletion(ctx, "interconnect", facts, name); err != nil {
			return err
		}
	}
	for _, cni := range cnis {
		if err := c.DeleteCNI(ctx, cni.ID); err != nil {
			return err
		}
		fmt.Fprintln(p.stderr, "deleted CNI "+printable(describeCNI(cni)))
	}
	if err := c.DeleteInterconnect(ctx, name); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "deleted interconnect %s\n", printable(name))
	if !f.wait {
		return nil
	}
	return p.waitGone(ctx, f, "interconnect "+name, func(ctx context.Context) (string, error) {
		if _, err := c.GetInterconnect(ctx, name); err == nil {
			return "it is still there", nil
		} else if !errors.Is(err, client.ErrNotFound) {
			return "", err
		}
		port, ok := ic.Value().(interconnect.PhysicalInterconnect)
		if !ok {
			return "", nil
		}
		if slot, err := c.GetSlot(ctx, port.SlotID); err != nil || !slot.Occupied {
			return "", err
		}
		return "its slot is still occupied", nil
	})
}

func (p *program) cnisDelete() *cobra.Command {
	var f deleteFlags
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a CNI for good",
		Long: `Delete a CNI for good. Traffic no longer flows over its point-to-point link;
the interconnect stays. On a terminal the command shows what it is about to
delete and asks to type the conduit name; elsewhere --yes is needed.`,
		Example: `  interconnect cnis delete 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46
  interconnect cnis delete 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --yes --wait
  interconnect cnis delete 3b7e2f58-91d4-4c0a-8f63-a5d81e097b46 --dry-run`,
		Args:              one("the ID of a CNI"),
		ValidArgsFunction: p.completedOnce(cniIDs),
	}
	cmd.RunE = p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
		id, err := parseID("CNI", args[0])
		if err != nil {
			return err
		}
		if err := f.check(p); err != nil {
			return err
		}
		if f.dry {
			return p.dryRun(func(c *client.Client) error { return c.DeleteCNI(ctx, id) })
		}
		return p.deleteCNI(ctx, id, &f)
	})
	f.define(cmd, "the CNI is gone")
	return cmd
}

func (p *program) deleteCNI(ctx context.Context, id uuid.UUID, f *deleteFlags) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	if !f.yes {
		cni, err := c.GetCNI(ctx, id)
		if err != nil {
			return err
		}
		word := cni.Magic.ConduitName
		if word == "" || word != strings.TrimSpace(printable(word)) { // which cannot be typed
			word = id.String()
		}
		facts := [][2]string{
			{"ID", id.String()},
			{"conduit", cni.Magic.ConduitName},
			{"description", cni.Magic.Description},
			{"interconnect", cni.Interconnect},
			{"addresses", cni.CustomerIP + " (yours), " + cni.CloudflareIP + " (Cloudflare's)"},
			{"account", cni.Account},
		}
		if cni.BGP != nil {
			facts = append(facts, [2]string{"BGP session", "with AS " + strconv.FormatInt(cni.BGP.CustomerASN, 10)})
		}
		if err := p.confirmDeletion(ctx, "CNI", facts, word); err != nil {
			return err
		}
	}
	if err := c.DeleteCNI(ctx, id); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "deleted CNI %s\n", id)
	if !f.wait {
		return nil
	}
	return p.waitGone(ctx, f, "CNI "+id.String(), func(ctx context.Context) (string, error) {
		_, err := c.GetCNI(ctx, id)
		switch {
		case err == nil:
			return "it is still there", nil
		case errors.Is(err, client.ErrNotFound):
			return "", nil
		}
		return "", err
	})
}

// confirmDeletion shows what is about to be deleted, and asks for a word.
func (p *program) confirmDeletion(ctx context.Context, kind string, facts [][2]string, word string) error {
	text := "This " + kind + " will be deleted for good:\n"
	for _, fact := range facts {
		if fact[1] != "" {
			text += fmt.Sprintf("  %-12s  %s\n", fact[0], printable(fact[1]))
		}
	}
	return p.confirm(ctx, text, word, "nothing was deleted")
}

// describeInterconnect lists what people know an interconnect by.
func describeInterconnect(ic interconnect.Interconnect) [][2]string {
	facts := [][2]string{{"name", nameOf(ic)}}
	switch v := ic.Value().(type) {
	case interconnect.PhysicalInterconnect:
		return append(facts, [][2]string{
			{"type", string(v.Type) + ", a port of " + v.Speed},
			{"location", strings.Join(append([]string{v.Site, v.Facility.Name}, v.Facility.Address...), ", ")},
			{"slot", v.SlotID.String()},
			{"account", v.Account},
		}...)
	case interconnect.GCPPartnerInterconnect:
		speed := ""
		if v.Speed != nil {
			speed = " of " + string(*v.Speed)
		}
		return append(facts, [][2]string{
			{"type", string(v.Type) + ", a virtual link" + speed + " to Google Cloud"},
			{"location", v.Region},
			{"account", v.Account},
		}...)
	case interconnect.UnknownVariant:
		return append(facts, [2]string{"as received", string(v.JSON)})
	}
	return facts
}

// describeCNI names a CNI on one line.
func describeCNI(cni interconnect.CNI) string {
	return fmt.Sprintf("%s (conduit %s, %s on %s)", cni.ID, cni.Magic.ConduitName, cni.CustomerIP, cni.Interconnect)
}

// An inTheWayError reports the CNIs that are on an interconnect which was to be deleted.
type inTheWayError struct {
	name string
	cnis []interconnect.CNI
}

func (e *inTheWayError) Error() string {
	what := "a CNI"
	if len(e.cnis) > 1 {
		what = strconv.Itoa(len(e.cnis)) + " CNIs"
	}
	return fmt.Sprintf("interconnect %s has %s on it and was not deleted", e.name, what)
}

func (p *program) explainInTheWay(err *inTheWayError) failure {
	f := failure{code: exitFailed, sentence: err.Error()}
	for _, cni := range err.cnis {
		f.details = append(f.details, describeCNI(cni))
	}
	f.hint = "to delete them too: " + p.again("interconnects", "delete", err.name, "--with-cnis")
	return f
}

// ---- Waiting ----

// A goneError ends the wait for something that was deleted.
type goneError struct {
	what string // such as "interconnect direct-1"
	left string // what is still there, at the last look
	err  error
}

func (e *goneError) Error() string {
	return fmt.Sprintf("%s was deleted, but %s: %v", e.what, e.left, e.err)
}

func (e *goneError) Unwrap() error { return e.err }

// waitGone looks until nothing is left of what was deleted. look returns what is left, in words.
func (p *program) waitGone(
	ctx context.Context,
	f *deleteFlags,
	what string,
	look func(context.Context) (string, error),
) error {
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	left := "it has not been checked whether it is gone"
	for {
		now, err := look(ctx)
		switch {
		case err == nil && now == "":
			return nil
		case err == nil:
			left = now
		default:
			return &goneError{what, left, err}
		}
		select {
		case <-ctx.Done():
			return &goneError{what, left, context.Cause(ctx)}
		case <-time.After(p.lookEvery):
		}
	}
}

func (p *program) explainGone(err *goneError) failure {
	f := failure{code: exitNotHealthy, sentence: err.what + " was deleted, but " + err.left}
	switch {
	case errors.Is(err.err, context.Canceled):
		f.code = exitInterrupted
		f.sentence += ": interrupted"
	case errors.Is(err.err, context.DeadlineExceeded):
		f.sentence += ": the time to wait is over"
	default:
		cause := p.explain(nil, err.err)
		f.details = append([]string{cause.sentence}, cause.details...)
	}
	return f
}
