package cloudflare

import (
	"encoding/json"
	"net/http"
	"strings"

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

// Forbidden is what [contract.HandlerOptions.Authenticate] returns for a token that is genuine, but has none of the permissions of the
// operation. The response, a 403, lists them.
func Forbidden(op *contract.Operation) *contract.Failure {
	message := "Forbidden"
	if permissions := Permissions(op); len(permissions) > 0 {
		message += "; any one of these permissions is enough: " + strings.Join(permissions, ", ")
	}
	return &contract.Failure{Status: http.StatusForbidden, Message: message}
}
