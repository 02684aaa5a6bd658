package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/interconnect-go/interconnect/contract/wire"
)

// Generated types validate in their methods MarshalJSON and UnmarshalJSON. These functions are for values of services that know more than the
// document does, or less.

// UnmarshalTolerant reads JSON text into a value of a generated type as a client reads a response: everything is tolerated that the Go type
// can hold. It returns the deviations, except undeclared members where there is nothing else. The error is a [*ValidationError]; then the value
// is not changed.
func UnmarshalTolerant(text []byte, v json.Unmarshaler) (deviations []Violation, err error) {
	err = v.UnmarshalJSON(text)
	var invalid *wire.UnmarshalError
	if errors.As(err, &invalid) {
		return invalid.Tolerate()
	}
	return nil, err
}

// MarshalTolerant writes a value of a generated type as JSON text, also if it deviates from its schema in what [UnmarshalTolerant] tolerates.
// It is for values that were read tolerantly, and are to be kept or shown. The values in a []any and a map[string]any are written likewise,
// everything else as by [json.Marshal], but that "<", ">" and "&" stay as they are.
func MarshalTolerant(v any) ([]byte, error) {
	switch v := v.(type) {
	case json.Marshaler:
		if value := reflect.ValueOf(v); value.Kind() == reflect.Pointer && value.IsNil() {
			return []byte("null"), nil
		}
		text, err := v.MarshalJSON()
		var invalid *wire.MarshalError
		if errors.As(err, &invalid) {
			return invalid.Text(), nil
		}
		return text, err
	case []any:
		items := make([]json.RawMessage, len(v))
		for i, item := range v {
			var err error
			if items[i], err = MarshalTolerant(item); err != nil {
				return nil, err
			}
		}
		return marshal(items)
	case map[string]any:
		members := make(map[string]json.RawMessage, len(v))
		for name, value := range v {
			var err error
			if members[name], err = MarshalTolerant(value); err != nil {
				return nil, err
			}
		}
		return marshal(members)
	}
	return marshal(v)
}

func marshal(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
