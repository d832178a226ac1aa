package devauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	readHeaderTimeout = 5 * time.Second
	requestTimeout    = 10 * time.Second
	idleTimeout       = time.Minute
	maxHeaderBytes    = 16 << 10
	// shutdownGrace is far more than a token takes; what is still open then is a connection without a request.
	shutdownGrace = 2 * time.Second
)

// Server is one development authorization server. All of its methods may be called at the same time.
type Server struct {
	ln      net.Listener
	addr    netip.AddrPort
	cfg     Config
	clients map[string]*client
	issuer  string
	log     *slog.Logger
	keys    keyring
	handler http.Handler

	switches
	makeOddKeys func() (*oddKeys, error)
	received    counters
}

// New makes a server for a listener, which tells it its issuer, and generates its keys. A listener that is not on a
// loopback address is ErrNotLoopback; a wrong Config is an error that names every fault. After an error, and until
// Serve is called, closing the listener is the caller's business.
func New(ln net.Listener, cfg Config) (*Server, error) {
	addr, err := loopbackAddr(ln)
	if err != nil {
		return nil, err
	}
	cfg, err = cfg.normalized()
	if err != nil {
		return nil, err
	}
	s := &Server{
		ln:      ln,
		addr:    addr,
		cfg:     cfg,
		clients: newClients(cfg),
		issuer:  "http://" + addr.String() + "/",
		log:     cfg.Logger.With(slog.Bool("development_only", true)),

		makeOddKeys: sync.OnceValues(newOddKeys), // not before somebody wants them
	}
	s.allOff()
	if err := s.keys.fill(); err != nil {
		return nil, fmt.Errorf("devauth: %w", err)
	}
	if s.handler, err = s.newHandler(); err != nil {
		return nil, err
	}
	return s, nil
}

// Issuer is the issuer identifier, with a trailing slash as Auth0 writes it. It never changes.
func (s *Server) Issuer() string { return s.issuer }

// TokenURL is the URL of the token endpoint.
func (s *Server) TokenURL() string { return s.issuer + tokenPath[1:] }

// JWKSURL is the URL of the key set.
func (s *Server) JWKSURL() string { return s.issuer + jwksPath[1:] }

// Handler is everything that the server answers, guards included. It panics with http.ErrAbortHandler where a request is
// to go without an answer.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers requests until ctx is done, lets those in flight finish for two seconds, drops those that a switch holds,
// and gives nil then. It closes the listener in any case and can be called once.
func (s *Server) Serve(ctx context.Context) error {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// A request that a switch holds must not hold up the stop.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		// "OPTIONS *" would otherwise be answered in front of the guards.
		DisableGeneralOptionsHandler: true,
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(s.ln) }()
	s.log.Info("development authorization server is listening; never use it in production",
		slog.String("issuer", s.issuer))

	select {
	case err := <-failed:
		return fmt.Errorf("devauth: serving: %w", err)
	case <-ctx.Done():
	}
	s.stop(ctx, srv)
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("devauth: serving: %w", err)
	}
	return nil
}

// stop closes by force what is left after the grace: a browser keeps connections open that it never uses, and those
// are no reason to call the stop unclean.
func (s *Server) stop(ctx context.Context, srv *http.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		err = errors.Join(err, srv.Close())
		s.log.Warn("connections were closed by force", slog.Any("error", err))
	}
	s.log.Info("development authorization server has stopped")
}
