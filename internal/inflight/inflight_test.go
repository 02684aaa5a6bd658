package inflight_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/interconnect-go/interconnect/internal/inflight"
)

func TestBudget(t *testing.T) {
	b := inflight.NewBudget(100)
	var taken atomic.Int64
	var taking sync.WaitGroup
	for range 50 {
		taking.Go(func() {
			for range 1000 {
				if b.Take(7) {
					if sum := taken.Add(7); sum > 100 {
						t.Errorf("%d bytes are taken", sum)
					}
					taken.Add(-7)
					b.Give(7)
				}
			}
		})
	}
	taking.Wait()
	if !b.Take(100) || b.Take(1) {
		t.Error("100 bytes can be taken, not more and not less")
	}
}

// Where there is no connection, nothing is read and nothing changes.
func TestCloseUnreadWithoutConnection(t *testing.T) {
	r, w := httptest.NewRequest("POST", "/", strings.NewReader("x")), httptest.NewRecorder()
	inflight.CloseUnread(w, r)
	if n, _ := r.Body.Read(make([]byte, 1)); n != 1 || len(w.Header()) > 0 {
		t.Errorf("the body was read, or the header is %v", w.Header())
	}
	r.Body = http.NoBody
	inflight.CloseUnread(w, r)
}
