package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"mcp-resource-server/auth/devauth"
)

// startIssuer starts the development authorization server on a loopback address,
// and gives what stops it. It outlives ctx: the server is stopped first.
func startIssuer(ctx context.Context, audience string) (*issuer, func() error, error) {
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("starting the issuer: %w", err)
	}
	i := &issuer{audience: audience, client: &http.Client{Transport: callTransport()}}
	cfg := devauth.Config{Audiences: []string{audience}, TokenTTL: tokenLife}
	for n := range tokensPerKey {
		c := credentials{id: fmt.Sprintf("drill-%d", n+1), secret: rand.Text()}
		i.clients = append(i.clients, c)
		cfg.Clients = append(cfg.Clients, devauth.Client{ID: c.id, Secret: c.secret, Scopes: []string{"tool:calculate_bmi"}})
	}
	s, err := devauth.New(ln, cfg)
	if err != nil {
		_ = ln.Close() // it has served nobody
		return nil, nil, fmt.Errorf("starting the issuer: %w", err)
	}
	i.base = s.Issuer()
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	return i, func() error {
		cancel()
		i.client.CloseIdleConnections()
		return <-ended
	}, nil
}
