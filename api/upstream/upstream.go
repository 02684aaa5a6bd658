// Package upstream compares our document with the one that Cloudflare publishes, and tells the differences that are meant
// from those that are news.
//
// Theirs describes all of Cloudflare and is large. It is streamed, and only what our operations reach is kept. The names of
// its schemas are not ours to rely on, so nothing is compared by name: an operation is found by method and path, and a
// schema by its place under an operation, through references, allOf and the variants of unions.
package upstream

import (
	"io"
	"strings"
)

// Prefix is where the paths of our operations begin.
const Prefix = "/accounts/{account_id}/cni/"

// A File is a text and how messages name it.
type File struct {
	Name string
	Text []byte
}

// Compare is the whole pipeline. The error, if any, means that a document cannot be read; a difference is not an error.
func Compare(ours, known File, theirName string, theirs io.ReadSeeker) (*Report, error) {
	// Read: ours as a whole and with lines and columns, theirs only as far as our operations reach.
	our, err := readOurs(ours)
	if err != nil {
		return nil, err
	}
	their, err := readTheirs(theirName, theirs)
	if err != nil {
		return nil, err
	}
	notes, err := readNotes(known)
	if err != nil {
		return nil, err
	}

	// Compare: walk both documents from their operations down.
	c := comparison{ours: our, theirs: their, seen: map[[2]string]bool{}, noted: map[[3]string]bool{}}
	c.documents()

	// Sort: what a note explains is meant, everything else is news; a note that explains nothing is stale.
	return sortOut(c.inOrder(), notes, known.Name), nil
}

// normal is a path without the names of its parameters, which are free.
func normal(path string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("{}")
		_, path, _ = strings.Cut(rest, "}")
	}
}

// isOurs reports whether a path is one of the API that our document describes.
func isOurs(path string) bool { return strings.HasPrefix(normal(path)+"/", normal(Prefix)) }
