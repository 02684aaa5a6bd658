package differential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/contract/tolerant"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/everywhere"
)

// A goType is a generated type.
type goType struct {
	union bool

	// again decodes a text and encodes the value. decoded tells whether the first succeeded.
	again func(text []byte) (encoded []byte, decoded bool, err error)

	// tolerantly decodes a text that tolerant reading lets through, and expects the same as of a strict decoder if the text is
	// valid. It says what is wrong.
	tolerantly func(text []byte, valid bool) string

	// compiled reads and writes by the emitted code, and expects what the tables and encoding/json say. It says what is wrong, and
	// whether the emitted code did not leave the text to the tables.
	compiled func(s *contract.Schema, text []byte, dir contract.Direction) (wrong string, took bool)
}

func as[T any]() goType {
	value, union := reflect.TypeFor[T]().MethodByName("Value")
	union = union && value.Type.NumOut() == 1 // not that of a driver.Valuer
	again := func(text []byte) ([]byte, bool, error) {
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			return nil, false, err
		}
		encoded, err := json.Marshal(v)
		return encoded, true, err
	}
	tolerantly := func(text []byte, valid bool) string {
		var read, strict T
		if err := tolerant.Unmarshal(text, &read); err != nil {
			return "tolerant reading lets it through, but decoding fails: " + err.Error()
		}
		if !valid {
			return ""
		}
		if err := json.Unmarshal(text, &strict); err != nil || !reflect.DeepEqual(read, strict) {
			return fmt.Sprintf("it is decoded as %+v, and tolerantly as %+v, %v", strict, read, err)
		}
		return ""
	}
	compiled := func(s *contract.Schema, text []byte, dir contract.Direction) (string, bool) {
		tables := *s
		tables.Decode, tables.Encode = nil, nil
		plain, tablesErr := tables.Check(text, dir)
		checked, err := s.Check(text, dir)
		if (err == nil) != (tablesErr == nil) || !bytes.Equal(plain, checked) {
			return fmt.Sprintf("the tables say %s, the emitted code %s", verdict(tablesErr), verdict(err)), false
		}
		if err != nil && err.Error() != tablesErr.Error() {
			return fmt.Sprintf("the tables say %v, with the emitted code it is %v", tablesErr, err), false
		}
		var want T
		got, took := contract.Read[T](s, text, dir)
		switch {
		case took && err != nil:
			return "it is invalid, but the emitted code reads it", true
		case err != nil:
			return "", false
		case json.Unmarshal(plain, &want) != nil:
			return "it is valid, but encoding/json does not decode it", took
		case took && !reflect.DeepEqual(got, want):
			return fmt.Sprintf("it is decoded as %+v by the emitted code, and as %+v by encoding/json", got, want), true
		}
		written, _ := contract.Write(s, &want, dir)
		usual, err := json.Marshal(&want)
		if err == nil {
			_, err = tables.Check(usual, dir)
		}
		switch {
		case written == nil:
		case err != nil:
			return fmt.Sprintf("it is written as %s by the emitted code, and encoding/json says %v", written, err), took
		case contract.Canonical(string(written)) != contract.Canonical(string(usual)):
			return fmt.Sprintf("it is written as %s by the emitted code, and as %s by encoding/json", written, usual), took
		}
		return "", took
	}
	return goType{union, again, tolerantly, compiled}
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
	"create_pet 200":     as[everywhere.CreatePet200ResponseBody](),
	"create_pet request": as[everywhere.CreatePetRequestBody](),
	"get_anything 200":   as[any](),
	"get_anything 400":   as[everywhere.GetAnything400ResponseBody](),
	"post_lists 201":     as[[]string](),
	"post_lists 202":     as[map[string]string](),
	"put_shape 200":      as[[]everywhere.PutShape200ResponseBodyItem](),
	"put_shape default":  as[everywhere.PutShapeDefaultResponseBody](),
}
