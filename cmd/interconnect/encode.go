// JSON and YAML, the formats for programs, and --query, which transforms them.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
	"go.yaml.in/yaml/v3"

	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/yamljson"
	"github.com/interconnect-go/interconnect/contract"
)

// encode writes a value as JSON or YAML, or the results that --query gives for it.
func (p *program) encode(v any) error {
	if p.query == nil {
		return p.encodeValue(v, nil)
	}
	first := true
	for result, err := range p.query(v) {
		text, isString := result.(string)
		switch {
		case err != nil:
			return err
		case isString && p.rawStrings:
			if p.isTerminal(p.stdout) {
				text = printableLines(text)
			}
			_, err = fmt.Fprintln(p.stdout, text)
		default:
			if p.flags.output == "yaml" && !first {
				fmt.Fprintln(p.stdout, "---")
			}
			var encoded []byte
			if encoded, err = gojq.Marshal(result); err == nil {
				err = p.encodeValue(json.RawMessage(encoded), nil)
			}
		}
		if err != nil {
			return err
		}
		first = false
	}
	return nil
}

// encodeValue writes a value as JSON or YAML. In YAML, the values to which the JSON pointers of comments lead have
// those comments.
func (p *program) encodeValue(v any, comments map[string]string) error {
	compact, err := contract.MarshalTolerant(v)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, compact, "", "  "); err != nil {
		return err
	}
	escaped := escapeControls(text.String()) + "\n"
	if p.flags.output == "yaml" {
		return writeYAML(p.stdout, escaped, comments)
	}
	_, err = io.WriteString(p.stdout, escaped)
	return err
}

// escapeControls escapes characters that JSON allows as they are, but that control a terminal or that YAML lacks.
// They occur in strings only.
func escapeControls(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		if r >= 0x7F && r <= 0x9F || r == 0x2028 || r == 0x2029 || r == 0xFEFF || r >= 0xFFFE && r <= 0xFFFF {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	return escaped.String()
}

// A query gives any number of results for a value. An error is the last of them.
type query func(v any) iter.Seq2[any, error]

// parseQuery compiles an expression of jq. A query sees the value and nothing else: no files and no environment. It
// ends with ctx.
func parseQuery(ctx context.Context, text string) (query, error) {
	parsed, err := gojq.Parse(text)
	if err != nil {
		var syntax *gojq.ParseError
		if errors.As(err, &syntax) {
			return nil, usagef("--query: after %d bytes: %w", max(0, syntax.Offset-len(syntax.Token)), err)
		}
		return nil, usagef("--query: %w", err)
	}
	code, err := gojq.Compile(parsed)
	if err != nil {
		return nil, usagef("--query: %w", err)
	}
	return func(v any) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			input, err := decoded(v)
			if err != nil {
				yield(nil, err)
				return
			}
			results := code.RunWithContext(ctx, input)
			for {
				result, ok := results.Next()
				if !ok {
					return
				}
				if err, failed := result.(error); failed {
					var halt *gojq.HaltError
					if !errors.As(err, &halt) || halt.Value() != nil { // "halt" ends a query without an error
						yield(nil, fmt.Errorf("--query: %w", err))
					}
					return
				}
				if !yield(result, nil) {
					return
				}
			}
		}
	}, nil
}

// decoded returns what the JSON of v decodes to, with all digits of its numbers.
func decoded(v any) (any, error) {
	text, err := contract.MarshalTolerant(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	err = decoder.Decode(&value)
	return value, err
}

// writeYAML writes a JSON text, which is YAML as it is, the way people write YAML, with the members in the same order.
func writeYAML(w io.Writer, text string, comments map[string]string) error {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		return err
	}
	plain(&node)
	annotate(&node, "", comments)
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(&node); err != nil {
		return err
	}
	return encoder.Close()
}

// annotate puts comments above the values to which their JSON pointers lead.
func annotate(node *yaml.Node, pointer string, comments map[string]string) {
	if text := comments[pointer]; text != "" && node.Kind != yaml.DocumentNode {
		node.HeadComment = "# " + strings.ReplaceAll(printableLines(text), "\n", "\n# ")
	}
	for i, child := range node.Content {
		switch node.Kind {
		case yaml.DocumentNode:
			annotate(child, pointer, comments)
		case yaml.SequenceNode:
			annotate(child, pointer+"/"+strconv.Itoa(i), comments)
		case yaml.MappingNode:
			if i%2 == 1 {
				annotate(child, pointer+"/"+yamljson.Escape(node.Content[i-1].Value), comments)
			}
		}
	}
}

// plain takes the braces and quotes of JSON away, where YAML can do without: YAML 1.2, and 1.1, which many readers
// still are.
func plain(node *yaml.Node) {
	ambiguous := node.Kind == yaml.ScalarNode && node.Tag == "!!str" && yaml11.MatchString(node.Value)
	if !ambiguous && (len(node.Content) > 0 || node.Kind == yaml.ScalarNode) { // empty collections keep their braces
		node.Style = 0
	}
	for _, child := range node.Content {
		plain(child)
	}
}

// yaml11 matches what YAML 1.1 takes for something else than a string if it is not quoted: https://yaml.org/type/.
// What 1.2 does, the encoder knows.
var yaml11 = regexp.MustCompile(`^(=|<<|~|null|Null|NULL|y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF` +
	`|[-+]?0b[01_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9A-Fa-f_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?` +
	`|[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$`)
