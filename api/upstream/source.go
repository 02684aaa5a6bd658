package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// maxSize bounds what is fetched, in bytes. The published document has 20 MB.
const maxSize = 200 << 20

// A Source is their document as a file that can be read several times.
type Source struct {
	*os.File
	temporary bool
}

// Open opens a file, or fetches what begins with http:// or https:// into a temporary one.
func Open(ctx context.Context, name string) (*Source, error) {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return fetch(ctx, name, maxSize)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &Source{File: file}, nil
}

// Close also removes a temporary file.
func (s *Source) Close() error {
	err := s.File.Close()
	if s.temporary {
		err = errors.Join(err, os.Remove(s.Name()))
	}
	return err
}

func fetch(ctx context.Context, url string, limit int64) (*Source, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s; name a document that is there", url, response.Status)
	}
	file, err := os.CreateTemp("", "upstream-*.json")
	if err != nil {
		return nil, err
	}
	source := &Source{File: file, temporary: true}
	switch size, err := io.Copy(file, io.LimitReader(response.Body, limit+1)); {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("%s: %w; try again", url, err), source.Close())
	case size > limit:
		return nil, errors.Join(fmt.Errorf("%s: more than %d bytes; name an OpenAPI document", url, limit), source.Close())
	}
	return source, nil
}
