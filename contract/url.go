package contract

import (
	"fmt"
	"net/url"
	"strings"
)

// OperationURL joins the URL of a server, which ends with a slash, and the path of an operation, whose parameters are
// filled in. The client that oapi-codegen generates calls it.
//
// A parameter that is "." or ".." is an error: as a part of a path it would lead to another operation.
func OperationURL(server *url.URL, path string) (*url.URL, error) {
	path = strings.TrimPrefix(path, ".")
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return nil, fmt.Errorf("a path parameter is %q, which would lead to another operation", segment)
		}
	}
	return server.Parse("." + path)
}
