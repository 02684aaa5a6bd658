package cloudflare

import (
	"encoding/json"

	"github.com/interconnect-go/interconnect/contract"
)

// Permissions lists the permissions of a token any of which is enough for an operation (x-api-token-group). It is empty if the document names none.
func Permissions(op *contract.Operation) []string {
	var permissions []string
	if text, ok := op.Extensions["x-api-token-group"]; ok {
		if err := json.Unmarshal([]byte(text), &permissions); err != nil {
			return nil // the document says something else than a list
		}
	}
	return permissions
}
