package devauth

import (
	"bytes"
	"encoding/json"
	"net/http"
)

const hugeBytes = 200 << 20

func (s *Server) serveJWKS(w http.ResponseWriter, _ *http.Request) {
	set, odd := s.keys.set.Load(), s.odd.Load()
	if whole := odd.whole(); whole != "" {
		s.writeWhole(w, whole, set, odd.keys)
		return
	}
	var keys []any
	if len(odd.kinds) > 0 {
		keys = odd.keys.of(odd.kinds, set.current.public.KeyID)
	}
	// In front, where a reader that gives up at the first odd key gets none of the good ones.
	s.writeKeys(w, append(keys, set.public()...))
}

// serveElsewhere is where OddRedirect leads: always the good keys.
func (s *Server) serveElsewhere(w http.ResponseWriter, _ *http.Request) {
	s.writeKeys(w, s.keys.set.Load().public())
}

func (s *Server) writeWhole(w http.ResponseWriter, kind OddKind, set *keySet, odd *oddKeys) {
	switch kind {
	case OddEmpty:
		s.writeKeys(w, []any{})
	case OddUnusable:
		s.writeKeys(w, odd.unusable())
	case OddMany:
		s.writeKeys(w, odd.fill(set.public()))
	case OddHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>development</title><p>This is no key set.\n"))
	case OddRedirect:
		w.Header().Set("Location", s.issuer+elsewherePath[1:])
		writeText(w, http.StatusFound, "the key set is elsewhere\n")
	case OddStatus404:
		writeText(w, http.StatusNotFound, "the key set is switched to 404\n")
	case OddStatus429:
		w.Header().Set("Retry-After", "30")
		writeText(w, http.StatusTooManyRequests, "the key set is switched to 429\n")
	case OddStatus500:
		writeText(w, http.StatusInternalServerError, "the key set is switched to 500\n")
	default:
		s.writeMisshapen(w, kind, set)
	}
}

// writeMisshapen writes the good document in a bad shape.
func (s *Server) writeMisshapen(w http.ResponseWriter, kind OddKind, set *keySet) {
	body, err := keyDocument(set.public())
	if err != nil {
		s.writeError(w, err)
		return
	}
	switch kind {
	case OddTruncated:
		writeCacheable(w, body[:len(body)/2])
	case OddTrailing:
		writeCacheable(w, append(body, "\n{}\n"...))
	default:
		writeHuge(w, body)
	}
}

// writeHuge puts the padding into a member in front of the keys: who reads no further than the good keys has read it
// all. It is one valid JSON text, sent in pieces, whose length no header tells.
func writeHuge(w http.ResponseWriter, body []byte) {
	const start, end = `{"padding":"`, `",`
	rest := append([]byte(end), body[1:]...)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(start))
	piece := bytes.Repeat([]byte("A"), 64<<10)
	for left := hugeBytes - len(start) - len(rest); left > 0; left -= len(piece) {
		if _, err := w.Write(piece[:min(left, len(piece))]); err != nil {
			return // the client has had enough
		}
	}
	_, _ = w.Write(rest)
}

func (s *Server) writeKeys(w http.ResponseWriter, keys []any) {
	body, err := keyDocument(keys)
	if err != nil {
		s.writeError(w, err)
		return
	}
	writeCacheable(w, body)
}

// keyDocument is the JWKS document, RFC 7517 §5.
func keyDocument(keys []any) ([]byte, error) {
	return json.Marshal(map[string][]any{"keys": keys})
}
