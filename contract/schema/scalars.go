package schema

import "slices"

// What the spellings of package wire ask a schema: whether a text is a number, a list, an object, or just text.

// allTypes are the types that values of the schema may have, by allOf and in each variant; 0 for any type.
func (s *Schema) allTypes(depth int) Types {
	if s == nil || depth > 8 {
		return 0
	}
	types := s.effectiveTypes(new([]*Schema))
	if types != 0 {
		return types
	}
	for _, variants := range [][]*Schema{s.OneOf, s.AnyOf} {
		for _, variant := range variants {
			t := variant.allTypes(depth + 1)
			if t == 0 {
				return 0
			}
			types |= t
		}
	}
	return types
}

// ScalarTypes are the types of scalars that values may have; 0 if they are always objects or arrays. Where any type will do, text is a string.
func (s *Schema) ScalarTypes() Types {
	types := s.get().types(s)
	if types == 0 {
		return String
	}
	return types &^ (Array | Object)
}

// CompositeTypes are Array and Object as far as values may have them.
func (s *Schema) CompositeTypes() Types { return s.get().types(s) & (Array | Object) }

// IsList reports whether values are arrays and not scalars.
func (s *Schema) IsList() bool {
	types := s.get().types(s) &^ Null
	return types == Array
}

// IsObject reports whether values are objects and not scalars.
func (s *Schema) IsObject() bool {
	types := s.get().types(s) &^ Null
	return types == Object
}

func (d *derived) types(s *Schema) Types {
	if known := d.spelled.Load(); known != 0 {
		return Types(known - 1)
	}
	types := s.allTypes(0)
	d.spelled.Store(uint32(types) + 1)
	return types
}

var anyValue = new(Schema)

// Item is the schema of an item of an array.
func (s *Schema) Item(i int) *Schema {
	switch {
	case i < len(s.PrefixItems):
		return s.PrefixItems[i]
	case s.Items != nil:
		return s.Items
	}
	for _, parts := range [][]*Schema{s.AllOf, s.OneOf, s.AnyOf} {
		for _, part := range parts {
			if item := part.Item(i); item != anyValue {
				return item
			}
		}
	}
	return anyValue
}

// Member is the schema of a member of an object, whether it is declared or not. Where several parts declare it, such as the variants of a
// union, it is any of theirs.
func (s *Schema) Member(name string) *Schema {
	if p := s.Property(name); p != nil {
		return p.schema()
	}
	var found []*Schema
	s.eachPart(0, func(part *Schema) {
		if p := part.Property(name); p != nil && !slices.Contains(found, p.schema()) {
			found = append(found, p.schema())
		}
	})
	switch len(found) {
	case 0:
	case 1:
		return found[0]
	default:
		return &Schema{AnyOf: found}
	}
	if of, _ := s.Undeclared(name); of != nil {
		return of
	}
	s.eachPart(0, func(part *Schema) {
		if of, _ := part.Undeclared(name); of != nil && !of.Never && len(found) == 0 {
			found = append(found, of)
		}
	})
	if len(found) > 0 {
		return found[0]
	}
	return anyValue
}

// eachPart visits the parts of allOf, oneOf and anyOf, and their parts.
func (s *Schema) eachPart(depth int, visit func(*Schema)) {
	if depth > 8 {
		return
	}
	for _, parts := range [][]*Schema{s.AllOf, s.OneOf, s.AnyOf} {
		for _, part := range parts {
			if part != nil {
				visit(part)
				part.eachPart(depth+1, visit)
			}
		}
	}
}

// Declares reports whether the schema or a part of it describes a member by its name.
func (s *Schema) Declares(name string) bool {
	declares := func(s *Schema) bool {
		if s.Index(name) >= 0 {
			return true
		}
		_, matched := s.Undeclared(name)
		return matched
	}
	found := declares(s)
	s.eachPart(0, func(part *Schema) { found = found || declares(part) })
	return found
}

// Open reports whether an object is described by what its members are rather than by their names: a map, or an object with described
// additional members.
func (s *Schema) Open() bool {
	declared, additional := len(s.Properties) > 0, s.Additional != nil && !s.Additional.Never
	closed := s.Additional != nil && s.Additional.Never
	s.eachPart(0, func(part *Schema) {
		declared = declared || len(part.Properties) > 0
		additional = additional || part.Additional != nil && !part.Additional.Never
	})
	return additional || !declared && !closed
}

// Closed reports whether no other members are allowed than those that are declared.
func (s *Schema) Closed() bool {
	return s.Additional != nil && s.Additional.Never && len(s.Patterns) == 0
}

// WantType says what values the schema describes, in words that fit after "want".
func (s *Schema) WantType() string { return s.wantType() }
