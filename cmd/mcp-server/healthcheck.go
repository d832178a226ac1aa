package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"mcp-resource-server/config"
)

const healthcheckTimeout = 3 * time.Second

func (p *program) healthcheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the server on this machine whether it serves (GET /healthz); exit status 0 or 1",
		Long: "For a container's HEALTHCHECK, where there is no curl. It finds the server through the same\n" +
			"configuration as serve.",
		Args: cobra.NoArgs,
	}
	load := p.configFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		return healthcheck(cmd.Context(), cfg)
	}
	return cmd
}

func healthcheck(ctx context.Context, cfg config.Config) error {
	target, err := healthURL(cfg)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // no proxy: the server is here
	if cfg.HTTP.TLS.CertFile != "" {
		if transport.TLSClientConfig, err = pinnedTLS(cfg); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", resp.Status)
	}
	return nil
}

// healthURL is /healthz at the address that the server listens on, or at
// loopback where that is every address.
func healthURL(cfg config.Config) (string, error) {
	host, port, err := net.SplitHostPort(cfg.HTTP.Addr)
	if err != nil {
		return "", fmt.Errorf("http.addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/healthz"}
	if cfg.HTTP.TLS.CertFile != "" {
		u.Scheme = "https"
	}
	return u.String(), nil
}

// pinnedTLS accepts the one certificate that the server is configured with, and no
// other: it need not be made out to the address that is asked here.
func pinnedTLS(cfg config.Config) (*tls.Config, error) {
	own, err := cfg.HTTP.TLS.Load()
	if err != nil {
		return nil, err
	}
	leaf := own.Certificates[0].Certificate[0]
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection compares the whole certificate
		VerifyConnection: func(state tls.ConnectionState) error {
			if !bytes.Equal(state.PeerCertificates[0].Raw, leaf) {
				return errors.New("the server shows another certificate than the configured one")
			}
			return nil
		},
	}, nil
}
