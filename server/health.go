package server

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/httperr"
)

// health says that the process serves requests.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	httperr.WriteRaw(w, http.StatusOK, []byte("{\"status\":\"ok\"}\n"))
}

// readiness is the answer of /readyz; the issuers stand in it with ?verbose.
type readiness struct {
	Status  string            `json:"status"`
	Issuers []issuerReadiness `json:"issuers,omitempty"`
}

type issuerReadiness struct {
	Issuer      string `json:"issuer"`
	Required    bool   `json:"required"`
	Usable      bool   `json:"usable"`
	Keys        int    `json:"keys"`
	Cached      bool   `json:"cached,omitzero"`        // kept on disk by an earlier run
	LastSuccess string `json:"last_success,omitempty"` // RFC 3339, UTC
	KeyAge      string `json:"key_age,omitempty"`
	LastError   string `json:"last_error,omitempty"` // a class, never an error's text
	NextFetch   string `json:"next_fetch,omitempty"` // RFC 3339, UTC
}

// ready says whether tokens can be verified now.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ok, issuers := s.opts.Trust.Ready()
	answer, status := readiness{Status: "ready"}, http.StatusOK
	if !ok {
		answer, status = readiness{Status: "not ready"}, http.StatusServiceUnavailable
	}
	if s.draining.Err() != nil {
		answer, status = readiness{Status: "draining"}, http.StatusServiceUnavailable
	}
	if r.URL.Query().Has("verbose") {
		for _, i := range issuers {
			answer.Issuers = append(answer.Issuers, describeIssuer(i))
		}
	}
	data, err := json.Marshal(answer)
	if err != nil { // strings, numbers and booleans always marshal
		panic(err)
	}
	httperr.WriteRaw(w, status, append(data, '\n'))
}

func describeIssuer(i auth.KeyStatus) issuerReadiness {
	out := issuerReadiness{
		Issuer: i.Issuer, Required: i.Required, Usable: i.Usable, Keys: i.Keys, Cached: i.Cached, LastError: i.LastError,
	}
	if !i.LastSuccess.IsZero() {
		out.LastSuccess = i.LastSuccess.UTC().Format(time.RFC3339)
		out.KeyAge = time.Since(i.LastSuccess).Round(time.Second).String()
	}
	if !i.NextFetch.IsZero() {
		out.NextFetch = i.NextFetch.UTC().Format(time.RFC3339)
	}
	return out
}
