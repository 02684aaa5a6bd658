// Package interop holds tests in which Cloudflare's official SDKs call the sandbox: cloudflare-go in versions 6 and 7,
// and the TypeScript SDK. It is a module of its own, so that users of the sandbox do not get the SDKs. What else comes
// from the npm registry is here too: Prism, linters, and axe-core, which looks at the pages of the sandbox.
package interop
