package main

import (
	"strings"
	"unicode"
)

// initialisms are written in capitals within Go names: the usual ones of Go and those of network engineers.
var initialisms = map[string]bool{
	"ACL": true, "API": true, "ASCII": true, "ASN": true, "AWS": true, "BFD": true, "BGP": true, "CCR": true, "CIDR": true,
	"CNI": true, "CPU": true, "CSS": true, "DNS": true, "EOF": true, "GCP": true, "GRE": true, "GUID": true, "HTML": true,
	"HTTP": true, "HTTPS": true, "ID": true, "IP": true, "JSON": true, "LACP": true, "LOA": true, "MD5": true, "MTU": true,
	"P2P": true, "PDF": true, "QPS": true, "RAM": true, "RPC": true, "SLA": true, "SMTP": true, "SQL": true, "SSH": true,
	"TCP": true, "TLS": true, "TTL": true, "UDP": true, "UI": true, "UID": true, "URI": true, "URL": true, "UTF8": true,
	"UUID": true, "VLAN": true, "VM": true, "WAN": true, "XML": true, "YAML": true,
}

// goName spells a name of the document as an exported Go identifier: "list_cnis" becomes ListCNIs. It is empty if nothing
// in the name can stand in an identifier, and may begin with a digit if the name does.
func goName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		upper := strings.ToUpper(word)
		singular, plural := strings.CutSuffix(upper, "S")
		switch {
		case initialisms[upper]:
			b.WriteString(upper)
		case plural && initialisms[singular]:
			b.WriteString(singular + "s")
		default:
			r := []rune(word)
			b.WriteRune(unicode.ToUpper(r[0]))
			b.WriteString(string(r[1:]))
		}
	}
	return b.String()
}

// typeName is goName for a name that stands alone and must begin with a capital.
func typeName(name string) string {
	n := goName(name)
	if n != "" && !unicode.IsUpper([]rune(n)[0]) {
		n = "N" + n
	}
	return n
}

// words splits at everything but letters and digits, and where capitals begin: "gcpPartner_id" gives gcp, Partner, id.
func words(name string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(part)
		start := 0
		for i := 1; i < len(runes); i++ {
			startsWord := unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1])
			endsCapitals := unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i]) &&
				i+1 < len(runes) && unicode.IsLower(runes[i+1]) && string(runes[i+1:]) != "s"
			if startsWord || endsCapitals {
				all = append(all, string(runes[start:i]))
				start = i
			}
		}
		all = append(all, string(runes[start:]))
	}
	return all
}

// lowerFirst lets a sentence follow a name: "Lists the slots" becomes "lists the slots", "LOA" stays.
func lowerFirst(s string) string {
	runes := []rune(s)
	if len(runes) > 1 && unicode.IsUpper(runes[0]) && !unicode.IsUpper(runes[1]) {
		runes[0] = unicode.ToLower(runes[0])
	}
	return string(runes)
}
