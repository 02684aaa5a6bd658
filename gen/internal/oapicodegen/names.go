package oapicodegen

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// This file spells names as oapi-codegen does, for documents whose config asks for it.

// Normalizers are the values of the config key name-normalizer that oapi-codegen has.
var Normalizers = []string{"ToCamelCase", "ToCamelCaseWithDigits", WithInitialisms}

// WithInitialisms is the one of Normalizers that knows initialisms.
const WithInitialisms = "ToCamelCaseWithInitialisms"

// Normalizer returns the function that a name of Normalizers stands for; the empty name is ToCamelCase. The initialisms are those that a
// config adds to oapi-codegen's. It is nil for other names.
func Normalizer(name string, initialisms []string) func(string) string {
	switch name {
	case "", "ToCamelCase":
		return codegen.ToCamelCase
	case "ToCamelCaseWithDigits":
		return codegen.ToCamelCaseWithDigits
	case WithInitialisms:
		return withInitialisms(initialisms)
	}
	return nil
}

// usualInitialisms are those that oapi-codegen writes in capitals. Its own function keeps the list in the state of a run.
const usualInitialisms = "ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI GID UID " +
	"UUID URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS"

var camelCaseWord = regexp.MustCompile(`[\p{Lu}\d]+([\p{Ll}\d]+|$)`)

func withInitialisms(additional []string) func(string) string {
	capitals := map[string]string{}
	for _, word := range append(strings.Fields(usualInitialisms), additional...) {
		capitals[strings.ToLower(word)] = word
	}
	return func(name string) string {
		var b strings.Builder
		for _, word := range camelCaseWord.FindAllString(codegen.ToCamelCaseWithDigits(name), -1) {
			if spelled, ok := capitals[strings.ToLower(word)]; ok {
				word = spelled
			}
			b.WriteString(word)
		}
		return b.String()
	}
}

// MediaTypeName is a media type in the name of a type.
func MediaTypeName(mediaType string) string {
	for _, sign := range [][2]string{{"/", "_"}, {"*", "Wildcard_"}, {"+", "Plus_"}} {
		mediaType = strings.Replace(mediaType, sign[0], sign[1], 1)
	}
	return withInitialisms(nil)(mediaType)
}

// signs are the words for the signs that a name may begin with.
var signs = map[rune]string{
	'-': "Minus", '+': "Plus", '&': "And", '|': "Or", '~': "Tilde", '=': "Equal", '>': "GreaterThan", '<': "LessThan", '#': "Hash",
	'.': "Dot", '*': "Asterisk", '^': "Caret", '%': "Percent", '_': "Underscore", '$': "",
}

// Prefix is what a Go name has before what a normalizer makes of a name: words for the signs that the name begins with, N before a digit.
func Prefix(name string) string {
	switch name {
	case "":
		return "Empty"
	case "$":
		return "DollarSign"
	}
	prefix := ""
	for _, r := range name {
		word, isSign := signs[r]
		if !isSign {
			if prefix == "" && unicode.IsDigit(r) {
				return "N"
			}
			break
		}
		prefix += word
	}
	return prefix
}
