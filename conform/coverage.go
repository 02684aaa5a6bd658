package conform

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/interconnect-go/interconnect/contract"
)

// Coverage counts what the requests and the responses of a run had in them. What the document declares is there from
// the beginning, with a count of zero.
type Coverage struct {
	// Statuses are the responses, by operation and status.
	Statuses map[string]map[int]int

	// Parameters are those that were sent, by operation and name.
	Parameters map[string]map[string]Sent

	// Variants are those of unions, in requests that were accepted and in responses, by the names of the union and of the
	// variant.
	Variants map[string]map[string]int

	// Properties are the members of objects, in requests that were accepted and in responses, by the names of the schema
	// and of the member. Null does not count.
	Properties map[string]map[string]int
}

// Sent is how often something was sent that fits the document, and that does not.
type Sent struct{ Valid, Invalid int }

func newCoverage(operations []contract.Operation) Coverage {
	c := Coverage{map[string]map[int]int{}, map[string]map[string]Sent{}, map[string]map[string]int{}, map[string]map[string]int{}}
	for _, op := range operations {
		c.Statuses[op.ID], c.Parameters[op.ID] = map[int]int{}, map[string]Sent{}
		for _, p := range op.Parameters {
			c.Parameters[op.ID][p.Name] = Sent{}
		}
		for _, response := range op.Responses {
			if status, err := strconv.Atoi(response.Status); err == nil {
				c.Statuses[op.ID][status] = 0
			}
			for _, content := range response.Content {
				c.declare(content.Schema)
			}
		}
		if op.Body != nil {
			c.declare(op.Body.Content[0].Schema)
		}
	}
	return c
}

// declare records what a schema has. Schemas of the document are not recursive.
func (c *Coverage) declare(s *contract.Schema) {
	if s == nil {
		return
	}
	for _, variant := range s.OneOf {
		entry(c.Variants, s.Name)[variant.Name] += 0
		c.declare(variant)
	}
	for _, p := range s.Properties {
		if s.Name != "" {
			entry(c.Properties, s.Name)[p.Name] += 0
		}
		c.declare(p.Schema)
	}
	c.declare(s.Items)
}

// count records what is in a value.
func (c *Coverage) count(s *contract.Schema, v any) {
	if s == nil || v == nil {
		return
	}
	if variant := variantOf(s, v); variant != nil {
		c.Variants[s.Name][variant.Name]++
		s = variant
	}
	switch v := v.(type) {
	case map[string]any:
		for _, p := range s.Properties {
			if member := v[p.Name]; member != nil {
				if s.Name != "" {
					c.Properties[s.Name][p.Name]++
				}
				c.count(p.Schema, member)
			}
		}
	case []any:
		for _, item := range v {
			c.count(s.Items, item)
		}
	}
}

// parameter records that a parameter was sent.
func (c *Coverage) parameter(op *contract.Operation, p contract.Parameter, raw string) {
	sent := c.Parameters[op.ID][p.Name]
	if validText(p.Schema, raw) {
		sent.Valid++
	} else {
		sent.Invalid++
	}
	c.Parameters[op.ID][p.Name] = sent
}

// entry is a map within a map, made if it is not there.
func entry[K, L comparable](m map[K]map[L]int, key K) map[L]int {
	if m[key] == nil {
		m[key] = map[L]int{}
	}
	return m[key]
}

// A Ratio says how many there were of how many that are declared.
type Ratio struct{ Seen, Declared int }

// String is the ratio as "3 of 4".
func (r Ratio) String() string { return fmt.Sprintf("%d of %d", r.Seen, r.Declared) }

func (r *Ratio) add(seen bool) {
	r.Declared++
	if seen {
		r.Seen++
	}
}

// Totals are how much of what is declared was seen. An operation was seen if it was answered as declared; Expected are the declared
// statuses of successes and of the caller's failures, 2xx and 4xx.
type Totals struct{ Operations, Expected, Statuses, Parameters, Variants, Properties Ratio }

// Totals counts what is declared, and of that what was seen. What a server answered beyond that does not count.
func (r *Report) Totals() Totals {
	var t Totals
	for _, op := range r.operations {
		answered := false
		for _, response := range op.Responses {
			status, _ := strconv.Atoi(response.Status)
			seen := r.Coverage.Statuses[op.ID][status] > 0
			answered = answered || seen
			t.Statuses.add(seen)
			if status < 500 {
				t.Expected.add(seen)
			}
		}
		t.Operations.add(answered)
		for _, sent := range r.Coverage.Parameters[op.ID] {
			t.Parameters.add(sent.Valid > 0)
		}
	}
	for _, counts := range r.Coverage.Variants {
		for count := range maps.Values(counts) {
			t.Variants.add(count > 0)
		}
	}
	for _, counts := range r.Coverage.Properties {
		for count := range maps.Values(counts) {
			t.Properties.add(count > 0)
		}
	}
	return t
}

// each calls a function for each entry of a map, in the order of the keys.
func each[K cmp.Ordered, V any](m map[K]V, f func(K, V)) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		f(key, m[key])
	}
}
