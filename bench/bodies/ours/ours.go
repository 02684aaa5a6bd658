// Package ours is what contractgen makes of the document of bodies.
package ours

//go:generate go tool contractgen -config contractgen.yaml
