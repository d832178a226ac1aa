package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"mcp-resource-server/internal/fakemodel"
	"mcp-resource-server/internal/sampleweather"
	"mcp-resource-server/internal/weather"
	"mcp-resource-server/tools"
)

// samples is what stands in for the services that dev --offline does without: the
// weather, and a model for `mcpctl ask`.
type samples struct {
	listener net.Listener
	server   *http.Server
}

func newSamples(ln net.Listener) *samples {
	mux := http.NewServeMux()
	mux.Handle("/v1/forecast", sampleweather.Handler(time.Now))
	mux.Handle("/v1/", fakemodel.Standin())
	return &samples{listener: ln, server: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}}
}

func (s *samples) url() string { return "http://" + s.listener.Addr().String() }

// modelURL is what OPENAI_BASE_URL must be.
func (s *samples) modelURL() string { return s.url() + "/v1" }

// weatherConfig points the weather tool here.
func (s *samples) weatherConfig() tools.WeatherConfig {
	return tools.WeatherConfig{Provider: string(weather.OpenMeteo), BaseURL: s.url()}
}

// serve serves until ctx is done.
func (s *samples) serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.server.Close() })
	defer stop()
	if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving samples: %w", err)
	}
	return nil
}
