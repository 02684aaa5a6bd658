package reference

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"

	swaggerui "github.com/swaggest/swgui/v5/static"
)

//go:embed assets
var own embed.FS

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	content, err := asset(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	send(w, contentTypes[path.Ext(name)], content)
}

// asset returns a file of ours or, if there is none of that name, of Swagger UI. The module holds the latter compressed.
func asset(name string) ([]byte, error) {
	if content, err := own.ReadFile("assets/" + name); err == nil {
		return content, nil
	}
	compressed, err := swaggerui.FS.ReadFile(name + ".gz")
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
