package upstream

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Difference is one thing that the documents say differently.
type Difference struct {
	File         string // ours
	Line, Column int    // of what it is about, or of what it would stand in
	At           string // JSON pointer in ours, of where it stands or would stand; values of a list stand under their own names
	Theirs       string // JSON pointer in theirs
	TheySay      string
	WeSay        string
}

// nothing is what a document says about what it does not have.
const nothing = "nothing"

// Advice is what to do about a difference that is not meant.
func (d Difference) Advice() string {
	switch nothing {
	case d.WeSay:
		return "add it"
	case d.TheySay:
		return "remove it"
	default:
		return "follow it"
	}
}

// A comparison collects what differs. Both documents share schemas between operations, and every pair of schemas is looked at
// once, so that a difference stands once in the report, and recursion ends.
type comparison struct {
	ours, theirs *document
	seen         map[[2]string]bool // the keys of pairs of schemas
	noted        map[[3]string]bool // what a note would quote
	found        []Difference
}

// differ notes a difference. The places are the pointer in ours and the nearest node in theirs.
func (c *comparison) differ(at string, theirs *node, theySay, weSay string) {
	nearest, _ := descend(c.ours.kept[""], at)
	d := Difference{
		File: c.ours.name, Line: nearest.line, Column: nearest.column, At: "#" + oneLine(at),
		Theirs: "#" + oneLine(theirs.pointer), TheySay: oneLine(theySay), WeSay: oneLine(weSay),
	}
	if key := [3]string{d.At, d.TheySay, d.WeSay}; !c.noted[key] {
		c.noted[key] = true
		c.found = append(c.found, d)
	}
}

// oneLine shows characters that would break a line or steer a terminal as spaces.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

// inOrder are the differences in the order of our document.
func (c *comparison) inOrder() []Difference {
	slices.SortStableFunc(c.found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.At, b.At), cmp.Compare(a.TheySay, b.TheySay))
	})
	return c.found
}

func (c *comparison) documents() {
	ours, theirs := c.ours.find("/openapi"), c.theirs.find("/openapi")
	if minor(ours.text()) != minor(theirs.text()) {
		c.differ("/openapi", theirs, theirs.text(), ours.text())
	}
	c.set(&node{pointer: "/servers"}, "/servers", servers(c.theirs), servers(c.ours))
	other := map[string]operation{}
	for _, o := range c.theirs.operations() {
		other[o.key] = o
	}
	for _, our := range c.ours.operations() {
		their, ok := other[our.key]
		delete(other, our.key)
		if !ok {
			c.differ(our.pointer, &node{pointer: "/paths"}, nothing, our.String())
			continue
		}
		c.operation(their, our)
	}
	for _, their := range other {
		c.differ(their.pointer, their.node, their.String(), nothing)
	}
}

// servers are the URLs in front of all paths.
func servers(d *document) (urls []string) {
	for _, server := range d.find("/servers").all() {
		urls = append(urls, server.get("url").text())
	}
	return urls
}

// minor is a version without its last part.
func minor(version string) string { return version[:max(strings.LastIndexByte(version, '.'), 0)] }

func (c *comparison) operation(theirs, ours operation) {
	c.keywords(schema{theirs.node}, schema{ours.node}, usual, "tags", "parameters", "requestBody", "responses", "security")
	c.set(theirs.node, ours.pointer+"/x-api-token-group",
		theirs.get("x-api-token-group").texts(), ours.get("x-api-token-group").texts())
	c.security(theirs, ours)
	c.parameters(theirs, ours)
	c.body(theirs, ours)
	c.responses(theirs, ours)
}

// set compares two lists whose order means nothing.
func (c *comparison) set(theirs *node, at string, they, we []string) {
	for _, value := range they {
		if !slices.Contains(we, value) {
			c.differ(at+"/"+escape(value), theirs, value, nothing)
		}
	}
	for _, value := range we {
		if !slices.Contains(they, value) {
			c.differ(at+"/"+escape(value), theirs, nothing, value)
		}
	}
}

// securityOf is what an operation demands, by itself or as the document does.
func securityOf(d *document, o operation) *node {
	if own := o.get("security"); own != nil {
		return own
	}
	return d.find("/security")
}

func (c *comparison) security(theirs, ours operation) {
	their, our := securityOf(c.theirs, theirs), securityOf(c.ours, ours)
	at, from := ours.pointer+"/security", theirs.node
	if our != nil {
		at = our.pointer
	}
	if their != nil {
		from = their
	}
	if they, we := alternatives(their), alternatives(our); they != we {
		c.differ(at, from, they, we)
	}
	for _, alternative := range our.all() {
		for _, name := range alternative.keys() {
			pointer := "/components/securitySchemes/" + escape(name)
			if t, o := c.theirs.find(pointer), c.ours.find(pointer); t != nil && o != nil {
				c.keywords(schema{t}, schema{o}, usual)
			}
		}
	}
}

// alternatives spells security requirements: "api_email with api_key, or api_token".
func alternatives(security *node) string {
	var texts []string
	for _, alternative := range security.all() {
		names := slices.Sorted(slices.Values(alternative.keys()))
		texts = append(texts, cmp.Or(strings.Join(names, " with "), "no credentials"))
	}
	slices.Sort(texts)
	return cmp.Or(strings.Join(texts, ", or "), nothing)
}

func (c *comparison) parameters(theirs, ours operation) {
	their, _ := c.theirs.parameters(theirs)
	our, order := c.ours.parameters(ours)
	for _, key := range order {
		o, t := our[key], their[key]
		delete(their, key)
		at := ours.pointer + "/parameters/" + escape(o.get("name").text())
		if t == nil {
			c.differ(at, theirs.node, nothing, "the "+key)
			continue
		}
		c.keywords(schema{t}, schema{o}, usualOfParameter[o.get("in").text()], "schema", "content")
		c.schemas(schema{t}.has("schema"), schema{o}.has("schema"), t, o.pointer+"/schema")
		c.content(t, o)
	}
	for key, t := range their {
		at := ours.pointer + "/parameters/" + escape(t.get("name").text())
		c.differ(at, t, "the "+key+c.theirs.summary(schema{t}.has("schema")...)+requiredness(t), nothing)
	}
}

// parameters are those of an operation and of its path, by what they are called in a report, "query parameter limit".
func (d *document) parameters(o operation) (parameters map[string]*node, order []string) {
	parameters = map[string]*node{}
	for _, n := range slices.Concat(o.item.get("parameters").all(), o.get("parameters").all()) {
		n = d.resolve(n)
		key := n.get("in").text() + " parameter " + n.get("name").text()
		if parameters[key] == nil {
			order = append(order, key)
		}
		parameters[key] = n
	}
	return parameters, order
}

func requiredness(n *node) string {
	if n.get("required").text() == "true" {
		return ", required"
	}
	return ""
}

func (c *comparison) body(theirs, ours operation) {
	t, o := c.theirs.resolve(theirs.get("requestBody")), c.ours.resolve(ours.get("requestBody"))
	switch at := ours.pointer + "/requestBody"; {
	case t == nil && o == nil:
	case o == nil:
		c.differ(at, t, "a body"+requiredness(t), nothing)
	case t == nil:
		c.differ(at, theirs.node, nothing, "a body"+requiredness(o))
	default:
		c.keywords(schema{t}, schema{o}, usual, "content")
		c.content(t, o)
	}
}

func (c *comparison) responses(theirs, ours operation) {
	their, our := theirs.get("responses"), ours.get("responses")
	for _, status := range our.keys() {
		t, o := c.theirs.resolve(their.get(status)), c.ours.resolve(our.get(status))
		if t == nil {
			c.differ(our.get(status).pointer, theirs.node, nothing, "the status "+status)
			continue
		}
		c.content(t, o)
		c.headers(t, o)
	}
	for _, status := range their.keys() {
		if our.get(status) == nil {
			t := c.theirs.resolve(their.get(status))
			c.differ(ours.pointer+"/responses/"+escape(status), t, strings.TrimSuffix(fmt.Sprintf("the status %s: %s", status, t.get("description").text()), ": "), nothing)
		}
	}
}

func (c *comparison) headers(theirs, ours *node) {
	their, our := theirs.get("headers"), ours.get("headers")
	for _, name := range our.keys() {
		t, o := c.theirs.resolve(their.get(name)), c.ours.resolve(our.get(name))
		if t == nil {
			c.differ(our.get(name).pointer, theirs, nothing, "the header "+name)
			continue
		}
		c.keywords(schema{t}, schema{o}, usual, "schema", "content")
		c.schemas(schema{t}.has("schema"), schema{o}.has("schema"), t, o.pointer+"/schema")
	}
	for _, name := range their.keys() {
		if our.get(name) == nil {
			c.differ(ours.pointer+"/headers/"+escape(name), their.get(name), "the header "+name, nothing)
		}
	}
}

// content compares the media types of a body, a response or a parameter.
func (c *comparison) content(theirs, ours *node) {
	their, our := theirs.get("content"), ours.get("content")
	for _, name := range our.keys() {
		t, o := their.get(name), our.get(name)
		if t == nil {
			c.differ(o.pointer, theirs, nothing, "content of type "+name)
			continue
		}
		c.keywords(schema{t}, schema{o}, usual, "schema")
		c.schemas(schema{t}.has("schema"), schema{o}.has("schema"), t, o.pointer+"/schema")
	}
	for _, name := range their.keys() {
		if our.get(name) == nil {
			c.differ(ours.pointer+"/content/"+escape(name), their.get(name), "content of type "+name, nothing)
		}
	}
}
