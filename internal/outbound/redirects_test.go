package outbound

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

type doer struct{}

func (doer) Do(*http.Request) (*http.Response, error) { return nil, http.ErrNotSupported }

func TestWithoutRedirects(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	t.Cleanup(srv.Close)
	follows := &http.Client{}
	for want, d := range map[int]Doer{http.StatusFound: WithoutRedirects(follows), http.StatusOK: follows} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := d.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("status %d, want %d", resp.StatusCode, want)
		}
	}
	if got := WithoutRedirects(doer{}); got != (doer{}) {
		t.Errorf("another Doer became %T", got)
	}
}
