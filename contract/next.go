package contract

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalTo is the MarshalJSONTo of a union, for encoding/json/v2.
func MarshalTo(e *jsontext.Encoder, union json.Marshaler) error {
	text, err := union.MarshalJSON()
	if err != nil {
		return err
	}
	return e.WriteValue(text)
}

// UnmarshalFrom is the UnmarshalJSONFrom of a union, for encoding/json/v2.
func UnmarshalFrom(d *jsontext.Decoder, union json.Unmarshaler) error {
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	return union.UnmarshalJSON(text)
}
