package interop

import (
	"testing"

	"github.com/interconnect-go/interconnect/interop/internal/npm"
)

// The TypeScript SDK makes the round that typescript/round.mjs describes.
func TestTypeScript(t *testing.T) {
	npm.Install(t, "typescript")
	url, served := serve(t)
	t.Log(run(t, "typescript", "node", "round.mjs", url))
	equal(t, "conflicts", served.count("operation=create_cni", "status=409"), 1)
}
