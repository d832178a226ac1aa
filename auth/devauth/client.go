package devauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// client is a Client ready for use: of the secret only its hash is left.
type client struct {
	id         string
	secretHash [sha256.Size]byte
	scopes     []string
	audiences  []string // in the order of Config.Audiences, never empty
}

func newClients(cfg Config) map[string]*client {
	clients := make(map[string]*client, len(cfg.Clients))
	for _, c := range cfg.Clients {
		audiences := slices.DeleteFunc(slices.Clone(cfg.Audiences), func(a string) bool {
			return len(c.Audiences) > 0 && !slices.Contains(c.Audiences, a)
		})
		clients[c.ID] = &client{
			id:         c.ID,
			secretHash: sha256.Sum256([]byte(c.Secret)),
			scopes:     unique(c.Scopes),
			audiences:  audiences,
		}
	}
	return clients
}

// authenticate takes client_secret_basic or client_secret_post, never both (RFC 6749 §2.3). A client_id beside Basic is
// no second method, but it must be the same one.
func (s *Server) authenticate(header http.Header, params url.Values) (*client, error) {
	authorization := header["Authorization"]
	inBody := params.Get("client_secret") != "" || params.Get("client_assertion") != ""
	if len(authorization) > 1 || len(authorization) == 1 && inBody {
		return nil, errAuthMethods
	}
	if len(authorization) == 0 {
		return s.checkSecret(params.Get("client_id"), params.Get("client_secret"))
	}
	id, secret, ok := parseBasic(authorization[0])
	if !ok {
		return nil, errClient
	}
	if named := params.Get("client_id"); named != "" && named != id {
		return nil, errAuthMethods
	}
	return s.checkSecret(id, secret)
}

// checkSecret does the same work whether or not the client exists. Hashing both sides makes the compared lengths equal.
func (s *Server) checkSecret(id, secret string) (*client, error) {
	c, known := s.clients[id]
	if !known {
		c = &client{}
	}
	given := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(given[:], c.secretHash[:]) != 1 || !known {
		return nil, errClient
	}
	return c, nil
}

// parseBasic reads a Basic credential whose two halves are form-encoded before they are joined (RFC 6749 §2.3.1), so
// that an id may hold a colon.
func parseBasic(authorization string) (id, secret string, ok bool) {
	scheme, encoded, found := strings.Cut(authorization, " ")
	if !found || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	first, second, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", "", false
	}
	id, errID := url.QueryUnescape(first)
	secret, errSecret := url.QueryUnescape(second)
	if errID != nil || errSecret != nil || id == "" {
		return "", "", false
	}
	return id, secret, true
}
