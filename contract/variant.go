package contract

import (
	"encoding/json"
	"fmt"
)

// MarshalVariant encodes the value of a union as its variant with the given index. The error is a [*ValidationError]
// if the text is not valid or would be read as another variant.
func MarshalVariant(union *Schema, variant int, value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	c := newChecker(Undirected, strict)
	defer c.free()
	c.completes = true
	err = c.run(union, string(data))
	if err != nil || c.variant != variant {
		// What is wrong is best said of the variant that is meant.
		if _, invalid := union.OneOf[variant].complete(data, Undirected); invalid != nil {
			return nil, invalid
		}
	}
	if err != nil {
		return nil, err
	}
	if c.variant != variant {
		return nil, &ValidationError{Violations: []Violation{{
			Rule: "oneOf",
			Want: "a value that is read back as " + variantName(union, variant),
		}}}
	}
	return c.edited(data, toSend), nil
}

// Decode decodes the text of a variant.
func Decode[T any](text []byte, unmarshal func([]byte, any) error) (T, error) {
	var v T
	err := unmarshal(text, &v)
	return v, err
}

// NoVariant is the error of encoding the zero value of a union.
func NoVariant(union string) error {
	return fmt.Errorf("the %s holds no variant; make one with New%s", union, union)
}
