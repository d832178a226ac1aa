package devauth

import (
	"errors"
	"fmt"
	"log/slog"
)

// ErrUnknownKey says that a key to revoke is not published.
var ErrUnknownKey = errors.New("devauth: no published key has this kid")

// Rotate makes the next key the current one, as Auth0 does: the current key becomes a previous one, which stays
// published, and a new next key is generated. Of the previous keys the ten newest are kept.
func (s *Server) Rotate() error {
	_, err := s.rotate()
	return err
}

// rotate gives the kid that it brought into use.
func (s *Server) rotate() (string, error) {
	set, err := s.keys.rotate()
	if err != nil {
		return "", fmt.Errorf("devauth: rotating: %w", err)
	}
	s.log.Info("signing key rotated", slog.String("kid", set.current.public.KeyID))
	return set.current.public.KeyID, nil
}

// Revoke takes one key out of the key set at once, or all the previous ones where kid is "". In the place of the current
// key comes the next one, and in that of the next one a new one. A kid that is not published is ErrUnknownKey.
func (s *Server) Revoke(kid string) error {
	_, err := s.revoke(kid)
	return err
}

// revoke gives the kids that it took out.
func (s *Server) revoke(kid string) ([]string, error) {
	revoked, err := s.keys.revoke(kid)
	if errors.Is(err, ErrUnknownKey) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("devauth: revoking: %w", err)
	}
	s.log.Info("signing keys revoked", slog.Any("kids", revoked))
	return revoked, nil
}
