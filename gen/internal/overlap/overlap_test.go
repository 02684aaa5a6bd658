package overlap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/interconnect-go/interconnect/contract/schema"
	"github.com/interconnect-go/interconnect/gen/internal/model"
	"github.com/interconnect-go/interconnect/gen/internal/source"
)

// A pairCase has the components A, B and whatever they refer to, one per line in YAML's flow style, and the payload that
// must be found; none if the two can be told apart.
type pairCase struct {
	name    string
	schemas string
	want    string
}

var pairCases = []pairCase{
	// Objects: which members are required decides.
	{"identical", `
		A: {type: object, required: [a], properties: {a: {type: string}}}
		B: {type: object, required: [a], properties: {a: {type: string}}}`, `{"a":"string"}`},
	{"subset of required, open", `
		A: {type: object, required: [a], properties: {a: {type: string}}}
		B: {type: object, required: [a, b], properties: {a: {type: string}, b: {type: integer}}}`, `{"a":"string","b":1}`},
	{"subset of required, the smaller closed", `
		A: {type: object, required: [a], additionalProperties: false, properties: {a: {type: string}}}
		B: {type: object, required: [a, b], properties: {a: {type: string}, b: {type: integer}}}`, ``},
	{"subset of required, the larger closed", `
		A: {type: object, required: [a], properties: {a: {type: string}}}
		B: {type: object, required: [a, b], additionalProperties: false, properties: {a: {type: string}, b: {type: integer}}}`, `{"a":"string","b":1}`},
	{"different required, open", `
		A: {type: object, required: [a], properties: {a: {type: string}}}
		B: {type: object, required: [b], properties: {b: {type: string}}}`, ``},
	{"all optional", `
		A: {type: object, properties: {a: {type: string}}}
		B: {type: object, properties: {b: {type: string}}}`, `{}`},
	{"all optional, closed", `
		A: {type: object, additionalProperties: false, properties: {a: {type: string}}}
		B: {type: object, additionalProperties: false, properties: {b: {type: string}}}`, `{}`},
	{"optional against required", `
		A: {type: object, properties: {a: {type: string}}}
		B: {type: object, required: [b], properties: {b: {type: string}}}`, `{"b":"string"}`},
	{"undeclared required member", `
		A: {type: object, required: [a]}
		B: {type: object, required: [a], properties: {a: {type: boolean}}}`, `{"a":true}`},
	{"nested requirements overlap only partly", `
		A: {type: object, required: [a, b], properties: {a: {type: object}, b: {type: object, required: [y]}}}
		B: {type: object, required: [a, b], properties: {a: {type: object, required: [x]}, b: {type: object}}}`, ``},
	{"nested requirement on one side", `
		A: {type: object, required: [a], properties: {a: {type: object}}}
		B: {type: object, required: [a], properties: {a: {type: object, required: [x], properties: {x: {type: integer}}}}}`, `{"a":{"x":1}}`},

	// Objects: what the members may be.
	{"tags differ", `
		A: {type: object, required: [type], properties: {type: {type: string, enum: [direct]}}}
		B: {type: object, required: [type], properties: {type: {type: string, enum: [gcp_partner]}}}`, ``},
	{"tags overlap", `
		A: {type: object, required: [type], properties: {type: {type: string, enum: [a, b]}}}
		B: {type: object, required: [type], properties: {type: {type: string, enum: [b, c]}}}`, `{"type":"b"}`},
	{"tag required in one only", `
		A: {type: object, required: [type], properties: {type: {type: string, enum: [a]}}}
		B: {type: object, properties: {type: {type: string, enum: [b]}}}`, ``},
	{"tags optional", `
		A: {type: object, properties: {type: {type: string, enum: [a]}}}
		B: {type: object, properties: {type: {type: string, enum: [b]}}}`, `{}`},
	{"tag without enum in one", `
		A: {type: object, required: [type], properties: {type: {type: string, enum: [direct]}}}
		B: {type: object, required: [type], properties: {type: {type: string}}}`, `{"type":"direct"}`},
	{"member types differ", `
		A: {type: object, required: [a], properties: {a: {type: string}}}
		B: {type: object, required: [a], properties: {a: {type: integer}}}`, ``},
	{"member types differ, both nullable", `
		A: {type: object, required: [a], properties: {a: {type: string, nullable: true}}}
		B: {type: object, required: [a], properties: {a: {type: integer, nullable: true}}}`, `{"a":null}`},
	{"additional members of a type", `
		A: {type: object, additionalProperties: {type: integer}}
		B: {type: object, required: [a], properties: {a: {type: string}}}`, ``},
	{"additional members of the same type", `
		A: {type: object, additionalProperties: {type: string, maxLength: 3}}
		B: {type: object, required: [a], properties: {a: {type: string}}}`, `{"a":"a"}`},
	{"empty map against empty object", `
		A: {type: object, additionalProperties: {type: integer}}
		B: {type: object, properties: {a: {type: string}}}`, `{}`},
	{"examples are preferred", `
		A: {type: object, required: [id, speed], example: {id: lab, speed: 10G, note: x}, properties: {id: {type: string}, speed: {type: string}}}
		B: {type: object, required: [id], properties: {id: {type: string, example: x1}}}`, `{"id":"lab","speed":"10G"}`},
	{"example of the member", `
		A: {type: object, required: [id], properties: {id: {type: string, example: x1}}}
		B: {type: object, required: [id], properties: {id: {type: string}}}`, `{"id":"x1"}`},
	{"default of the member", `
		A: {type: object, required: [mtu], properties: {mtu: {type: integer, default: 1500}}}
		B: {type: object, required: [mtu], properties: {mtu: {type: integer}}}`, `{"mtu":1500}`},
	{"example that only one accepts", `
		A: {type: object, required: [id], properties: {id: {type: string, example: x1}}}
		B: {type: object, required: [id], properties: {id: {type: string, minLength: 6}}}`, `{"id":"string"}`},
	{"enum of objects", `
		A: {type: object, enum: [{a: 1, b: 2}, {a: 2}]}
		B: {type: object, required: [a], properties: {a: {type: integer, minimum: 2}}}`, `{"a":2}`},

	// minProperties and maxProperties.
	{"minProperties picks a declared member", `
		A: {type: object, minProperties: 1, properties: {a: {type: string}, b: {type: integer}}}
		B: {type: object, required: [b], properties: {b: {type: integer}}}`, `{"b":1}`},
	{"minProperties beyond the declared members", `
		A: {type: object, minProperties: 2, properties: {a: {type: string}}}
		B: {type: object}`, `{"a":"string","member1":"string"}`},
	{"minProperties against the empty object", `
		A: {type: object, additionalProperties: false, minProperties: 1, properties: {a: {type: string}}}
		B: {type: object, additionalProperties: false, properties: {b: {type: string}}}`, ``},
	{"maxProperties against required", `
		A: {type: object, maxProperties: 1, required: [a]}
		B: {type: object, required: [a, b]}`, ``},
	{"maxProperties against minProperties", `
		A: {type: object, maxProperties: 2}
		B: {type: object, minProperties: 3}`, ``},
	{"minProperties larger than the search", `
		A: {type: object, minProperties: 1000000000}
		B: {type: object, minProperties: 1000000000}`, ``},

	// Scalars.
	{"any string and a UUID", `
		A: {type: string}
		B: {type: string, format: uuid}`, `"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"`},
	{"date and UUID", `
		A: {type: string, format: date}
		B: {type: string, format: uuid}`, ``},
	{"date-time and date", `
		A: {type: string, format: date-time}
		B: {type: string, format: date}`, ``},
	{"ipv4 and ipv6", `
		A: {type: string, format: ipv4}
		B: {type: string, format: ipv6}`, ``},
	{"email and uri", `
		A: {type: string, format: email}
		B: {type: string, format: uri}`, ``},
	{"hostname and ipv4", `
		A: {type: string, format: hostname}
		B: {type: string, format: ipv4}`, `"192.0.2.1"`},
	{"hostname and date, found by intersection", `
		A: {type: string, format: hostname, maxLength: 10}
		B: {type: string, format: uuid, maxLength: 10}`, ``},
	{"base64 of a fixed length", `
		A: {type: string, format: byte, minLength: 12, maxLength: 12}
		B: {type: string, format: byte}`, `"aaaaaaaaaaaa"`},
	{"unknown formats are annotations", `
		A: {type: string, format: md5}
		B: {type: string, format: password}`, `"string"`},
	{"UUID with a pattern", `
		A: {type: string, format: uuid, pattern: '^00'}
		B: {type: string, format: uuid, pattern: '0ff$'}`, `"00aaaaaa-aaaa-aaaa-aaaa-aaaaaaaaa0ff"`},
	{"integer and number", `
		A: {type: integer}
		B: {type: number}`, `1`},
	{"integer and number between integers", `
		A: {type: integer}
		B: {type: number, minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true}`, ``},
	{"numbers between integers", `
		A: {type: number, maximum: 1, exclusiveMaximum: true}
		B: {type: number, minimum: 0, exclusiveMinimum: true}`, `0.1`},
	{"ranges that touch", `
		A: {type: integer, maximum: 5}
		B: {type: integer, minimum: 5}`, `5`},
	{"ranges that touch at an excluded bound", `
		A: {type: integer, maximum: 5, exclusiveMaximum: true}
		B: {type: integer, minimum: 5}`, ``},
	{"negative range", `
		A: {type: integer, maximum: -10}
		B: {type: integer, minimum: -12}`, `-10`},
	{"common multiple", `
		A: {type: integer, multipleOf: 6}
		B: {type: integer, multipleOf: 10, minimum: 31}`, `60`},
	{"no common multiple in range", `
		A: {type: integer, multipleOf: 6}
		B: {type: integer, multipleOf: 10, minimum: 31, maximum: 59}`, ``},
	{"multiple of a fraction", `
		A: {type: number, multipleOf: 0.1, minimum: 0.25}
		B: {type: number, multipleOf: 0.03}`, `0.3`},
	{"beyond int32", `
		A: {type: integer, format: int32}
		B: {type: integer, minimum: 2147483648}`, ``},
	{"ASN fits int64 and uint32", `
		A: {type: integer, format: int64, minimum: 4200000000}
		B: {type: integer, format: uint32}`, `4200000000`},
	{"uint8 against large", `
		A: {type: integer, format: uint8}
		B: {type: integer, minimum: 256}`, ``},
	{"booleans", `
		A: {type: boolean}
		B: {type: boolean, enum: [false]}`, `false`},
	{"string and integer", `
		A: {type: string}
		B: {type: integer}`, ``},
	{"string and integer, both nullable", `
		A: {type: string, nullable: true}
		B: {type: integer, nullable: true}`, `null`},
	{"one nullable", `
		A: {type: string, nullable: true}
		B: {type: integer}`, ``},
	{"nullable, but something better than null fits", `
		A: {type: object, nullable: true, required: [a]}
		B: {type: object, nullable: true, required: [a, b]}`, `{"a":"string","b":"string"}`},
	{"enums overlap", `
		A: {type: string, enum: [a, b]}
		B: {type: string, enum: [b, c]}`, `"b"`},
	{"enums disjoint", `
		A: {type: string, enum: [a, b]}
		B: {type: string, enum: [c, d]}`, ``},
	{"enums of numbers", `
		A: {type: integer, enum: [1, 2]}
		B: {type: number, enum: [2.0, 3.5]}`, `2`},
	{"large enums", `
		A: {type: integer, enum: [` + numbersFrom(0, 1500) + `]}
		B: {type: integer, enum: [` + numbersFrom(1499, 1500) + `]}`, `1499`},
	{"enum in one", `
		A: {type: string}
		B: {type: string, enum: [only]}`, `"only"`},
	{"lengths disjoint", `
		A: {type: string, maxLength: 4}
		B: {type: string, minLength: 5}`, ``},
	{"lengths touch", `
		A: {type: string, maxLength: 9}
		B: {type: string, minLength: 9}`, `"aaaaaaaaa"`},
	{"length larger than the search", `
		A: {type: string, minLength: 1000000000}
		B: {type: string, minLength: 1000000000}`, ``},

	// Patterns.
	{"patterns disjoint", `
		A: {type: string, pattern: '^a'}
		B: {type: string, pattern: '^b'}`, ``},
	{"patterns unanchored", `
		A: {type: string, pattern: 'foo'}
		B: {type: string, pattern: 'bar'}`, `"barfoo"`},
	{"patterns intersect at one string", `
		A: {type: string, pattern: '^(cat|dog|bird)$'}
		B: {type: string, pattern: '^[a-z]*o[a-z]*$'}`, `"dog"`},
	{"patterns intersect beyond the samples of each", `
		A: {type: string, pattern: '^a+$'}
		B: {type: string, pattern: '^(..){3}(...)+$'}`, `"aaaaaaaaa"`},
	{"pattern with word boundaries", `
		A: {type: string, pattern: '\bfoo\b'}
		B: {type: string, pattern: '^.{5}$'}`, `"a-foo"`},
	{"pattern against length", `
		A: {type: string, pattern: '^[a-z]{2,4}$'}
		B: {type: string, minLength: 5}`, ``},
	{"pattern against format", `
		A: {type: string, pattern: '^[a-z]+$'}
		B: {type: string, format: date}`, ``},
	{"pattern with characters outside of ASCII", `
		A: {type: string, pattern: '^[sS][tT][rR][aA]ße|STRAßE$'}
		B: {type: string, pattern: '^[A-Zß]+$'}`, `"STRAßE"`},
	{"pattern outside ASCII", `
		A: {type: string, pattern: '^\u00E9+$'}
		B: {type: string, minLength: 2}`, `"éé"`},
	{"MD5 key", `
		A: {type: string, pattern: '^[!-~]{1,80}$'}
		B: {type: string, pattern: '^[0-9]+$', minLength: 3}`, `"000"`},
	{"pattern that nothing matches", `
		A: {type: string, pattern: 'a^'}
		B: {type: string}`, ``},

	// Arrays.
	{"arrays without minItems", `
		A: {type: array, items: {type: string}}
		B: {type: array, items: {type: integer}}`, `[]`},
	{"arrays with minItems", `
		A: {type: array, minItems: 1, items: {type: string}}
		B: {type: array, items: {type: integer}}`, ``},
	{"arrays with items in common", `
		A: {type: array, minItems: 2, items: {type: string, enum: [a, b]}}
		B: {type: array, items: {type: string, enum: [b, c]}}`, `["b","b"]`},
	{"unique items", `
		A: {type: array, minItems: 2, items: {type: string, enum: [a, b, c]}}
		B: {type: array, uniqueItems: true, items: {type: string, enum: [b, c, d]}}`, `["b","c"]`},
	{"not enough unique items", `
		A: {type: array, minItems: 2, items: {type: string, enum: [a, b]}}
		B: {type: array, uniqueItems: true, items: {type: string, enum: [b, c]}}`, ``},
	{"unique characters", `
		A: {type: array, minItems: 20, uniqueItems: true, items: {type: string, minLength: 1, maxLength: 1}}
		B: {type: array, items: {type: string, pattern: '^[a-z]$'}}`, `["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q","r","s","t"]`},
	{"maxItems against minItems", `
		A: {type: array, maxItems: 2}
		B: {type: array, minItems: 3}`, ``},
	{"arrays of any items", `
		A: {type: array, minItems: 1}
		B: {type: array, minItems: 1, items: {type: object, required: [a], properties: {a: {type: boolean}}}}`, `[{"a":true}]`},
	{"example of the array", `
		A: {type: array, minItems: 1, items: {type: string}, example: [192.0.2.0/24, x]}
		B: {type: array, items: {type: string}}`, `["192.0.2.0/24"]`},
	{"array and object", `
		A: {type: array}
		B: {type: object}`, ``},

	// Schemas without type.
	{"no type at all", `
		A: {}
		B: {}`, `"string"`},
	{"no type against a type", `
		A: {}
		B: {type: integer, minimum: 7}`, `7`},
	{"required without type allows any scalar", `
		A: {required: [a]}
		B: {required: [b]}`, `"string"`},
	{"no type, same members", `
		A: {required: [a], properties: {a: {type: string}}}
		B: {required: [a], properties: {a: {type: string}}}`, `{"a":"string"}`},

	// allOf, anyOf, oneOf, not.
	{"allOf merges required members", `
		A: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [a]}]}
		B: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [b]}]}
		Base: {type: object, required: [id], properties: {id: {type: string}, a: {type: string}, b: {type: string}}}`, ``},
	{"allOf merges tags", `
		A: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {type: {enum: [a]}}}]}
		B: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {type: {enum: [b]}}}]}
		Base: {type: object, required: [type], properties: {type: {type: string}}}`, ``},
	{"allOf without difference", `
		A: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {a: {type: string}}}]}
		B: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {b: {type: string}}}]}
		Base: {type: object, required: [id], properties: {id: {type: string, format: uuid}}}`, `{"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}`},
	{"allOf intersects the bounds of a member", `
		A: {type: object, required: [n], allOf: [{properties: {n: {type: integer, minimum: 3}}}, {properties: {n: {multipleOf: 5}}}]}
		B: {type: object, required: [n], properties: {n: {type: number, maximum: 7}}}`, `{"n":5}`},
	{"allOf closes an object", `
		A: {allOf: [{type: object, additionalProperties: false, properties: {a: {type: string}}}, {required: [b]}]}
		B: {type: object}`, ``},
	{"anyOf", `
		A: {anyOf: [{type: string}, {type: object, required: [a], properties: {a: {type: string}}}]}
		B: {type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}}`, `{"a":"string","b":"string"}`},
	{"anyOf of required members, told apart", `
		A: {type: object, anyOf: [{required: [a]}, {required: [b]}]}
		B: {type: object, anyOf: [{required: [c]}, {required: [d]}]}`, ``},
	{"anyOf of required members, overlapping", `
		A: {type: object, anyOf: [{required: [a]}, {required: [b]}]}
		B: {type: object, anyOf: [{required: [b]}, {required: [d]}]}`, `{"b":"string"}`},
	{"nested oneOf", `
		A: {oneOf: [{type: object, required: [t], properties: {t: {type: string, enum: [x]}}}, {type: object, required: [t], properties: {t: {type: string, enum: [y]}}}]}
		B: {type: object, required: [t], properties: {t: {type: string, enum: [y, z]}}}`, `{"t":"y"}`},
	{"nested oneOf, told apart", `
		A: {oneOf: [{type: object, required: [t], properties: {t: {type: string, enum: [x]}}}, {type: object, required: [t], properties: {t: {type: string, enum: [y]}}}]}
		B: {type: object, required: [t], properties: {t: {type: string, enum: [z]}}}`, ``},
	{"nested oneOf that refuses what both of its variants accept", `
		A: {oneOf: [{type: integer}, {type: number}]}
		B: {type: integer}`, ``},
	{"nested oneOf that leaves fractions", `
		A: {oneOf: [{type: integer}, {type: number}]}
		B: {type: number}`, `0.5`},
	{"nested oneOf with discriminator", `
		A: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: Dog}}}
		B: {type: object, required: [kind, bark], properties: {kind: {type: string}, bark: {type: string}}}
		Cat: {type: object, required: [meow], properties: {meow: {type: string}}}
		Dog: {type: object, required: [bark], properties: {bark: {type: string}}}`, `{"bark":"string","kind":"dog"}`},
	{"nested oneOf with discriminator, told apart", `
		A: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog'}}}
		B: {type: object, required: [kind], properties: {kind: {type: string, enum: [bird]}}}
		Cat: {type: object}
		Dog: {type: object}`, ``},
	{"nested oneOf with discriminator without mapping", `
		A: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind}}
		B: {type: object, required: [kind]}
		Cat: {type: object, required: [meow], properties: {meow: {type: string}}}
		Dog: {type: object, required: [kind, bark], properties: {bark: {type: string}}}`, `{"kind":"Cat","meow":"string"}`},
	{"not", `
		A: {type: string}
		B: {type: string, not: {enum: [string, text]}}`, `"value"`},
	{"not that tells apart", `
		A: {type: object, required: [a]}
		B: {type: object, required: [b], not: {required: [a]}}`, ``},
	{"not with required members", `
		A: {type: object, required: [a]}
		B: {type: object, not: {required: [a]}}`, ``},
	{"not a type", `
		A: {not: {type: string}}
		B: {}`, `1`},
	{"not that excludes all of the other", `
		A: {type: string, maxLength: 3}
		B: {type: string, not: {type: string, maxLength: 3}}`, ``},

	// Recursion.
	{"recursive list", `
		A: {type: object, required: [value, next], properties: {value: {type: integer}, next: {type: object, nullable: true, allOf: [{$ref: '#/components/schemas/A'}]}}}
		B: {type: object, required: [next], properties: {next: {nullable: true, allOf: [{$ref: '#/components/schemas/B'}]}}}`, `{"next":null,"value":1}`},
	{"recursion without end", `
		A: {type: object, required: [next], properties: {next: {$ref: '#/components/schemas/A'}}}
		B: {type: object, required: [next], properties: {next: {$ref: '#/components/schemas/B'}}}`, ``},
	{"recursive tree", `
		A: {type: object, required: [children], properties: {children: {type: array, items: {$ref: '#/components/schemas/A'}}}}
		B: {type: object, required: [children], properties: {children: {type: array, items: {$ref: '#/components/schemas/B'}}}}`, `{"children":[]}`},
	{"mutual recursion that ends on one way", `
		A: {type: object, required: [x, y], properties: {x: {$ref: '#/components/schemas/X'}, y: {$ref: '#/components/schemas/Y'}}}
		B: {type: object}
		X: {oneOf: [{type: object, required: [y], properties: {y: {$ref: '#/components/schemas/Y'}}}, {type: integer}]}
		Y: {type: object, required: [x], properties: {x: {$ref: '#/components/schemas/X'}}}`, `{"x":1,"y":{"x":1}}`},
	{"allOf in a circle", `
		A: {type: object, required: [a], allOf: [{$ref: '#/components/schemas/C'}]}
		B: {type: object, required: [a]}
		C: {anyOf: [{$ref: '#/components/schemas/A'}, {type: object}]}`, `{"a":"string"}`},

	// The shapes of the CNI document.
	{"create bodies, tagged", `
		A: {type: object, required: [account, slot_id, type], properties: {account: {type: string}, slot_id: {type: string, format: uuid}, type: {type: string, enum: [direct]}}}
		B: {type: object, required: [account, bandwidth, pairing_key, type], properties: {account: {type: string}, bandwidth: {type: string, enum: [50M, 1G]}, pairing_key: {type: string}, type: {type: string, enum: [gcp_partner]}}}`, ``},
	{"create bodies, untagged", `
		A: {type: object, required: [account, slot_id, type], properties: {account: {type: string}, slot_id: {type: string, format: uuid}, type: {type: string}}}
		B: {type: object, required: [account, bandwidth, pairing_key, type], properties: {account: {type: string}, bandwidth: {type: string, enum: [50M, 1G]}, pairing_key: {type: string}, type: {type: string}}}`, ``},
	{"status variants", `
		A: {type: object, required: [state], properties: {state: {type: string, enum: [Pending]}}}
		B: {type: object, required: [state, reason], properties: {state: {type: string, enum: [Down]}, reason: {type: string, nullable: true}}}`, ``},
}

func numbersFrom(first, n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint(first+i))
	}
	return strings.Join(list, ", ")
}

func TestWitness(t *testing.T) {
	for _, tc := range pairCases {
		t.Run(tc.name, func(t *testing.T) {
			f, a, b := load(t, tc.schemas)
			payload, found := f.Witness(a, b, nil)
			if found != (tc.want != "") || found && payload != tc.want {
				t.Errorf("found %q, want %q", payload, tc.want)
			}
			if found {
				check(t, a, b, payload)
			}

			payload, reverse := f.Witness(b, a, nil)
			if found != reverse {
				t.Errorf("Witness(A, B) %t, Witness(B, A) %t", found, reverse)
			} else if reverse {
				check(t, a, b, payload)
			}
		})
	}
}

// TestBounded tries documents that are made to keep the search busy for ever.
func TestBounded(t *testing.T) {
	union := func(n int, variant string) string {
		return "[" + strings.Repeat(variant+", ", n-1) + variant + "]"
	}
	chain := func(n int, schema string) string {
		lines := []string{"A: {$ref: '#/components/schemas/S0'}", "B: {$ref: '#/components/schemas/S0'}"}
		for i := range n {
			next := fmt.Sprintf("{$ref: '#/components/schemas/S%d'}", i+1)
			lines = append(lines, fmt.Sprintf("S%d: %s", i, strings.ReplaceAll(schema, "NEXT", next)))
		}
		lines = append(lines, fmt.Sprintf("S%d: {type: object, required: [a], properties: {a: {enum: [never], maxLength: 1}}}", n))
		return strings.Join(lines, "\n")
	}
	var fractions string
	for i := range 1000 {
		fractions += fmt.Sprintf("{type: number, multipleOf: 1.%de-300}, ", 2*i+1)
	}
	for _, tc := range []struct{ name, schemas string }{
		{"allOf doubles", chain(40, "{allOf: [NEXT, NEXT]}")},
		{"anyOf doubles", chain(40, "{anyOf: [NEXT, NEXT]}")},
		{"oneOf doubles", chain(40, "{oneOf: [NEXT, NEXT]}")},
		{"not doubles", chain(40, "{not: NEXT}")},
		{"members double", chain(40, "{type: object, required: [l, r], properties: {l: NEXT, r: NEXT}}")},
		{"members double under allOf", chain(20, "{type: object, required: [l, r], properties: {l: {allOf: [NEXT]}, r: {allOf: [NEXT, {minProperties: 1}]}}}")},
		{"empty schemas in a circle", `
			A: {properties: {next: {$ref: '#/components/schemas/B'}}}
			B: {properties: {next: {$ref: '#/components/schemas/A'}}}`},
		{"recursion in many members", `
			A: {type: object, required: [a, b, c], properties: {a: {$ref: '#/components/schemas/A'}, b: {$ref: '#/components/schemas/B'}, c: {$ref: '#/components/schemas/C'}}}
			B: {type: object, required: [a, b, c], properties: {a: {$ref: '#/components/schemas/B'}, b: {$ref: '#/components/schemas/C'}, c: {$ref: '#/components/schemas/A'}}}
			C: {type: object, required: [a, b, c], properties: {a: {$ref: '#/components/schemas/C'}, b: {$ref: '#/components/schemas/A'}, c: {$ref: '#/components/schemas/B'}}}`},
		{"large automaton", `
			A: {type: string, pattern: '(a|b)*a(a|b){400}$'}
			B: {type: string, pattern: '(a|b)*b(a|b){401}$', maxLength: 300}`},
		{"many states", `
			A: {type: string, pattern: '^(.?){200}(a|b|c|d|e)*x.{30}$'}
			B: {type: string, pattern: '^[^x]*$'}`},
		{"long strings", `
			A: {type: string, minLength: 4000, pattern: '^[a-z]*$'}
			B: {type: string, minLength: 4000, pattern: '[0-9]$'}`},
		{"wide unions", `
			A: {allOf: [{anyOf: ` + union(40, `{type: object, required: [a]}`) + `}, {anyOf: ` + union(40, `{type: object, required: [b]}`) + `}]}
			B: {allOf: [{anyOf: ` + union(40, `{type: object, required: [c]}`) + `}, {anyOf: ` + union(40, `{type: object, required: [b]}`) + `}]}`},
		{"many unique items", `
			A: {type: array, minItems: 256, uniqueItems: true, items: {type: number, minimum: 0, maximum: 0.001}}
			B: {type: array, minItems: 256, uniqueItems: true, items: {type: array, minItems: 256, uniqueItems: true}}`},
		{"extreme numbers", `
			A: {type: number, multipleOf: 5e-324, minimum: 1e308}
			B: {type: number, multipleOf: 1e-300, maximum: -1e308}`},
		{"arrays of arrays", `
			A: {type: array, minItems: 256, items: {$ref: '#/components/schemas/C'}}
			B: {type: array, minItems: 256, items: {$ref: '#/components/schemas/C'}}
			C: {type: array, minItems: 256, items: {type: array, minItems: 256, items: {type: array, minItems: 256, items: {type: array, minItems: 256}}}}`},
		{"multiples of everything", "A: {allOf: [" + fractions + "]}\nB: {type: number}"},
		{"minProperties with many members", `
			A: {type: object, minProperties: 200, additionalProperties: {type: string, enum: [a]}}
			B: {type: object, maxProperties: 199}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, a, b := load(t, tc.schemas)
			payload, found := f.Witness(a, b, nil) // without maxWork, this would run into the timeout of go test
			if found {
				check(t, a, b, payload)
			}
		})
	}
}

func BenchmarkWitness(b *testing.B) {
	for _, tc := range pairCases {
		switch tc.name {
		case "tags differ", "create bodies, tagged", "create bodies, untagged", "subset of required, open", "UUID with a pattern", "patterns disjoint":
			b.Run(tc.name, func(b *testing.B) {
				f, one, two := load(b, tc.schemas)
				b.ReportAllocs()
				for b.Loop() {
					f.Witness(one, two, nil)
				}
			})
		}
	}
}

// load reads components in YAML and returns A and B, and a finder that knows the examples.
func load(t testing.TB, components string) (f *Finder, a, b *schema.Schema) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(components), "\n")
	for i := range lines {
		lines[i] = "    " + strings.TrimSpace(lines[i])
	}
	return loadDocument(t, "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"+strings.Join(lines, "\n"))
}

func loadDocument(t testing.TB, document string) (f *Finder, a, b *schema.Schema) {
	t.Helper()
	doc, found := source.Load("openapi.yaml", func(string) ([]byte, error) { return []byte(document), nil }, source.Options{})
	if doc == nil {
		t.Fatalf("%v\n%s", found, document)
	}
	api, _ := model.Build(doc, model.Options{Package: "p"}) // the schemas are there, whatever else is wrong
	for _, c := range api.Components {
		switch c.Key {
		case "A":
			a = c.Schema
		case "B":
			b = c.Schema
		}
	}
	return &Finder{Examples: api.Examples}, a, b
}

func check(t testing.TB, a, b *schema.Schema, payload string) {
	t.Helper()
	if !accepted(a, payload) {
		t.Errorf("A refuses %s: %v", payload, a.Check([]byte(payload), schema.InResponse))
	}
	if !accepted(b, payload) {
		t.Errorf("B refuses %s: %v", payload, b.Check([]byte(payload), schema.InResponse))
	}
}

func accepted(s *schema.Schema, payload string) bool {
	return s.Check([]byte(payload), schema.InResponse) == nil
}
