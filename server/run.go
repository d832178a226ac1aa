package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	// maxHeaderBytes leaves room for the largest token that is judged (16 KiB)
	// and ends what is larger with net/http's own 431.
	maxHeaderBytes = 32 << 10
	// streamLinger is how long streams outlive the last call when the server stops.
	streamLinger = 250 * time.Millisecond
)

// Serve serves on ln until ctx is done. Then it stops accepting, gives calls in
// flight http.shutdown_grace to finish, and ends the streams that have no end of
// their own. It returns nil on a stop that was asked for.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		TLSConfig:         s.tls,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		// "OPTIONS *" would otherwise be answered in front of every guard.
		DisableGeneralOptionsHandler: true,
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		s.shutdown(server)
	})
	var err error
	if s.tls != nil {
		err = server.ServeTLS(ln, "", "")
	} else {
		err = server.Serve(ln)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("serving: %w", err)
	}
	<-stopped
	return nil
}

func (s *Server) shutdown(server *http.Server) {
	s.log.Info("stopping: no new connections, calls in flight may finish", "grace", s.opts.HTTP.ShutdownGrace)
	s.drain()
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.HTTP.ShutdownGrace)
	defer cancel()
	go s.endStreamsAfter(ctx, s.calls.wait())
	if err := server.Shutdown(ctx); err != nil {
		s.log.Warn("calls were still in flight after the grace, and were cut off")
		_ = server.Close()
	}
	s.awaitWatches(ctx)
}

// endStreamsAfter ends the streams when the calls have ended and their answers
// have had a moment to arrive: a client whose session's stream breaks gives up
// its call, too.
func (s *Server) endStreamsAfter(ctx context.Context, idle <-chan struct{}) {
	defer s.endStreams()
	select {
	case <-ctx.Done():
		return
	case <-idle:
	}
	select {
	case <-ctx.Done():
	case <-time.After(streamLinger):
	}
}
