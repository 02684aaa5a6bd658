// Hints for empty lists. A filter that can match nothing, such as "--speed 100" where the speeds are 10G and 100G, gets a
// hint at the values that exist.

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// suggestionTime limits how long the look-up of a suggestion may take. If it fails there is no suggestion.
const suggestionTime = 5 * time.Second

// suggestSlots says what slots there are, after none was found.
func (p *program) suggestSlots(ctx context.Context, c *client.Client, params interconnect.ListSlotsParams) {
	if p.flags.structured() || params.Site == nil && params.Speed == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, suggestionTime)
	defer cancel()
	more := interconnect.ListSlotsParams{AddressContains: params.AddressContains, Limit: new(int32(100))}
	all, _, err := collect(c.ListSlots(ctx, &more), 0)
	if err != nil || len(all) == 0 {
		return
	}
	sites, speeds := map[string]bool{}, map[string]bool{}
	for _, slot := range all {
		sites[slot.Site], speeds[slot.Speed] = true, true
	}
	missing := false
	for _, filter := range []struct {
		flag  string
		given *string
		there map[string]bool
	}{{"site", params.Site, sites}, {"speed", params.Speed, speeds}} {
		if filter.given != nil && !filter.there[*filter.given] {
			p.say("hint: " + noSuch("slot has the "+filter.flag, *filter.given, filter.there))
			missing = true
		}
	}
	if !missing {
		p.say("hint: " + census(all, params))
	}
}

// maxListed is how many values are listed beside one that may be meant.
const maxListed = 6

// noSuch says that nothing has a value that a flag names, which one may be meant, and which there are.
func noSuch(what, given string, there map[string]bool) string {
	known := slices.SortedFunc(maps.Keys(there), func(a, b string) int { // 10G before 100G
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	text := fmt.Sprintf("no %s %q", what, given)
	meant := didYouMean(given, known)
	if meant != "" && len(known) > maxListed {
		return text + meant
	}
	if meant != "" {
		text += meant + " T"
	} else {
		text += "; t"
	}
	return text + "here are " + strings.Join(known, ", ")
}

// census counts the slots that fit the site, by speed, or else those that fit the speed.
func census(slots []interconnect.Slot, params interconnect.ListSlotsParams) string {
	where := "anywhere"
	if params.Site != nil {
		where = "at " + *params.Site
	}
	count := map[string]map[bool]int{} // by speed and whether occupied
	for _, slot := range slots {
		if params.Site != nil && *params.Site != slot.Site || params.Site == nil && *params.Speed != slot.Speed {
			continue
		}
		if count[slot.Speed] == nil {
			count[slot.Speed] = map[bool]int{}
		}
		count[slot.Speed][slot.Occupied]++
	}
	var parts []string
	for _, speed := range slices.Sorted(maps.Keys(count)) {
		free, occupied := count[speed][false], count[speed][true]
		parts = append(parts, fmt.Sprintf("%s, %d free and %d occupied", speed, free, occupied))
	}
	return where + " there is " + strings.Join(parts, "; ")
}

// suggestSites says at which sites there are interconnects, after none was found at one.
func (p *program) suggestSites(ctx context.Context, c *client.Client, params interconnect.ListInterconnectsParams) {
	if p.flags.structured() || params.Site == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, suggestionTime)
	defer cancel()
	sites := map[string]bool{}
	for site, err := range interconnectSites(ctx, c, nil) {
		if err != nil {
			return
		}
		if site.word != "" {
			sites[site.word] = true
		}
	}
	if len(sites) > 0 && !sites[*params.Site] {
		p.say("hint: " + noSuch("interconnect is at the site", *params.Site, sites))
	}
}
