// Shell completion of names, IDs, sites and speeds, which come from the service. A completion must not disturb whoever
// is typing: it makes one attempt with a short timeout, and completes to nothing if that fails.

package main

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// completionTime is how long a completion may take.
const completionTime = 2 * time.Second

// A candidate is what a word may be completed to, with a description for people.
type candidate struct{ word, about string }

// candidates returns what a service has; what comes after an error is not needed.
type candidates func(ctx context.Context, c *client.Client, cmd *cobra.Command) iter.Seq2[candidate, error]

// completed completes a word to what a service has.
func (p *program) completed(list candidates) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		c, err := p.client(
			client.WithMaxAttempts(1), client.WithLogger(nil), client.WithOnDeviation(func(*contract.Deviation) {}),
		)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		var found []cobra.Completion
		for item, err := range list(ctx, c, cmd) {
			text := cobra.CompletionWithDesc(printable(item.word), printable(item.about))
			if err == nil && item.word != "" && strings.HasPrefix(item.word, word) && !slices.Contains(found, text) {
				found = append(found, text)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

// completedOnce is completed for the only argument of a command.
func (p *program) completedOnce(list candidates) cobra.CompletionFunc {
	complete := p.completed(list)
	return func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, word)
	}
}

// completeFlag completes the value of a flag that has been defined.
func completeFlag(cmd *cobra.Command, name string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		panic(err)
	}
}

// mapped converts the items of a list to candidates. A candidate with an empty word is dropped.
func mapped[T any](list iter.Seq2[T, error], candidateOf func(T) candidate) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		for item, err := range list {
			next := candidate{}
			if err == nil {
				next = candidateOf(item)
			}
			if !yield(next, err) {
				return
			}
		}
	}
}

func interconnectNames(ctx context.Context, c *client.Client, _ *cobra.Command) iter.Seq2[candidate, error] {
	return mapped(c.ListInterconnects(ctx, nil), func(ic interconnect.Interconnect) candidate {
		about := interconnectLayout().cells(ic, []string{"SPEED", "LOCATION", "TYPE"})
		return candidate{nameOf(ic), strings.Join(about, " ")}
	})
}

func interconnectSites(ctx context.Context, c *client.Client, _ *cobra.Command) iter.Seq2[candidate, error] {
	return mapped(c.ListInterconnects(ctx, nil), func(ic interconnect.Interconnect) candidate {
		if port, ok := ic.Value().(interconnect.PhysicalInterconnect); ok {
			return candidate{port.Site, port.Facility.Name}
		}
		return candidate{}
	})
}

func cniIDs(ctx context.Context, c *client.Client, _ *cobra.Command) iter.Seq2[candidate, error] {
	return mapped(c.ListCNIs(ctx, nil), func(cni interconnect.CNI) candidate {
		return candidate{cni.ID.String(), cni.Magic.ConduitName + " on " + cni.Interconnect}
	})
}

// slotIDs completes to slots, those that are free or occupied, or all if occupied is nil.
func slotIDs(occupied *bool) candidates {
	return func(ctx context.Context, c *client.Client, _ *cobra.Command) iter.Seq2[candidate, error] {
		params := interconnect.ListSlotsParams{Occupied: occupied, Limit: new(int32(100))}
		return mapped(c.ListSlots(ctx, &params), func(s interconnect.Slot) candidate {
			return candidate{s.ID.String(), s.Speed + " " + s.Site + " " + s.Facility.Name}
		})
	}
}

func slotSites(ctx context.Context, c *client.Client, _ *cobra.Command) iter.Seq2[candidate, error] {
	params := interconnect.ListSlotsParams{Limit: new(int32(100))}
	return mapped(c.ListSlots(ctx, &params), func(s interconnect.Slot) candidate {
		return candidate{s.Site, s.Facility.Name}
	})
}

// slotSpeeds completes to the speed of the slot that --slot names, or to all that there are.
func slotSpeeds(ctx context.Context, c *client.Client, cmd *cobra.Command) iter.Seq2[candidate, error] {
	speed := func(s interconnect.Slot) candidate { return candidate{word: s.Speed} }
	if slot := cmd.Flags().Lookup("slot"); slot != nil && slot.Changed {
		return mapped(func(yield func(interconnect.Slot, error) bool) {
			id, err := parseID("slot", slot.Value.String())
			var found interconnect.Slot
			if err == nil {
				found, err = c.GetSlot(ctx, id)
			}
			yield(found, err)
		}, speed)
	}
	params := interconnect.ListSlotsParams{Limit: new(int32(100))}
	return mapped(c.ListSlots(ctx, &params), speed)
}

// bandwidths are those that the document has for an order.
func bandwidths() []string {
	for _, variant := range bodySchema("create_interconnect").OneOf {
		bandwidth := variant.Property("bandwidth")
		if bandwidth == nil {
			continue
		}
		values := make([]string, len(bandwidth.Schema.Enum))
		for i, text := range bandwidth.Schema.Enum {
			if err := json.Unmarshal([]byte(text), &values[i]); err != nil {
				panic(err) // the generator has read it
			}
		}
		return values
	}
	panic("no order has a bandwidth")
}

// completeColumns completes the last of the columns that --columns lists.
func completeColumns(cmd *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	columns, ok := cmd.Annotations[columnsAnnotation]
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	before := word[:strings.LastIndexByte(word, ',')+1]
	chosen := strings.Split(before, ",")
	var found []cobra.Completion
	for _, key := range columnKeys(strings.Split(columns, ",")) {
		if strings.HasPrefix(before+key, word) && !slices.Contains(chosen, key) {
			found = append(found, before+key)
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// fileFlags are the flags whose value is the name of a file.
var fileFlags = []string{"file", "gcp-pairing-key-file", "loa", "junit", "markdown", "har", "data", "catalogue"}

// completeNoFiles keeps the shell from offering files for the flags of a command and of those below it that take
// something else.
func completeNoFiles(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		_, completed := cmd.GetFlagCompletionFunc(f.Name)
		if !completed && f.NoOptDefVal == "" && !slices.Contains(fileFlags, f.Name) {
			completeFlag(cmd, f.Name, cobra.NoFileCompletions)
		}
	})
	for _, child := range cmd.Commands() {
		completeNoFiles(child)
	}
}
