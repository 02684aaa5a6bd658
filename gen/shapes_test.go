package main

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every object of OpenAPI 3.0 with every member that can stand in it.
const everyMember = `openapi: 3.0.3
info: {title: t, version: "1", description: d, contact: {name: n, url: "https://e.com", email: e@e.com}, license: {name: n, url: "https://e.com"}, termsOfService: "https://e.com"}
servers: [{url: "https://e.com/{v}", description: d, variables: {v: {default: a, enum: [a], description: d}}}]
tags: [{name: a, description: d, externalDocs: {url: "https://e.com", description: d}}]
externalDocs: {url: "https://e.com"}
security: [{key: [a]}]
paths:
  x-extension: {a: b}
  /a/{id}:
    summary: s
    description: d
    servers: [{url: "https://e.com"}]
    parameters:
      - {name: id, in: path, required: true, description: d, schema: {type: string}, style: simple, explode: false, example: a}
    get:
      operationId: a
      summary: s
      description: d
      tags: [a]
      deprecated: false
      security: [{key: []}]
      servers: [{url: "https://e.com"}]
      externalDocs: {url: "https://e.com"}
      parameters:
        - {name: q, in: query, allowReserved: false, allowEmptyValue: false, deprecated: false, schema: {$ref: "#/components/schemas/Number"}}
        - {$ref: "#/components/parameters/P"}
      requestBody:
        description: d
        required: true
        content:
          application/xml:
            schema: {$ref: "#/components/schemas/A"}
            examples: {e: {summary: s, description: d, value: 1}}
            encoding: {a: {contentType: a/b, style: form, explode: true, allowReserved: false, headers: {X: {schema: {type: string}}}}}
      responses:
        x-extension: [a]
        "200":
          description: d
          headers: {X: {description: d, required: true, deprecated: false, style: simple, explode: false, example: a, schema: {type: string}}}
          content: {application/xml: {schema: {$ref: "#/components/schemas/String"}, example: a}}
          links: {l: {operationId: a, description: d, parameters: {id: a}, requestBody: a, server: {url: "https://e.com"}}}
      callbacks: {c: {"{$request.body#/a}": {post: {operationId: b, responses: {"200": {description: d}}}}}}
components:
  schemas:
    Number: {type: integer, minimum: 1, maximum: 5, exclusiveMinimum: false, exclusiveMaximum: false, multipleOf: 1, default: 1, example: 2, enum: [1, 2]}
    String: {type: string, format: f, pattern: a, minLength: 1, maxLength: 2, nullable: true, readOnly: false, writeOnly: false, title: t, description: d}
    A: {type: object, required: [a], minProperties: 1, maxProperties: 9, additionalProperties: false, properties: {a: {$ref: "#/components/schemas/List"}}}
    List: {type: array, items: {type: string}, minItems: 1, maxItems: 2, uniqueItems: true, xml: {name: n, namespace: "https://e.com", prefix: p, attribute: false, wrapped: false}}
    B: {oneOf: [{$ref: "#/components/schemas/A"}], discriminator: {propertyName: a, mapping: {a: "#/components/schemas/A"}}}
    C: {allOf: [{type: object}], anyOf: [{type: object}], not: {type: string}, additionalProperties: {type: string}, externalDocs: {url: "https://e.com"}, deprecated: true}
  parameters:
    P: {name: p, in: query, content: {application/xml: {schema: {type: string}}}}
  securitySchemes:
    key: {type: apiKey, name: a, in: header, description: d}
    o: {type: oauth2, flows: {implicit: {authorizationUrl: "https://e.com", refreshUrl: "https://e.com", scopes: {a: b}}}}
    h: {type: http, scheme: bearer, bearerFormat: b}
    c: {type: openIdConnect, openIdConnectUrl: "https://e.com/openid"}
  examples: {e: {externalValue: "https://e.com"}}
`

// Whatever stands where OpenAPI wants something else, the diagnostic has its place and our words, not those of encoding/json.
func TestWrongTypes(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(everyMember), &root); err != nil {
		t.Fatal(err)
	}
	if _, err := load("openapi.yaml", []byte(everyMember)); err != nil {
		t.Fatalf("the document as it is: %v", err)
	}
	refused := 0
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		original := *n
		for _, wrong := range []string{"-1", "true", "text", "[a]", "{a: b}"} {
			var replacement yaml.Node
			if err := yaml.Unmarshal([]byte(wrong), &replacement); err != nil {
				t.Fatal(err)
			}
			*n = *replacement.Content[0]
			text, err := yaml.Marshal(&root)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := load("openapi.yaml", text); err != nil {
				refused++
				for line := range strings.Lines(err.Error()) {
					if !strings.HasPrefix(line, "openapi.yaml:") || strings.HasPrefix(line, "openapi.yaml:0:") || strings.Contains(line, "unmarshal") {
						t.Errorf("%s, line %d: %s", wrong, original.Line, line)
					}
				}
			}
		}
		*n = original
		switch n.Kind {
		case yaml.MappingNode:
			for i := 1; i < len(n.Content); i += 2 {
				walk(n.Content[i])
			}
		case yaml.SequenceNode:
			for _, item := range n.Content {
				walk(item)
			}
		}
	}
	walk(root.Content[0])
	if refused < 500 {
		t.Errorf("only %d documents are refused", refused)
	}
}
