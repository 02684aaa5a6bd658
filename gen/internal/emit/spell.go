package emit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/interconnect-go/interconnect/gen/internal/model"
)

// Go spells a type in Go.
func Go(t *model.Type) string {
	switch t.Kind {
	case model.Any:
		if t.Name == "" {
			return "any"
		}
	case model.Raw:
		return "json.RawMessage"
	case model.List:
		return "[]" + Go(t.Elem)
	case model.Map:
		return "map[string]" + Go(t.Elem)
	case model.Pointer:
		return "*" + Go(t.Elem)
	case model.Option:
		return "nullable.Nullable[" + Go(t.Elem) + "]"
	case model.Basic, model.Foreign:
		if t.Name == "" {
			return t.Go
		}
	}
	return t.Name
}

// basicCodecs are the names of the functions of package wire that read and write basic types.
var basicCodecs = map[string]string{
	"string": "String", "bool": "Bool", "float32": "Float", "float64": "Float", "[]byte": "Bytes", "time.Time": "Time",
	"openapi_types.UUID": "UUID", "openapi_types.Date": "Date", "openapi_types.Email": "String", "openapi_types.Duration": "Duration",
	"openapi_types.File": "File",
	"int":                "Int", "int8": "Int", "int16": "Int", "int32": "Int", "int64": "Int",
	"uint": "Int", "uint8": "Int", "uint16": "Int", "uint32": "Int", "uint64": "Int",
}

// codec is what reads or writes a type: the name of the function, and the type whose codec it takes besides, if any.
func codec(t *model.Type, verb, Verb string) (function string, elem *model.Type) {
	switch t.Kind {
	case model.Alias:
		return codec(t.Elem, verb, Verb)
	case model.Struct, model.Union, model.Enum, model.Scalar, model.Wrapper:
		return verb + t.Name, nil
	case model.Basic:
		if name, ok := basicCodecs[t.Go]; ok {
			return "wire." + Verb + name, nil
		}
		return "wire." + Verb + "Foreign", nil
	case model.List:
		return "wire." + Verb + "List", t.Elem
	case model.Map:
		return "wire." + Verb + "Map", t.Elem
	case model.Pointer:
		return "wire." + Verb + "Pointer", t.Elem
	case model.Option:
		return "wire." + Verb + "Option", t.Elem
	case model.Any:
		return "wire." + Verb + "Any", nil
	case model.Raw:
		return "wire." + Verb + "Raw", nil
	}
	return "wire." + Verb + "Foreign", nil
}

// call spells the call that reads or writes a value.
func call(t *model.Type, verb, Verb, pointer, with, schema string) string {
	function, elem := codec(t, verb, Verb)
	if elem == nil {
		return fmt.Sprintf("%s(%s, %s, %s)", function, pointer, with, schema)
	}
	return fmt.Sprintf("%s(%s, %s, %s, %s)", function, pointer, with, schema, functionFor(elem, verb, Verb))
}

// functionFor spells a function that reads or writes values of a type.
func functionFor(t *model.Type, verb, Verb string) string {
	function, elem := codec(t, verb, Verb)
	if elem == nil {
		if strings.HasPrefix(function, "wire.") && generic[function[len("wire.")+len(Verb):]] {
			return function + "[" + Go(t) + "]"
		}
		return function
	}
	with := "r *wire.Reader"
	if Verb == "Write" {
		with = "w *wire.Writer"
	}
	return fmt.Sprintf("func(v *%s, %s, s *schema.Schema) { %s }", Go(t), with, call(t, verb, Verb, "v", with[:1], "s"))
}

// generic are the codecs of package wire that have a type parameter.
var generic = map[string]bool{"String": true, "Bool": true, "Float": true, "Bytes": true, "UUID": true, "Int": true, "Raw": true, "Foreign": true}

func readCall(t *model.Type, pointer, schema string) string {
	return call(t, "read", "Read", pointer, "r", schema)
}

func writeCall(t *model.Type, pointer, schema string) string {
	return call(t, "write", "Write", pointer, "w", schema)
}

// Codec spells the functions that read and write a type.
func Codec(t *model.Type) (read, write string) { return reader(t), writer(t) }

func reader(t *model.Type) string { return functionFor(t, "read", "Read") }
func writer(t *model.Type) string { return functionFor(t, "write", "Write") }

// presence spells the condition that a field is present, "" if it always is.
func presence(f *model.Field, value string) string {
	switch f.Absent {
	case model.Nil:
		return value + " != nil"
	case model.Unset:
		return value + ".Value() != nil"
	case model.Unspecified:
		return "len(" + value + ") > 0"
	case model.Zero:
		return "!wire.IsZero(" + value + ")"
	}
	return ""
}

// embeddedName is the name of the field that embeds a type: UUID for openapi_types.UUID.
func embeddedName(t *model.Type) string {
	name := Go(t)
	return name[strings.LastIndexByte(name, '.')+1:]
}

func quoteGo(s string) string {
	if s != "" && strconv.CanBackquote(s) && strings.ContainsAny(s, `"\`) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// articleOf is the indefinite article for a Go name as it is spoken: an initialism letter by letter.
func articleOf(name string) string {
	capital := func(i int) bool { return i < len(name) && 'A' <= name[i] && name[i] <= 'Z' }
	vowels := "AEIOU"
	switch {
	case capital(0) && capital(1):
		vowels = "AEFHILMNORSX"
	case strings.HasPrefix(name, "Union"), strings.HasPrefix(name, "Uni") && !strings.HasPrefix(name, "Unin") && !strings.HasPrefix(name, "Unid"),
		strings.HasPrefix(name, "Us"), strings.HasPrefix(name, "Util"), strings.HasPrefix(name, "Eu"), strings.HasPrefix(name, "One"):
		return "a"
	}
	if name != "" && strings.IndexByte(vowels, name[0]) >= 0 {
		return "an"
	}
	return "a"
}

// constraintOf lists the variants of a union for a type constraint.
func constraintOf(t *model.Type) string {
	names := make([]string, len(t.Variants))
	for i, v := range t.Variants {
		names[i] = v.Name
	}
	return strings.Join(names, " | ")
}

// variantList describes the variants of a union, a line each.
func variantList(t *model.Type) []string {
	lines := make([]string, len(t.Variants))
	for i, v := range t.Variants {
		lines[i] = "[" + v.Name + "]"
		if len(v.Values) > 0 {
			quoted := make([]string, len(v.Values))
			for j, value := range v.Values {
				quoted[j] = strconv.Quote(value)
			}
			lines[i] += ", " + strings.Join(quoted, " or ")
		}
	}
	return lines
}

// commentWidth is how long the lines of comments become.
const commentWidth = 100

// comment prints text as a comment. Control characters, which could end it, are left out.
func comment(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(wrap(clean(text)), "\n") {
		b.WriteString(strings.TrimRight("// "+line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		if r == '\r' {
			return -1
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return -1
	}, strings.TrimSpace(text))
}

// wrap fills the lines of each paragraph. Indented lines and lists stay as they are.
func wrap(text string) string {
	var out []string
	fill := false // the last line may take more words
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" || strings.ContainsAny(line[:1], " \t-*#|>`") {
			out = append(out, line)
			fill = false
			continue
		}
		for word := range strings.FieldsSeq(line) {
			if last := len(out) - 1; fill && len(out[last])+1+len(word) <= commentWidth {
				out[last] += " " + word
				continue
			}
			out = append(out, word)
			fill = true
		}
	}
	return strings.Join(out, "\n")
}

// named makes a description begin with the name of what it describes, as Go's comments do, unless it does.
func named(name, text, otherwise string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return name + " " + otherwise
	case strings.HasPrefix(text, name+" "), strings.HasPrefix(text, "Deprecated:"):
		return text
	}
	return text
}

// declarationDoc is the comment of a declared type.
func declarationDoc(t *model.Type) string {
	text := named(t.Name, t.Doc, "is described by "+t.Pointer+".")
	return comment(text + deprecated(t.Deprecated))
}

// fieldDoc is the comment of a field, "" if there is nothing to say.
func fieldDoc(f *model.Field) string {
	text := strings.TrimSpace(f.Doc)
	if f.Default != "" && len(f.Default) <= commentWidth/2 {
		text = strings.TrimSpace(text + "\n\nAbsent means " + f.Default + ".")
	}
	text = strings.TrimSpace(text + deprecated(f.Deprecated))
	if text == "" {
		return ""
	}
	return comment(text)
}

func deprecated(reason string) string {
	switch reason {
	case "":
		return ""
	case "-":
		return "\n\nDeprecated: the document says so, without a reason."
	}
	return "\n\nDeprecated: " + reason
}

// unionDoc is the comment of a union.
func unionDoc(t *model.Type) string {
	var b strings.Builder
	if t.Doc != "" {
		b.WriteString(t.Doc + "\n\n")
	}
	how := "exactly one of the following"
	switch {
	case t.Any:
		how = "the first of the following that fits"
	case t.Discriminator != "":
		how += ", selected by its " + strconv.Quote(t.Discriminator)
	}
	b.WriteString(t.Name + " is " + how + ":\n")
	for _, line := range variantList(t) {
		b.WriteString("  - " + line + "\n")
	}
	if t.Null {
		b.WriteString("  - [" + t.NullName + "], null\n")
	}
	written := "cannot be written."
	if t.Null {
		written = "is written as null."
	}
	b.WriteString("\nThe zero " + t.Name + " holds no variant: it stands for an absent member, and " + written)
	b.WriteString(deprecated(t.Deprecated))
	return b.String()
}

// getterDoc is the comment of a getter of a union.
func getterDoc(u *model.Type, g *model.Getter) string {
	return fmt.Sprintf("%s returns %s of the variant, the zero value if there is no variant. Of an [UnknownVariant] it is what can be read.", g.Name, strconv.Quote(g.Wire))
}

// fills reports whether New fills in the discriminator of a variant.
func fills(t *model.Type) bool {
	for _, v := range t.Variants {
		if v.Value != "" {
			return true
		}
	}
	return false
}

// writeField spells how a field is written that is present.
func writeField(owner *model.Type, f *model.Field) string {
	member := fmt.Sprintf("w.Member(&%s, %d, %s)", owner.Var, f.Index, quoteGo(","+jsonString(f.Wire)+":"))
	value := "&v." + f.Name
	t := f.Type
	if t.Kind == model.Pointer && f.Absent == model.Nil {
		t, value = t.Elem, "v."+f.Name
	}
	return writeCall(t, value, member)
}

// converted spells how a declared type is read or written as what it is declared as.
func converted(t *model.Type, verb, Verb, with string) string {
	pointer := "v"
	switch elem := t.Elem; {
	case elem.Kind == model.Basic && generic[basicCodecs[elem.Go]]:
	default:
		pointer = "(*" + Go(elem) + ")(v)"
		if strings.HasPrefix(Go(elem), "*") {
			pointer = "(*(" + Go(elem) + "))(v)"
		}
	}
	return call(t.Elem, verb, Verb, pointer, with, "s")
}

func jsonString(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // every string can be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// lowerFirst lets a sentence follow a name: "Lists the slots" becomes "lists the slots", "LOA" stays.
func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}
