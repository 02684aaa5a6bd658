// Package interop holds tests in which Cloudflare's official SDKs call the sandbox: cloudflare-go in versions 6 and 7, and the
// TypeScript SDK. It is a module of its own, so that nobody who uses the sandbox gets the SDKs.
package interop
