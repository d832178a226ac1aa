package httperr_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"mcp-resource-server/internal/httperr"
)

func TestWrite(t *testing.T) {
	w := httptest.NewRecorder()
	httperr.Write(w, http.StatusForbidden, httperr.Body{Error: "forbidden", Description: "why <b>"})
	if w.Code != http.StatusForbidden || w.Body.String() != `{"error":"forbidden","error_description":"why <b>"}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
