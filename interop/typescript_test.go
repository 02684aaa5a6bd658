package interop

import "testing"

// The TypeScript SDK makes the round that typescript/round.mjs describes.
func TestTypeScript(t *testing.T) {
	install(t, "typescript")
	url, served := serve(t)
	t.Log(run(t, "typescript", "node", "round.mjs", url))
	equal(t, "conflicts", served.count("operation=create_cni", "status=409"), 1)
}
