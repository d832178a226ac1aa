package devauth

import (
	"fmt"
	"log/slog"
	"time"
)

// SetSkew lets the issuer's clock run ahead by that much, or behind where by is negative; at most a year. It moves iat
// and exp of all that is issued from now on, and those of Claims. Zero switches it off.
func (s *Server) SetSkew(by time.Duration) error {
	if by < -maxSkew || by > maxSkew {
		return fmt.Errorf("devauth: skew: %w", errParameterValue)
	}
	s.skew.Store(int64(by))
	s.log.Info("clock skew switched", slog.Duration("by", by))
	return nil
}

// now is the issuer's clock, right or wrong.
func (s *Server) now() time.Time { return s.cfg.Now().Add(time.Duration(s.skew.Load())) }
