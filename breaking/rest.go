package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// compareRest finds what neither oasdiff nor payloads show: media types, headers of responses, and the server.
func compareRest(before, after *openapi3.T, file string) (findings []finding) {
	report := func(rule, at, format string, args ...any) {
		findings = append(findings, finding{Rule: rule, Where: file, At: at, Text: fmt.Sprintf(format, args...)})
	}
	if was, is := basePath(before), basePath(after); was != is {
		report("server-changed", wholeDocument, "the URL of the server is %q and was %q; callers have the old one", is, was)
	}
	old, now := operations(before), operations(after)
	for _, at := range slices.Sorted(maps.Keys(now)) {
		was, is := old[at], now[at]
		if was == nil {
			continue
		}
		where := file
		if is.Origin != nil && is.Origin.Key != nil {
			where = fmt.Sprintf("%s:%d:%d", file, is.Origin.Key.Line, is.Origin.Key.Column)
		}
		start := len(findings)
		if was.RequestBody != nil && is.RequestBody != nil {
			for _, mediaType := range missing(was.RequestBody.Value.Content, is.RequestBody.Value.Content) {
				report("request-media-type-removed", at, "the request body may not be %s any more", mediaType)
			}
		}
		for _, status := range slices.Sorted(maps.Keys(is.Responses.Map())) {
			response, earlier := is.Responses.Value(status).Value, was.Responses.Value(status)
			if earlier == nil {
				continue
			}
			if len(earlier.Value.Content) > 0 {
				for _, mediaType := range missing(response.Content, earlier.Value.Content) {
					report("response-media-type-added", at, "the %s response may be %s, which earlier readers do not know", status, mediaType)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(earlier.Value.Headers)) {
				compareHeader(name, earlier.Value.Headers[name], response.Headers, func(rule, what string) {
					report(rule, at, "the header %s of the %s response %s", name, status, what)
				})
			}
		}
		for i := range findings[start:] {
			findings[start+i].Where = where
		}
	}
	return findings
}

// compareHeader compares a header of a response with what has become of it.
func compareHeader(name string, was *openapi3.HeaderRef, headers openapi3.Headers, report func(rule, what string)) {
	is := headers[name]
	switch {
	case is == nil:
		report("response-header-removed", "is not declared any more")
	case was.Value.Schema != nil && is.Value.Schema != nil && !slices.Equal(was.Value.Schema.Value.Type.Slice(), is.Value.Schema.Value.Type.Slice()):
		report("response-header-type-changed", fmt.Sprintf("is of type %s and was of type %s",
			strings.Join(is.Value.Schema.Value.Type.Slice(), ", "), strings.Join(was.Value.Schema.Value.Type.Slice(), ", ")))
	case was.Value.Required && !is.Value.Required:
		report("response-header-became-optional", "may be missing")
	}
}

// missing are the media types of the first content that the second one does not have, sorted.
func missing(content, other openapi3.Content) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(content)), func(mediaType string) bool { return other[mediaType] != nil })
}

// basePath is the URL of the first server.
func basePath(doc *openapi3.T) string {
	if len(doc.Servers) == 0 {
		return "/"
	}
	return doc.Servers[0].URL
}
