package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/yamljson"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// The types of interconnects that can be ordered.
const (
	typePort = string(interconnect.InterconnectTypeDirect)
	typeGCP  = string(interconnect.InterconnectTypeGCPPartner)
)

// A File says what an account should have. A section that is absent is not managed: nothing of its kind is changed or
// deleted.
type File struct {
	Account string // "" if the file does not say

	document      *yamljson.Document
	settings      *settingsEntry
	interconnects *section[*interconnectEntry]
	cnis          *section[*cniEntry]
}

// A section is the entries of one kind.
type section[T any] struct{ entries []T }

// all returns the entries; the nil section has none.
func (s *section[T]) all() []T {
	if s == nil {
		return nil
	}
	return s.entries
}

type settingsEntry struct {
	pointer string
	update  interconnect.SettingsUpdate
	unknown json.RawMessage // the members that this program does not know; nil for none
}

// An interconnectEntry is an interconnect that should be there.
type interconnectEntry struct {
	pointer string // into the file
	name    string // the one that the service chose; "" if it is not known
	ref     string // the one by which CNIs of the file refer to it; may be ""
	kind    string // the type

	slot  uuid.UUID // of a port; zero if the file does not say
	speed string    // of a port; "" for any

	pairingKey string // of a link to Google Cloud; "" if it need not be ordered
	region     string // "" for any
	bandwidth  string // "" for any

	opaque  json.RawMessage // all of an entry whose type this program does not know
	unknown json.RawMessage // the members that this program does not know; nil for none

	actual *Interconnect // what it is in the account; nil if it has to be ordered
	wrong  bool          // it has a problem already that keeps it from being compared with what is there
	made   string        // the name that an order has led to
}

// label is what people call it.
func (e *interconnectEntry) label() string {
	switch {
	case e.ref != "":
		return e.ref
	case e.actual != nil:
		return e.actual.Name
	case e.kind == typePort:
		return "on slot " + e.slot.String()
	}
	return "at " + e.pointer
}

// A cniEntry is a CNI that should be there.
type cniEntry struct {
	pointer string
	id      *uuid.UUID
	body    interconnect.CNIUpdate // without an ID
	unknown json.RawMessage        // the members that this program does not know; nil for none

	actual *CNI
	step   *Step // what creates or changes it; nil for none
}

// A Problem is something that is wrong with a file, or that keeps it from being applied.
type Problem struct {
	Where   string `json:"where"`   // the place in the file
	Pointer string `json:"pointer"` // the JSON pointer of that place
	Message string `json:"message"`
}

func (p Problem) String() string {
	if p.Pointer == "" {
		return p.Where + ": " + p.Message
	}
	return p.Where + ": " + p.Pointer + ": " + p.Message
}

// Problems are all that is wrong.
type Problems []Problem

// Error lists the problems, separated by "; ".
func (p Problems) Error() string {
	var texts []string
	for _, problem := range p {
		texts = append(texts, problem.String())
	}
	return strings.Join(texts, "; ")
}

// A reader reads a file and records everything that is wrong.
type reader struct {
	document *yamljson.Document
	account  string
	readFile func(name string) ([]byte, error)
	problems Problems
}

func (r *reader) problem(pointer, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.document.Where(pointer), pointer, fmt.Sprintf(format, args...)})
}

// Parse reads a file for an account. The error is [Problems] if the file is not valid. readFile reads the files that it
// names.
func Parse(document *yamljson.Document, account string, readFile func(name string) ([]byte, error)) (*File, error) {
	r := &reader{document: document, account: account, readFile: readFile}
	f := r.file()
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return f, nil
}

func (r *reader) file() *File {
	f := &File{document: r.document}
	members := r.object("", r.document.JSON, "version", "account", "settings", "interconnects", "cnis")
	if members == nil {
		return f
	}
	if version, ok := members["version"]; ok && string(version) != "1" {
		r.problem("/version", "want 1, the version of files that this program knows")
	}
	f.Account = r.text("", members, "account")
	if f.Account != "" && f.Account != r.account {
		r.problem("/account", "the file is for account %s, but the command is for %s", f.Account, r.account)
	}
	if text, ok := members["settings"]; ok {
		f.settings = r.settings("/settings", text)
	}
	if items, ok := r.items(members, "interconnects"); ok {
		f.interconnects = &section[*interconnectEntry]{}
		for i, text := range items {
			if e := r.interconnect("/interconnects/"+strconv.Itoa(i), text); e != nil {
				f.interconnects.entries = append(f.interconnects.entries, e)
			}
		}
		r.once(f.interconnects.entries)
	}
	if items, ok := r.items(members, "cnis"); ok {
		f.cnis = &section[*cniEntry]{}
		for i, text := range items {
			if e := r.cni("/cnis/"+strconv.Itoa(i), text); e != nil {
				f.cnis.entries = append(f.cnis.entries, e)
			}
		}
		r.onceCNIs(f.cnis.entries)
	}
	return f
}

// ---- Members ----

// object returns the members of an object, nil if it is not one. known are the names that it may have; none means any.
func (r *reader) object(pointer string, text json.RawMessage, known ...string) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		r.problem(pointer, "want an object")
		return nil
	}
	for _, name := range sorted(members) {
		if len(known) > 0 && !slices.Contains(known, name) {
			r.problem(pointer+"/"+yamljson.Escape(name), "want no such member; there are %s", strings.Join(known, ", "))
		}
	}
	return members
}

// items returns the items of an array, and false if there is no such member.
func (r *reader) items(members map[string]json.RawMessage, name string) ([]json.RawMessage, bool) {
	text, ok := members[name]
	if !ok {
		return nil, false
	}
	var items []json.RawMessage
	if json.Unmarshal(text, &items) != nil || items == nil {
		r.problem("/"+name, "want an array; [] says that there should be none, and without the member they are not changed")
		return nil, false
	}
	return items, true
}

// text returns the text that a member is, "" if it is absent or null.
func (r *reader) text(pointer string, members map[string]json.RawMessage, name string) string {
	text, ok := members[name]
	if !ok || string(text) == "null" {
		return ""
	}
	var value string
	switch err := json.Unmarshal(text, &value); {
	case err != nil:
		r.problem(pointer+"/"+name, "want a text; put it into quotes")
	case value == "":
		r.problem(pointer+"/"+name, "want a text that is not empty")
	}
	return value
}

// unknown returns the member of that name, which holds what this program does not know.
func (r *reader) unknown(pointer string, members map[string]json.RawMessage) json.RawMessage {
	text, ok := members["unknown"]
	if !ok || string(text) == "null" || string(text) == "{}" {
		return nil
	}
	if r.object(pointer+"/unknown", text) == nil {
		return nil
	}
	return text
}

// ---- Interconnects ----

func (r *reader) interconnect(pointer string, text json.RawMessage) *interconnectEntry {
	members := r.object(pointer, text)
	if members == nil {
		return nil
	}
	e := &interconnectEntry{
		pointer: pointer,
		name:    r.text(pointer, members, "name"),
		ref:     r.text(pointer, members, "ref"),
		kind:    r.text(pointer, members, "type"),
		unknown: r.unknown(pointer, members),
	}
	switch e.kind {
	case "":
		r.problem(pointer, "want a type, %s or %s", typePort, typeGCP)
	case typePort:
		r.object(pointer, text, "name", "ref", "type", "account", "slot_id", "speed", "unknown")
		r.port(e, members)
	case typeGCP:
		r.object(pointer, text, "name", "ref", "type", "account", "region", "bandwidth", "pairing_key", "pairing_key_file",
			"unknown")
		r.link(e, members)
	default:
		if e.name == "" {
			r.problem(pointer+"/type", "%s is not a type that this program can order, want %s or %s", e.kind, typePort, typeGCP)
		}
		e.opaque = without(text, "account", "ref")
	}
	if given := r.text(pointer, members, "account"); given != "" && given != r.account {
		r.problem(pointer+"/account", "the interconnect is one of account %s, but the command is for %s", given, r.account)
	}
	return e
}

func (r *reader) port(e *interconnectEntry, members map[string]json.RawMessage) {
	e.speed = r.text(e.pointer, members, "speed")
	slot := r.text(e.pointer, members, "slot_id")
	switch id, err := uuid.Parse(slot); {
	case slot == "" && e.name == "":
		r.problem(e.pointer, "want the slot_id of the slot to order, or the name of an interconnect that is there")
	case slot != "" && (err != nil || len(slot) != 36):
		r.problem(e.pointer+"/slot_id", "want a UUID such as 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512")
	case slot != "":
		e.slot = id
	}
}

func (r *reader) link(e *interconnectEntry, members map[string]json.RawMessage) {
	e.region, e.bandwidth = r.text(e.pointer, members, "region"), r.text(e.pointer, members, "bandwidth")
	e.pairingKey = r.text(e.pointer, members, "pairing_key")
	if file := r.text(e.pointer, members, "pairing_key_file"); file != "" {
		at := e.pointer + "/pairing_key_file"
		if e.pairingKey != "" {
			r.problem(at, "pairing_key is there too; give one of the two")
			return
		}
		text, err := r.readFile(file)
		if e.pairingKey = strings.TrimSpace(string(text)); err != nil {
			r.problem(at, "%v", err)
		} else if e.pairingKey == "" {
			r.problem(at, "%s is empty", file)
		}
	}
	keyRegion := regionOf(e.pairingKey)
	switch {
	case e.pairingKey == "" && e.name == "":
		r.problem(e.pointer, "want a pairing_key to order with, or the name of an interconnect that is there")
	case e.pairingKey != "" && e.bandwidth == "":
		r.problem(e.pointer, "want a bandwidth, such as 1G")
	case keyRegion != "" && e.region != "" && keyRegion != e.region:
		r.problem(e.pointer+"/region", "the pairing key is one for %s", keyRegion)
	case keyRegion != "":
		e.region = keyRegion
	}
}

// regionOf returns the region of a pairing key, "" if it is not of the form key/region/domain.
func regionOf(pairingKey string) string {
	if parts := strings.Split(pairingKey, "/"); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// once finds interconnects that stand in the file twice.
func (r *reader) once(entries []*interconnectEntry) {
	seen := map[string]string{}
	check := func(e *interconnectEntry, member, value, shown string) {
		if value == "" {
			return
		}
		if first, ok := seen[member+" "+value]; ok {
			r.problem(e.pointer+"/"+member, "%s is that of %s too", shown, first)
			return
		}
		seen[member+" "+value] = e.pointer
	}
	for _, e := range entries {
		check(e, "name", e.name, e.name)
		check(e, "pairing_key", e.pairingKey, "the pairing key")
		if e.slot != uuid.Nil {
			check(e, "slot_id", e.slot.String(), e.slot.String())
		}
	}
	for _, e := range entries { // by which CNIs refer to them; a name and a ref must not be confused
		check(e, "ref", e.ref, e.ref)
		if first, ok := seen["name "+e.ref]; ok && first != e.pointer {
			r.problem(e.pointer+"/ref", "%s is the name of %s", e.ref, first)
		}
	}
}

// ---- Settings and CNIs ----

func (r *reader) settings(pointer string, text json.RawMessage) *settingsEntry {
	members := r.object(pointer, text)
	if members == nil {
		return nil
	}
	e := &settingsEntry{pointer: pointer, unknown: r.unknown(pointer, members)}
	delete(members, "unknown")
	r.decode(pointer, encode(members), "nsc_SettingsRequest", &e.update)
	return e
}

// What a CNI has if the file does not say.
const defaultMTU = 1500

func (r *reader) cni(pointer string, text json.RawMessage) *cniEntry {
	members := r.object(pointer, text)
	if members == nil {
		return nil
	}
	e := &cniEntry{pointer: pointer, unknown: r.unknown(pointer, members)}
	delete(members, "unknown")
	for name, value := range members { // null and absent are the same here
		if string(value) == "null" {
			delete(members, name)
		}
	}
	if given := r.text(pointer, members, "account"); given != "" && given != r.account {
		r.problem(pointer+"/account", "the CNI is one of account %s, but the command is for %s", given, r.account)
	}
	members["account"] = encode(r.account)
	var magic map[string]json.RawMessage
	if json.Unmarshal(members["magic"], &magic) == nil && magic != nil {
		if _, ok := magic["mtu"]; !ok {
			magic["mtu"] = encode(defaultMTU)
		}
		if _, ok := magic["description"]; !ok {
			magic["description"] = encode("")
		}
		members["magic"] = encode(magic)
	}
	if !r.decode(pointer, encode(members), "nsc_CniUpdate", &e.body) {
		return nil
	}
	e.id, e.body.ID = e.body.ID, nil
	switch {
	case e.body.Interconnect == "":
		r.problem(pointer+"/interconnect", "want a text that is not empty")
	case (e.body.CustomerIP == nil) != (e.body.CloudflareIP == nil):
		r.problem(pointer, "want both of cust_ip and p2p_ip, or none")
	}
	return e
}

// decode decodes what has the members of a request's body. What the document does not allow of a value is not looked
// at: the service may be ahead of it, and if the value is what the account has anyway, it need not be sent. See
// planner.validate.
func (r *reader) decode(pointer string, text json.RawMessage, schema string, into json.Unmarshaler) bool {
	before := len(r.problems)
	var invalid *contract.ValidationError
	var values []contract.Violation
	if err := interconnect.Schemas()[schema].Check(text, contract.InRequest); errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			switch v.Rule {
			case "type", "required", "additionalProperties", "syntax", "duplicate", "depth":
				r.problem(pointer+v.Pointer, "%s", messageOf(v))
			default:
				values = append(values, v)
			}
		}
	}
	deviations, _ := interconnect.Schemas()[schema].CheckTolerant(text, contract.InRequest)
	for _, v := range deviations {
		if v.Rule == "undeclared" {
			r.problem(pointer+v.Pointer, "%s", messageOf(v))
		}
	}
	if len(r.problems) > before {
		return false
	}
	if _, err := contract.UnmarshalTolerant(text, into); err == nil {
		return true
	}
	for _, v := range values { // no Go type can hold them
		r.problem(pointer+v.Pointer, "%s", messageOf(v))
	}
	return false
}

// messageOf says what is wanted and what is there.
func messageOf(v contract.Violation) string {
	text := v.Message()
	if v.Got != "" {
		text += ", got " + v.Got
	}
	return text
}

// onceCNIs finds CNIs that stand in the file twice. A conduit name may stand there twice if the IDs tell the CNIs apart:
// should the account have such ones, its export has them too.
func (r *reader) onceCNIs(entries []*cniEntry) {
	ids, conduits := map[uuid.UUID]string{}, map[string]*cniEntry{}
	for _, e := range entries {
		if e.id != nil {
			if first, ok := ids[*e.id]; ok {
				r.problem(e.pointer+"/id", "%s is that of %s too", e.id, first)
			}
			ids[*e.id] = e.pointer
		}
		conduit := e.body.Magic.ConduitName
		if first, ok := conduits[conduit]; ok && (first.id == nil || e.id == nil) {
			r.problem(e.pointer+"/magic/conduit_name", "%s is that of %s too", conduit, first.pointer)
		}
		conduits[conduit] = e
	}
}

// encode encodes what cannot fail to be.
func encode(v any) json.RawMessage {
	text, err := contract.MarshalTolerant(v)
	if err != nil {
		panic(err)
	}
	return text
}
