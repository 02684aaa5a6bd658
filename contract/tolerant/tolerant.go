// Package tolerant decodes what tolerant reading lets through: the text of [contract.Schema.CheckTolerant], or the body of a
// response from a transport with [contract.TransportOptions.OnConcession]. encoding/json would refuse it, as the unions within
// are strict when it decodes them.
//
// It is a package of its own because it needs the next encoding/json, which the generated code does not.
package tolerant

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An unmarshaler is a pointer to a union, or to an object with additional properties, which decode themselves.
type unmarshaler interface {
	UnmarshalTolerant(data []byte, unmarshal func([]byte, any) error) error
}

// options has json.Unmarshal call UnmarshalTolerant where there is one. It is set in init because that leads back to Unmarshal.
var options json.Options

func init() {
	options = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, u unmarshaler) error {
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		return u.UnmarshalTolerant(value, Unmarshal)
	}))
}

// Unmarshal decodes data into v, a pointer, like [encoding/json.Unmarshal], but with unions read tolerantly wherever they
// stand.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v, options) }
