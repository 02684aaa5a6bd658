package differential

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/everywhere"
)

// A goType is a generated type.
type goType struct {
	union bool

	// read reads a text by the emitted code. It is nil for a type without methods.
	read func(text []byte, mode schema.Mode) (value any, deviations []schema.Violation, err error)
}

func as[T any]() goType {
	if _, ok := any(new(T)).(json.Unmarshaler); !ok {
		return goType{}
	}
	_, union := reflect.TypeFor[T]().MethodByName("Value")
	return goType{union, func(text []byte, mode schema.Mode) (any, []schema.Violation, error) {
		v := new(T)
		if mode == schema.Strict {
			return v, nil, any(v).(json.Unmarshaler).UnmarshalJSON(text)
		}
		deviations, err := contract.UnmarshalTolerant(text, any(v).(json.Unmarshaler))
		return v, deviations, err
	}}
}

// misreads says where the emitted code and the checker do not agree about a text, strictly or tolerantly, or what has been read does not come
// back. took reports whether the emitted code has read the text strictly.
func misreads(t *target, text []byte) (wrong string, took bool) {
	if t.read == nil {
		return "", false
	}
	checked := t.ourVerdict(text)
	value, _, err := t.read(text, schema.Strict)
	switch {
	case err == nil && checked != nil:
		return "it is invalid, but read: " + checked.Error(), true
	case err != nil && checked == nil && !beyondGo(t, text):
		return "it is valid, but not read: " + err.Error(), false
	case err != nil && checked != nil && !sameProblem(err, checked):
		return fmt.Sprintf("the checker says %v, the emitted code %v", checked, err), false
	}
	valid := checked == nil
	tolerated, checked := t.ours.CheckTolerant(text, t.dir)
	tolerant, deviations, tolerantErr := t.read(text, schema.Tolerant)
	switch {
	case (tolerantErr == nil) != (checked == nil) && !beyondGo(t, text):
		return fmt.Sprintf("tolerantly the checker says %s, the emitted code %s", verdict(checked), verdict(tolerantErr)), false
	case tolerantErr != nil || checked != nil || valid || beyondGo(t, text): // of what is valid, UnmarshalTolerant says nothing
	case !slices.EqualFunc(tolerated, deviations, func(a, b schema.Violation) bool { return a.Pointer == b.Pointer && a.Rule == b.Rule }):
		return fmt.Sprintf("the checker tolerates %v, the emitted code %v", tolerated, deviations), false
	}
	if err != nil {
		return "", false
	}
	if !reflect.DeepEqual(value, tolerant) {
		return fmt.Sprintf("it is read as %+v, and tolerantly as %+v", value, tolerant), true
	}
	return "", true
}

// aboutText are the rules of JSON.
var aboutText = []string{"syntax", "trailing", "duplicate", "depth"}

// sameProblem reports whether two errors of one text say the same of it as JSON. The emitted code may know of a union that only one variant is
// possible, or that a number is too large for Go, so that other violations can differ.
func sameProblem(a, b error) bool {
	var x, y *contract.ValidationError
	if !errors.As(a, &x) || !errors.As(b, &y) {
		return false
	}
	first, second := x.Violations[0], y.Violations[0]
	about := slices.Contains(aboutText, first.Rule) || slices.Contains(aboutText, second.Rule)
	return !about || first.String() == second.String()
}

// beyondGo reports whether a text has numbers that Go types cannot hold, so that the emitted code is stricter than the checker.
func beyondGo(t *target, text []byte) bool {
	v, err := parse(text)
	if err != nil {
		return false
	}
	held := v.clone()
	eachNumber(clampDouble)(held)
	eachNumber(clampInteger)(held)
	eachNumber(func(literal string) string {
		if f, err := strconv.ParseFloat(literal, 64); err == nil && f == 0 && !schema.IsZero(literal) {
			return "0"
		}
		return literal
	})(held)
	return string(held.compact()) != string(v.compact())
}

var interconnectTypes = map[string]goType{
	"Failure":                                as[interconnect.Failure](),
	"FailureDetail":                          as[interconnect.FailureDetail](),
	"FailureSource":                          as[interconnect.FailureSource](),
	"InterconnectType":                       as[interconnect.InterconnectType](),
	"nsc_AccountTag":                         as[interconnect.AccountID](),
	"nsc_ApiBandwidth":                       as[interconnect.Bandwidth](),
	"nsc_BgpControl":                         as[interconnect.BGPControl](),
	"nsc_BgpMode":                            as[interconnect.BGPMode](),
	"nsc_CloudflareSite":                     as[interconnect.Site](),
	"nsc_Cni":                                as[interconnect.CNI](),
	"nsc_CniCreate":                          as[interconnect.CNICreate](),
	"nsc_CniList":                            as[interconnect.CNIList](),
	"nsc_CniUpdate":                          as[interconnect.CNIUpdate](),
	"nsc_DefaultNameResponse":                as[interconnect.DefaultLOAName](),
	"nsc_FacilityInfo":                       as[interconnect.Facility](),
	"nsc_Interconnect":                       as[interconnect.Interconnect](),
	"nsc_InterconnectCreate":                 as[interconnect.InterconnectCreate](),
	"nsc_InterconnectCreate_GcpPartner_Body": as[interconnect.GCPPartnerInterconnectCreate](),
	"nsc_InterconnectCreate_Physical_Body":   as[interconnect.PhysicalInterconnectCreate](),
	"nsc_InterconnectList":                   as[interconnect.InterconnectList](),
	"nsc_Interconnect_GcpPartner_Body":       as[interconnect.GCPPartnerInterconnect](),
	"nsc_Interconnect_Physical_Body":         as[interconnect.PhysicalInterconnect](),
	"nsc_MagicSettings":                      as[interconnect.MagicSettings](),
	"nsc_Settings":                           as[interconnect.Settings](),
	"nsc_SettingsRequest":                    as[interconnect.SettingsUpdate](),
	"nsc_SlotInfo":                           as[interconnect.Slot](),
	"nsc_SlotList":                           as[interconnect.SlotList](),
	"nsc_StatusInfo":                         as[interconnect.InterconnectStatus](),
	"nsc_StatusInfo_Down":                    as[interconnect.StatusDown](),
	"nsc_StatusInfo_Healthy":                 as[interconnect.StatusHealthy](),
	"nsc_StatusInfo_Pending":                 as[interconnect.StatusPending](),
	"nsc_StatusInfo_Unhealthy":               as[interconnect.StatusUnhealthy](),
}

var everywhereTypes = map[string]goType{
	"Alone":              as[everywhere.Alone](),
	"Anything":           as[everywhere.Anything](),
	"Base":               as[everywhere.Base](),
	"Beside":             as[everywhere.Beside](),
	"ByClosedness":       as[everywhere.ByClosedness](),
	"ByLength":           as[everywhere.ByLength](),
	"ByType":             as[everywhere.ByType](),
	"ByValue":            as[everywhere.ByValue](),
	"Cat":                as[everywhere.Cat](),
	"Circle":             as[everywhere.Circle](),
	"Directed":           as[everywhere.Directed](),
	"DirectedUnion":      as[everywhere.DirectedUnion](),
	"Dog":                as[everywhere.Dog](),
	"Everything":         as[everywhere.Everything](),
	"Extras":             as[everywhere.Extras](),
	"Explicit":           as[everywhere.Explicit](),
	"Formats":            as[everywhere.Formats](),
	"Holder":             as[everywhere.Holder](),
	"Identifier":         as[everywhere.Identifier](),
	"Implicit":           as[everywhere.Implicit](),
	"InlineWithValues":   as[everywhere.InlineWithValues](),
	"Joined":             as[everywhere.Joined](),
	"JoinedChosen":       as[everywhere.JoinedChosen](),
	"JoinedInline":       as[everywhere.JoinedInline](),
	"JoinedTwice":        as[everywhere.JoinedTwice](),
	"Counts":             as[everywhere.Counts](),
	"Listed":             as[everywhere.Listed](),
	"Lists":              as[everywhere.Lists](),
	"Maze":               as[everywhere.Maze](),
	"Moment":             as[everywhere.Moment](),
	"Names":              as[everywhere.Names](),
	"NullableUnion":      as[everywhere.NullableUnion](),
	"NullableVariant":    as[everywhere.NullableVariant](),
	"OpenHolder":         as[everywhere.OpenHolder](),
	"Outer":              as[everywhere.Outer](),
	"Prefix":             as[everywhere.Prefix](),
	"Room":               as[everywhere.Room](),
	"Shape":              as[everywhere.Shape](),
	"Shapes":             as[everywhere.Shapes](),
	"ShapesByName":       as[everywhere.ShapesByName](),
	"Square":             as[everywhere.Square](),
	"Table":              as[everywhere.Table](),
	"Tree":               as[everywhere.Tree](),
	"Wall":               as[everywhere.Wall](),
	"create_pet 200":     as[everywhere.CreatePet200JSONResponseBody](),
	"create_pet request": as[everywhere.CreatePetJSONBody](),
	"get_anything 200":   as[any](),
	"get_anything 400":   as[everywhere.GetAnything400JSONResponseBody](),
	"post_lists 201":     as[[]string](),
	"post_lists 202":     as[map[string]string](),
	"put_shape 200":      as[[]everywhere.PutShape200JSONResponseBodyItem](),
	"put_shape default":  as[everywhere.PutShapeDefaultJSONResponseBody](),
}
