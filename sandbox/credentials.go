package sandbox

import (
	"errors"
	"net/http"
	"slices"

	"github.com/interconnect-go/interconnect/api/cloudflare"
	"github.com/interconnect-go/interconnect/contract"
)

// credentials say who may do what. The zero value lets everybody do everything.
type credentials struct {
	tokens     map[string][]string // the permissions of each; nil if any token will do
	unentitled bool
}

var errUnauthorized = errors.New("unauthorized")

// admit decides whether what a request presents, a token or an e-mail address and a key, suffices for an operation.
func (c credentials) admit(op *contract.Operation, presented []contract.Credential) error {
	if c.unentitled {
		return &contract.Failure{Status: http.StatusForbidden, Message: "Forbidden; the account is not entitled to Network Interconnects"}
	}
	if c.tokens == nil {
		return nil
	}
	for _, credential := range presented {
		if credential.Scheme.Type != "http" {
			return errUnauthorized
		}
		permissions, ok := c.tokens[credential.Value]
		if !ok {
			return errUnauthorized
		}
		if !slices.ContainsFunc(permissions, func(p string) bool { return slices.Contains(cloudflare.Permissions(op), p) }) {
			return cloudflare.Forbidden(op)
		}
	}
	return nil
}
