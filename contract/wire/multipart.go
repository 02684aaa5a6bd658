package wire

import (
	"mime"
	"mime/multipart"
	"net/http"
)

// MultipartBody returns a reader of the parts of a body of the content with an index; nil for another body, or one without a boundary. The parts
// are not validated.
func MultipartBody(c *Call, index int) *multipart.Reader {
	if c.Content == nil || c.Content != &c.route.Body.Content[index] {
		return nil
	}
	_, parameters, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if err != nil || parameters["boundary"] == "" {
		return nil
	}
	return multipart.NewReader(c.stream, parameters["boundary"])
}

// RespondMultipart writes a response of several parts, which a function writes.
func RespondMultipart(w http.ResponseWriter, h *Headers, status int, contentType string, write func(*multipart.Writer) error) error {
	if err := h.set(w); err != nil {
		return invalidResponse(status, nil, err)
	}
	parts := multipart.NewWriter(w)
	w.Header().Set("Content-Type", mime.FormatMediaType(contentType, map[string]string{"boundary": parts.Boundary()}))
	w.WriteHeader(status)
	if err := write(parts); err != nil {
		return err
	}
	return parts.Close()
}
